// The Worker in front of the demo, on the one address that the browser has. There is nothing like it on Cloudflare: it only puts the stand-in's
// mailbox beside the application.
export default {
  /**
   * @param {Request} request
   * @param {{ CORE: { fetch: typeof fetch }, MAILS: { fetch: typeof fetch } }} env
   */
  fetch(request, env) {
    const { pathname } = new URL(request.url)
    return (/^\/mails(\.json|\/|$)/.test(pathname) ? env.MAILS : env.CORE).fetch(request)
  },
}
