import type { DeactivationSteps } from "../../flows/deactivation/deactivation.js"
import type { Refusal } from "../../outcome.js"
import type { User } from "../../stores/ports.js"
import type { Answer } from "../answer.js"
import { textFields } from "../fields.js"
import { isScript, queryOf } from "../navigation.js"
import type { AccountPage, AccountPageView } from "../pages/account-page.js"
import type { DeactivationWords } from "../pages/deactivation-words.js"
import { pageAnswer } from "../pages/plain-page.js"
import { wordsFor } from "../pages/words.js"
import type { Reasons } from "../problem.js"
import { type Call, type Route, route, type Site } from "../route.js"

/** What only this flow refuses for. */
export const deactivationReasons: Reasons = {
  link_invalid: [400, "The link is not complete, or was not made by us."],
  link_expired: [410, "The link has expired."],
  link_used: [410, "The link has been used."],
  reauthentication_required: [401, "Sign in again."],
  insufficient_user_authentication: [401, "Prove it with your second factor first."],
}

/** What the routes are made of. */
export interface DeactivationRouteSettings {
  readonly steps: DeactivationSteps
  readonly site: Site
  /** Of each language, the default first. */
  readonly words: ReadonlyMap<string, DeactivationWords>
  readonly localeOf: (user: User) => string | undefined
  readonly pages: Readonly<Record<"account" | "deactivated" | "signIn", `/${string}`>>
  readonly page: AccountPage | undefined
  /** Hears that the host's own page failed. */
  readonly onFault: (fault: unknown) => void
}

export const reactivatePath = { name: "accountReactivate", path: "account/reactivate" } as const

/** The flow's addresses. */
export function deactivationRoutes(settings: DeactivationRouteSettings): readonly Route[] {
  const { pages, site, steps, words } = settings

  function shown(view: AccountPageView, status: number): Answer {
    return pageAnswer(view, status, (same) => same, settings.page, settings.onFault)
  }

  async function look(call: Call<unknown>): Promise<Answer | Refusal> {
    const token = queryOf(call.incoming).get("token") ?? ""
    const seen = await steps.peek({ token })
    if (!seen.ok) return refusedPage(seen, call)
    const { email } = seen.user
    const [locale, { reactivate }] = wordsFor(words, call.incoming, settings.localeOf(seen.user))
    const { button, ...says } = reactivate
    const form = { action: site.pathOf(reactivatePath), fields: { token }, button }
    return shown({ kind: "reactivate", locale, ...says, email, form }, 200)
  }

  function refusedPage(refusal: Refusal, { incoming }: Call<unknown>): Answer | Refusal {
    const [locale, { refused, refusedTitle, signIn }] = wordsFor(words, incoming)
    const reason = refusal.reason as keyof DeactivationWords["refused"]
    if (!Object.hasOwn(refused, reason)) return refusal
    const [status] = deactivationReasons[reason] ?? [400]
    const link = { href: pages.signIn, text: signIn }
    return shown({ kind: "refused", locale, title: refusedTitle, text: refused[reason], link }, status)
  }

  return [
    route({
      name: "accountDeactivate",
      method: "POST",
      path: "account/deactivate",
      refusedPage: pages.account,
      async step({ context }) {
        const outcome = await steps.deactivate(context)
        if (!outcome.ok) return outcome
        return {
          ok: true,
          json: {},
          page: pages.deactivated,
          notice: "account_deactivated",
          cookie: "clear",
        }
      },
    }),

    route({ ...reactivatePath, method: "GET", step: look }),

    route<{ readonly token: string }>({
      ...reactivatePath,
      method: "POST",
      body: textFields("token"),
      async step(call) {
        const outcome = await steps.reactivate(call.body, call.context)
        if (!outcome.ok) return isScript(call.incoming) ? outcome : refusedPage(outcome, call)
        const { email } = outcome.user
        return { ok: true, json: { email }, page: pages.signIn, notice: "account_reactivated" }
      },
    }),
  ]
}
