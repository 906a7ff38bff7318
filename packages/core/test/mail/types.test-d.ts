// Compiled, never run: which locales a sender has words for, and what its templates get.
import { createTransport } from "nodemailer"
import { expectTypeOf } from "vitest"
import {
  type AccountMail,
  type AccountTemplate,
  letterWriter,
  type MagicLinkMail,
  type MailContent,
  type MailTemplate,
  type SendAccountMail,
  type SendMagicLink,
  type SendMail,
} from "../../src/mail.js"
import { resend } from "../../src/mail-resend.js"
import {
  type AccountMailPayload,
  type MagicLinkPayload,
  serviceBinding,
} from "../../src/mail-service-binding.js"
import { smtp } from "../../src/mail-smtp.js"
import { mailSink } from "../../src/testing.js"

const basics = { appName: "My App", from: "login@example.com" }
const viaResend = { ...basics, apiKey: "re_1" }
const transporter = createTransport({ host: "localhost" })
const template: MailTemplate = () => ({ subject: "a", text: "b", html: "c" })

/** As a flow takes them: the locales are the host's list, the sender has to have words for each. */
function offer<const L extends string>(_locales: readonly L[], _send: SendMagicLink<NoInfer<L>>): void {}
/** The same of a flow that mails about accounts. */
function tell<const L extends string>(_locales: readonly L[], _send: SendAccountMail<NoInfer<L>>): void {}

// What is built in needs nothing.
expectTypeOf(resend(viaResend)).toEqualTypeOf<SendMail<"en" | "de">>()
expectTypeOf(smtp({ ...basics, transporter })).toEqualTypeOf<SendMail<"en" | "de">>()
offer(["en", "de"], resend(viaResend))
offer(["de"], smtp({ ...basics, transporter }))
offer(["de"], resend({ ...viaResend, templates: { de: template } }))
// @ts-expect-error nobody wrote French
offer(["en", "fr"], resend(viaResend))
// @ts-expect-error nor by SMTP
offer(["fr"], smtp({ ...basics, transporter, templates: { de: template } }))
const french = resend({ ...viaResend, templates: { fr: template } })
offer(["en", "fr", "de"], french)
// @ts-expect-error French, but no Italian
offer(["fr", "it"], french)
expectTypeOf(letterWriter({ appName: "My App", templates: { fr: template } }).locales).toEqualTypeOf<
  readonly ("en" | "de" | "fr")[]
>()
// @ts-expect-error a template is a function
resend({ ...viaResend, templates: { fr: "Bonjour" } })
// @ts-expect-error a mail has both texts
resend({ ...viaResend, templates: { fr: () => ({ subject: "a", text: "b" }) } })

// What is needed.
// @ts-expect-error a name
resend({ apiKey: "re_1", from: "login@example.com" })
// @ts-expect-error a key
resend(basics)
// @ts-expect-error a transporter
smtp(basics)
// @ts-expect-error something that sends mails
smtp({ ...basics, transporter: {} })

// Templates of the host's: what they get, also from elsewhere and later.
resend({
  ...viaResend,
  templates: {
    de: async (mail, host): Promise<MailContent> => {
      expectTypeOf(mail).toEqualTypeOf<MagicLinkMail<string, unknown>>()
      expectTypeOf(host.appName).toEqualTypeOf<string>()
      return template(mail, host)
    },
  },
})
// With metadata of the host's own.
interface Plan {
  readonly plan: string
}
const ofPlan: MailTemplate<Plan> = ({ metadata: { plan } }) => ({ subject: plan, text: plan, html: plan })
expectTypeOf(resend({ ...viaResend, templates: { fr: ofPlan } })).toEqualTypeOf<
  SendMail<"en" | "de" | "fr", Plan, "en" | "de">
>()

