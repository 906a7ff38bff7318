import type { EmailAction, EmailLinkView, EmailSteps } from "../../flows/email/email-address.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { User } from "../../stores/ports.js"
import type { Answer } from "../answer.js"
import { textFields } from "../fields.js"
import { isScript, queryOf } from "../navigation.js"
import type { AccountPage, AccountPageView, AccountQuestion } from "../pages/account-page.js"
import type { AccountLinkRefusal, EmailWords } from "../pages/email-words.js"
import { pageAnswer } from "../pages/plain-page.js"
import { wordsFor } from "../pages/words.js"
import { type Reasons, reasons } from "../problem.js"
import { withQuery } from "../return-path.js"
import { type Call, type Grant, grantSession, type Route, route, type Site, signedIn } from "../route.js"

/** What only this flow refuses for. */
export const emailReasons: Reasons = {
  invalid_email: [422, "This is not an e-mail address."],
  email_unchanged: [422, "This is the address of your account."],
  email_taken: [409, "Another account has this address."],
  link_invalid: [400, "The link is not complete, or was not made by us."],
  link_expired: [410, "The link has expired. Ask for a new one."],
  link_used: [410, "The link has been used. Ask for a new one."],
  reauthentication_required: [401, "Sign in again."],
  insufficient_user_authentication: [401, "Prove it with your second factor first."],
}

/** What the routes are made of. */
export interface EmailRouteSettings {
  readonly steps: EmailSteps
  readonly site: Site
  /** Of each language, the default first. */
  readonly words: ReadonlyMap<string, EmailWords>
  readonly localeOf: (user: User) => string | undefined
  readonly pages: Readonly<Record<"account" | "signIn", `/${string}`>>
  readonly page: AccountPage | undefined
  /** Hears that the host's own page failed. */
  readonly onFault: (fault: unknown) => void
}

/** Where the link of each mail leads. */
export const emailPaths: Readonly<Record<EmailAction, Pick<Route, "name" | "path">>> = {
  "verify-email": { name: "emailVerify", path: "email/verify" },
  "confirm-email": { name: "emailConfirm", path: "email/confirm" },
  "undo-email": { name: "emailUndo", path: "email/undo" },
}

const wordOf = { "verify-email": "verify", "confirm-email": "confirm", "undo-email": "undo" } as const
const tokenField = textFields("token")

/** The flow's addresses. */
export function emailRoutes(settings: EmailRouteSettings): readonly Route[] {
  const { pages, site, steps, words } = settings

  function shown(view: AccountPageView, status: number): Answer {
    return pageAnswer(view, status, (same) => same, settings.page, settings.onFault)
  }

  /** The page that asks, or says that there is nothing left to do. */
  function question(
    action: EmailAction,
    { done, email, own, user }: EmailLinkView,
    { incoming }: Call<unknown>,
    token: string,
  ): Answer {
    const [locale, { goOn, verified, ...all }] = wordsFor(words, incoming, settings.localeOf(user))
    const link = { href: own ? pages.account : pages.signIn, text: goOn }
    if (done) return shown({ kind: "done", locale, ...verified, email, link }, 200)
    const { button, note, text, title }: AccountQuestion = all[wordOf[action]]
    // Whoever is signed in to it has not had it created behind their back.
    const warned = action !== "verify-email" || !own
    const form = { action: site.pathOf(emailPaths[action]), fields: { token }, button }
    return shown({ kind: action, locale, title, text, email, note: warned ? note : undefined, form }, 200)
  }

  function refusedPage(
    action: EmailAction,
    refusal: Refusal,
    { incoming }: Call<unknown>,
    token: string,
  ): Answer | Refusal {
    const [locale, { goOn, refused, refusedTitle, signIn }] = wordsFor(words, incoming)
    const reason = refusal.reason as AccountLinkRefusal
    if (!Object.hasOwn(refused, reason)) return refusal
    const [status] = emailReasons[reason] ?? reasons[reason] ?? [400]
    const back = `${site.pathOf(emailPaths[action])}?${new URLSearchParams({ token })}`
    const link =
      reason === "not_signed_in"
        ? { href: withQuery(pages.signIn, { return_to: back }), text: signIn }
        : { href: pages.account, text: goOn }
    return shown({ kind: "refused", locale, title: refusedTitle, text: refused[reason], link }, status)
  }

  async function look(action: EmailAction, call: Call<unknown>, token: string): Promise<Answer | Refusal> {
    const seen = await steps.peek(action, { token }, call.context)
    return seen.ok ? question(action, seen, call, token) : refusedPage(action, seen, call, token)
  }

  /** A page for a link, and what its button posts. A script, which has the token from elsewhere, hears JSON. */
  function linkRoutes(
    action: EmailAction,
    use: (token: string, call: Call<unknown>) => Promise<Outcome<{ grant: Grant }>>,
  ): readonly Route[] {
    return [
      route({
        ...emailPaths[action],
        method: "GET",
        step: (call) => look(action, call, queryOf(call.incoming).get("token") ?? ""),
      }),
      route<{ readonly token: string }>({
        ...emailPaths[action],
        method: "POST",
        refusedPage: pages.account,
        body: tokenField,
        async step(call) {
          const { token } = call.body
          const outcome = await use(token, call)
          if (outcome.ok) return outcome.grant
          if (isScript(call.incoming)) return outcome
          // Pressed twice: the second time there is nothing left to do.
          return outcome.reason === "link_used"
            ? look(action, call, token)
            : refusedPage(action, outcome, call, token)
        },
      }),
    ]
  }

  return [
    route({
      name: "emailVerifyRequest",
      method: "POST",
      path: "email/verify/request",
      refusedPage: pages.account,
      step: signedIn(async ({ userId }, { context }) => {
        const outcome = await steps.requestVerification({ userId }, context)
        if (!outcome.ok) return outcome.reason === "not_found" ? refuse("not_signed_in") : outcome
        const { mailed } = outcome
        const notice = mailed ? "verification_sent" : "email_verified"
        return { ok: true, status: mailed ? 202 : 200, json: { mailed }, page: pages.account, notice }
      }),
    }),

    ...linkRoutes("verify-email", async (token, { context, incoming, sessions }) => {
      const outcome = await steps.verify({ token }, context)
      if (!outcome.ok) return outcome
      const { email, id } = outcome.user
      const own = (await sessions.read(context.token, incoming))?.userId === id
      const page = own ? pages.account : pages.signIn
      return { ok: true, grant: { ok: true, json: { email }, page, notice: "email_verified" } }
    }),

    route<{ readonly email: string }>({
      name: "emailChange",
      method: "POST",
      path: "email/change",
      refusedPage: pages.account,
      body: textFields("email"),
      async step({ body, context }) {
        const outcome = await steps.requestChange(body, context)
        if (!outcome.ok) return outcome
        return { ok: true, status: 202, json: {}, page: pages.account, notice: "email_confirmation_sent" }
      },
    }),

    ...linkRoutes("confirm-email", async (token, { context }) => {
      const outcome = await steps.confirmChange({ token }, context)
      if (!outcome.ok) return outcome
      const granted = grantSession(outcome.session, pages.account)
      return { ok: true, grant: { ...granted, notice: "email_changed" } }
    }),

    ...linkRoutes("undo-email", async (token, { context }) => {
      const outcome = await steps.undoChange({ token }, context)
      if (!outcome.ok) return outcome
      const { email } = outcome.user
      const notice = "email_change_undone"
      return { ok: true, grant: { ok: true, json: { email }, page: pages.signIn, notice } }
    }),
  ]
}
