import { WorkerEntrypoint } from "cloudflare:workers"
import { resend } from "@mortise/core/mail/resend"

/** Has templates and key, and sends through Resend. */
export class Mailer extends WorkerEntrypoint {
  /**
   * @param {Record<string, any>} payload
   * @param {string} locale
   */
  async sendMagicLink(payload, locale) {
    await this.#send()({ ...payload, locale })
  }

  /**
   * @param {Record<string, any>} payload
   * @param {string} locale
   */
  async sendAccountMail(payload, locale) {
    await this.#send()({ ...payload, locale })
  }

  /** @returns {(mail: any) => Promise<unknown>} */
  #send() {
    const { RESEND_API_KEY: apiKey, RESEND_URL: baseUrl } = this.env
    return resend({
      apiKey,
      baseUrl,
      appName: "SmartPages",
      from: "SmartPages <login@example.com>",
      network: { loopback: [baseUrl] },
      // Shows all that came across.
      templates: {
        fr: async (mail) => ({ subject: "Bonjour", text: JSON.stringify(mail), html: "<p>Bonjour" }),
      },
    })
  }
}

/** Throws what it was told. */
export class Talkative extends WorkerEntrypoint {
  /** @param {object} payload */
  async sendMagicLink(payload) {
    throw new Error(JSON.stringify(payload))
  }

  /** @param {object} payload */
  async sendAccountMail(payload) {
    throw new Error(JSON.stringify(payload))
  }
}

/** Takes its time. */
export class Slow extends WorkerEntrypoint {
  async sendMagicLink() {
    await new Promise((resolve) => setTimeout(resolve, 10_000))
  }
}

/** Is no mailer. */
export class Stranger extends WorkerEntrypoint {}

export default {
  fetch: () => new Response(null, { status: 404 }),
}
