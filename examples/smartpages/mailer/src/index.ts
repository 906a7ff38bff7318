import { WorkerEntrypoint } from "cloudflare:workers"
import type { D1Database } from "@cloudflare/workers-types"
import { resend } from "@mortise/core/mail/resend"
import type { MagicLinkPayload, MailerBinding } from "@mortise/core/mail/service-binding"
import type { Locale } from "../../words/locale.js"
import { signInTemplate } from "./sign-in-template.js"

interface MailerEnv {
  readonly TEMPLATES: D1Database
  readonly MAIL_FROM: string
  readonly RESEND_API_KEY: string
  /** Origin of a stand-in for Resend, on this machine; the demo sets it. */
  readonly RESEND_URL?: string
}

/** The Mailer Worker. It has no address on the web: only a Worker that is bound to it can call it. */
export default class Mailer extends WorkerEntrypoint<MailerEnv> implements MailerBinding<Locale> {
  async sendMagicLink(payload: MagicLinkPayload, locale: Locale): Promise<void> {
    const { MAIL_FROM, RESEND_API_KEY, RESEND_URL, TEMPLATES } = this.env
    const template = signInTemplate(TEMPLATES)
    const send = resend({
      appName: "SmartPages",
      from: MAIL_FROM,
      apiKey: RESEND_API_KEY,
      templates: { en: template, de: template },
      timeZone: "Europe/Berlin",
      ...(RESEND_URL && { baseUrl: RESEND_URL, network: { loopback: [RESEND_URL] } }),
    })
    try {
      await send({ ...payload, locale })
    } catch (error) {
      // The caller learns that there is no mail; why, is for this Worker's log.
      console.error(error)
      throw error
    }
  }
}
