import { serviceBinding } from "@mortise/core/mail/service-binding"

/** Sends the mail in the body through the binding that the path names, and says what came of it. */
export default {
  /**
   * @param {Request} request
   * @param {Record<string, any>} env
   */
  async fetch(request, env) {
    const send = serviceBinding(env[new URL(request.url).pathname.slice(1)], { timeout: "3s" })
    try {
      await send(await request.json())
      return Response.json({ sent: true })
    } catch (error) {
      const { cause, code, detail, fault, message, name, stack } = Object(error)
      return Response.json({ cause, code, detail, fault, message, name, stack })
    }
  },
}
