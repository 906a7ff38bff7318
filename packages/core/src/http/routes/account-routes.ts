import type { AccountSteps } from "../../flows/account/account.js"
import { type Refusal, refuse } from "../../outcome.js"
import { type Answer, seeOther } from "../answer.js"
import { textFields } from "../fields.js"
import { type Incoming, wantsPage } from "../incoming.js"
import { isNavigation, jsonAnswer } from "../navigation.js"
import type { Reasons } from "../problem.js"
import { withQuery } from "../return-path.js"
import { type Call, type Grant, type Route, route, signedIn } from "../route.js"

/** What this flow refuses for besides the reasons of all. */
export const accountReasons: Reasons = {
  reauthentication_required: [401, "Sign in again."],
  insufficient_user_authentication: [401, "Confirm with your second factor."],
}

/** What the routes are made of. */
export interface AccountRouteSettings {
  readonly steps: AccountSteps
  /** Whether the host asks for any consent. */
  readonly consents: boolean
  /** Where a user sees their data and consents. */
  readonly accountPage: `/${string}`
  /** Where they are when nothing of theirs is left. */
  readonly erasedPage: `/${string}`
}

const answer = textFields("purpose", "version")
const which = textFields("purpose")
const download = [
  ["content-disposition", 'attachment; filename="account.json"'],
  ["x-content-type-options", "nosniff"],
] as const

/** The flow's addresses. */
export function accountRoutes(settings: AccountRouteSettings): readonly Route[] {
  const { accountPage, erasedPage, steps } = settings

  async function eraseOwn({ context }: Call<object>): Promise<Grant | Refusal> {
    const outcome = await steps.eraseOwn(context)
    return outcome.ok ? { ok: true, json: {}, page: erasedPage, cookie: "clear" } : outcome
  }

  const own: readonly Route[] = [
    route({
      name: "accountExport",
      method: "GET",
      path: "account/export",
      async step({ context, incoming }) {
        // It would be read, and told, for nothing.
        if (incoming.method === "HEAD") return refuse("method_not_allowed")
        const outcome = await steps.exportOwn(context)
        if (outcome.ok) return jsonAnswer(outcome.account, download)
        return isVisit(incoming) ? backTo(accountPage, outcome.reason) : outcome
      },
    }),

    route({
      name: "accountErase",
      method: "DELETE",
      path: "account",
      refusedPage: accountPage,
      step: eraseOwn,
    }),

    // The same for HTML forms, which cannot send DELETE.
    route({
      name: "accountErase",
      method: "POST",
      path: "account/erase",
      refusedPage: accountPage,
      step: eraseOwn,
    }),
  ]
  return settings.consents ? [...own, ...consentRoutes(settings)] : own
}

function consentRoutes({ accountPage, steps }: AccountRouteSettings): readonly Route[] {
  return [
    route({
      name: "consents",
      method: "GET",
      path: "consents",
      step: signedIn(async ({ userId }) => ({
        ok: true,
        json: { consents: await steps.consents(userId) },
        page: accountPage,
      })),
    }),

    route({
      name: "consentsGive",
      method: "POST",
      path: "consents",
      refusedPage: accountPage,
      body: answer,
      step: signedIn(async ({ userId }, { body, context }) => {
        const outcome = await steps.giveConsent(userId, body, context)
        return outcome.ok ? { ok: true, json: {}, page: accountPage, notice: "consent_given" } : outcome
      }),
    }),

    route({
      name: "consentsWithdraw",
      method: "POST",
      path: "consents/withdraw",
      refusedPage: accountPage,
      body: which,
      step: signedIn(async ({ userId }, { body, context }) => {
        const outcome = await steps.withdrawConsent(userId, body.purpose, context)
        return outcome.ok ? { ok: true, json: {}, page: accountPage, notice: "consent_withdrawn" } : outcome
      }),
    }),
  ]
}

/** Somebody pressed a link, and wants a page rather than a problem. */
function isVisit(incoming: Incoming): boolean {
  return isNavigation(incoming) && wantsPage(incoming)
}

function backTo(page: string, error: string): Answer {
  return seeOther(withQuery(page, { error }))
}