// A host's own sender is a function.
offer(["en", "fr"], async ({ to, url, code, locale }) => {
  expectTypeOf(locale).toEqualTypeOf<"en" | "fr">()
  expectTypeOf(code).toEqualTypeOf<string | undefined>()
  return [to, url]
})
// A sender of metadata that nobody gives is not one for everything.
// @ts-expect-error metadata is not a plan
const _any: SendMagicLink = async ({ metadata }: MagicLinkMail<string, Plan>) => metadata.plan

// Another Worker has words for what its method takes.
declare const mailer: { sendMagicLink(payload: MagicLinkPayload, locale: "en" | "de"): Promise<void> }
expectTypeOf(serviceBinding(mailer)).toEqualTypeOf<SendMagicLink<"en" | "de">>()
offer(["en", "de"], serviceBinding(mailer))
// @ts-expect-error it takes no French
offer(["fr"], serviceBinding(mailer))
// @ts-expect-error not even beside what it takes
offer(["en", "fr"], serviceBinding(mailer))
// @ts-expect-error nor may it be said to
serviceBinding(mailer, { locales: ["fr"] })
// @ts-expect-error not a mailer
serviceBinding({ fetch })

// A sink takes all.
offer(["en", "fr"], mailSink().send)
expectTypeOf(mailSink<"en", Plan>().next).returns.resolves.toEqualTypeOf<MagicLinkMail<"en", Plan>>()
expectTypeOf(mailSink<"en">().nextAccountMail<"reset_password">).returns.resolves.toExtend<
  AccountMail<"en"> & { readonly url: string }
>()
expectTypeOf(mailSink<"en">().nextAccountMail<"second_factor">).returns.resolves.toExtend<{
  readonly code: string
}>()

// One sender for sign-in mails and for mails about accounts; each needs words of its own.
const accountTemplate: AccountTemplate = () => ({ subject: "a", text: "b", html: "c" })
for (const send of [resend(viaResend), smtp({ ...basics, transporter }), mailSink<"en" | "de">().send]) {
  offer(["en", "de"], send)
  tell(["en", "de"], send)
  tell(["de"], send)
}
// @ts-expect-error nobody wrote French
tell(["fr"], resend(viaResend))
// @ts-expect-error French of a sign-in mail says nothing about accounts
tell(["fr"], smtp({ ...basics, transporter, templates: { fr: template } }))
tell(["fr", "de"], smtp({ ...basics, transporter, accountTemplates: { fr: accountTemplate } }))
// @ts-expect-error and the other way round
offer(["fr"], resend({ ...viaResend, accountTemplates: { fr: accountTemplate } }))
const allFrench = resend({
  ...viaResend,
  templates: { fr: template },
  accountTemplates: { fr: accountTemplate },
})
expectTypeOf(allFrench).toEqualTypeOf<SendMail<"en" | "de" | "fr">>()
offer(["fr"], allFrench)
tell(["fr"], allFrench)
// A built-in language may leave kinds to the built-in letters; another has all of them.
resend({ ...viaResend, accountTemplates: { de: () => undefined } })
// @ts-expect-error nothing is built in for French
resend({ ...viaResend, accountTemplates: { fr: () => undefined } })

// Another Worker sends what it has methods for.
declare const accountMailer: {
  sendAccountMail(payload: AccountMailPayload, locale: "en" | "de"): Promise<void>
}
declare const allMailer: typeof mailer & typeof accountMailer
expectTypeOf(serviceBinding(accountMailer)).toEqualTypeOf<SendAccountMail<"en" | "de">>()
expectTypeOf(serviceBinding(allMailer)).toEqualTypeOf<SendMail<"en" | "de">>()
tell(["en", "de"], serviceBinding(allMailer))
offer(["en", "de"], serviceBinding(allMailer))
// @ts-expect-error it has no method for mails about accounts
tell(["en"], serviceBinding(mailer))
// @ts-expect-error nor this one for sign-in mails
offer(["en"], serviceBinding(accountMailer))
// @ts-expect-error it takes no French
tell(["fr"], serviceBinding(allMailer))
