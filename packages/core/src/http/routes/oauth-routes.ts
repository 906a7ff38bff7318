import type { Arrival, OAuthSteps } from "../../flows/oauth/oauth.js"
import { attemptLifetimeMs } from "../../flows/oauth/transaction.js"
import { type Refusal, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import { type Answer, noStore, seeOther } from "../answer.js"
import type { SessionCookie } from "../cookies.js"
import { type Shape, textFields } from "../fields.js"
import { isNavigation, isScript, jsonAnswer, queryOf } from "../navigation.js"
import { toNextStep } from "../next-step.js"
import { principalJson } from "../principal-json.js"
import type { Reasons } from "../problem.js"
import { returnPath, withQuery } from "../return-path.js"
import { type Call, grantSession, type Route, route, type Site, signedIn } from "../route.js"

/** What only this flow refuses for. */
export const oauthReasons: Reasons = {
  oauth_state_mismatch: [400, "This attempt has expired, or was begun elsewhere. Try again."],
  oauth_denied: [403, "You did not agree at the provider."],
  oauth_failed: [502, "The provider's answer was wrong. Try again."],
  oauth_unavailable: [503, "The provider does not answer. Try again."],
  oauth_email_missing: [422, "The provider did not tell your e-mail address."],
  oauth_email_unverified: [422, "The provider has not verified your e-mail address."],
  oauth_account_exists: [409, "An account has your e-mail address. Sign in to it as before."],
  oauth_link_required: [409, "An account has your e-mail address. Sign in to it as before, then connect."],
  identity_taken: [409, "This belongs to another account."],
  reauthentication_required: [401, "Sign in again."],
  last_way_in: [409],
}

/** What the routes are made of. */
export interface OAuthRouteSettings {
  readonly steps: OAuthSteps
  readonly site: Site
  /** Holds the browser's binding, see {@link OAuthSteps.start}. */
  readonly binding: SessionCookie
  /** Holds the secret of an identity that waits to be linked. */
  readonly pending: SessionCookie
  /** How long a session cookie lives, in seconds. */
  readonly maxAge: number
}

/** Both cookies live as long as what they belong to. */
const maxAge = attemptLifetimeMs / 1000
const whichIdentity = textFields("identity")
const startAddress = { name: "oauthStartByLink", path: "oauth/:provider" } as const
export const callbackPath = { name: "oauthCallback", path: "oauth/:provider/callback" } as const

/** The flow's addresses. Fixed words stand before `:provider`, which would match them too. */
export function oauthRoutes(settings: OAuthRouteSettings): readonly Route[] {
  const { binding, pending, site, steps } = settings
  const { pages } = site
  const linked = withQuery(pages.account, { notice: "identity_linked" })
  const startPath = site.pathOf(startAddress).split(":provider")[0] ?? ""
  const forgotten = ["set-cookie", pending.clear()] as const

  /** What a browser holds. */
  function held({ incoming }: Call<unknown>): Record<"binding" | "pending", string | undefined> {
    const cookies = incoming.header("cookie")
    return { binding: binding.read(cookies), pending: pending.read(cookies) }
  }

  /** A path of the host's own; not one that begins another trip. */
  function pathBack(target: string | undefined): string | undefined {
    const path = returnPath(target, site.origin)
    return path?.startsWith(startPath) ? undefined : path
  }

  /** With the provider's name for people. */
  function labelled<View extends { readonly provider: string }>(view: View): View & { label: string } {
    const { label } = steps.providers.find(({ name }) => name === view.provider) ?? { label: view.provider }
    return { ...view, label }
  }

  async function depart(call: Call<Wish>, step: "start" | "startLink"): Promise<Answer | Refusal> {
    const provider = call.params["provider"] ?? ""
    const returnTo = pathBack(call.body.return_to)
    const { binding: earlier } = held(call)
    const outcome = await steps[step]({ provider, returnTo, binding: earlier }, call.context)
    if (!outcome.ok) {
      const purpose = step === "start" ? "sign_in" : "link"
      return isScript(call.incoming) ? outcome : refusedAnswer({ ...outcome, purpose, returnTo }, provider)
    }
    const cookie = ["set-cookie", binding.set(outcome.binding, maxAge)] as const
    const { url } = outcome
    return isScript(call.incoming) ? jsonAnswer({ url }, [cookie]) : seeOther(url, [noStore, cookie])
  }

  async function arrive(call: Call<object>, parameters: URLSearchParams): Promise<Answer | Refusal> {
    // An attempt is used up once, by a browser that goes there: neither by a look ahead nor by a script.
    if (call.incoming.method === "HEAD") return refuse("method_not_allowed")
    if (isScript(call.incoming)) return refuse("unsupported_media_type")
    if (!isNavigation(call.incoming)) return refuse("cross_origin")
    const provider = call.params["provider"] ?? ""
    const arrival = await steps.callback({ provider, parameters, ...held(call) }, call.context)
    if (!arrival.ok) return refusedAnswer(arrival, provider)
    if (arrival.purpose === "sign_in") return signedInAnswer(call, arrival.session, arrival.returnTo)
    return onward(call, arrival.returnTo, linked)
  }

  /** Back to a page of the host's that says what happened, and from which the visitor can try again. */
  function refusedAnswer(arrival: Arrival & { ok: false }, provider: string): Answer | Refusal {
    const { purpose, reason } = arrival
    if (reason === "not_found") return arrival
    const return_to = pathBack(arrival.returnTo)
    if (arrival.next) return toNextStep(arrival.next, return_to)
    if (purpose === "sign_in" && reason === "oauth_link_required") {
      const cookie = ["set-cookie", pending.set(arrival.pending ?? "", maxAge)] as const
      return seeOther(withQuery(pages.link, { provider, return_to }), [noStore, cookie])
    }
    const page = purpose === "link" && reason !== "not_signed_in" ? pages.account : pages.signIn
    const retry_after = arrival.retryAfter?.toString()
    return seeOther(withQuery(page, { error: reason, provider, retry_after, return_to }))
  }

  function signedInAnswer(
    call: Call<unknown>,
    session: OpenedSession<object>,
    returnTo: string | undefined,
    headers: Answer["headers"] = [],
  ): Answer {
    const { issued, principal, token } = session
    const cookies = issued ? [] : [["set-cookie", site.cookie.set(token, settings.maxAge)] as const]
    const body = { ...principalJson(principal), ...issued }
    return onward(call, returnTo, pages.home, body, [...cookies, ...headers])
  }

  /** Where a browser goes on to, and what a script hears. */
  function onward(
    call: Call<unknown>,
    returnTo: string | undefined,
    otherwise: string,
    body: object = {},
    headers: Answer["headers"] = [],
  ): Answer {
    if (isScript(call.incoming)) return jsonAnswer(body, headers)
    return seeOther(pathBack(returnTo) ?? otherwise, [noStore, ...headers])
  }

  return [
    route({
      name: "oauthPending",
      method: "GET",
      path: "oauth/pending",
      async step(call) {
        const waiting = await steps.pending(held(call))
        return { ok: true, json: { pending: waiting ? labelled(waiting) : null }, page: "link" }
      },
    }),

    route({
      name: "oauthConfirm",
      method: "POST",
      path: "oauth/confirm",
      refusedPage: "link",
      async step(call) {
        const outcome = await steps.confirm(held(call), call.context)
        return outcome.ok ? onward(call, outcome.returnTo, linked, {}, [forgotten]) : outcome
      },
    }),

    route({
      name: "oauthClaim",
      method: "POST",
      path: "oauth/claim",
      refusedPage: "link",
      async step(call) {
        const outcome = await steps.claim(held(call), call.context)
        return outcome.ok ? signedInAnswer(call, outcome.session, outcome.returnTo, [forgotten]) : outcome
      },
    }),

    route({
      name: "oauthCancel",
      method: "POST",
      path: "oauth/cancel",
      async step(call) {
        await steps.cancel(held(call))
        return onward(call, undefined, pages.signIn, {}, [forgotten])
      },
    }),

    route({
      name: "oauthIdentities",
      method: "GET",
      path: "oauth/identities",
      step: signedIn(async ({ userId }) => {
        const identities = await steps.identities(userId)
        return { ok: true, json: { identities: identities.map(labelled) }, page: "account" }
      }),
    }),

    route({
      name: "oauthUnlink",
      method: "POST",
      path: "oauth/unlink",
      refusedPage: "account",
      body: whichIdentity,
      async step({ body, context }) {
        const outcome = await steps.unlink(body, context)
        return outcome.ok
          ? { ...grantSession(outcome.session, "account"), notice: "identity_unlinked" }
          : outcome
      },
    }),

    route({
      name: "oauthStart",
      method: "POST",
      path: "oauth/:provider",
      body: wish,
      step: (call) => depart(call, "start"),
    }),

    route({
      ...startAddress,
      method: "GET",
      async step(call) {
        // A link on another site may lead here (OpenID Connect Core §4); its pictures and scripts must not use up the visitor's attempts.
        if (!isNavigation(call.incoming)) return refuse("cross_origin")
        const return_to = queryOf(call.incoming).get("return_to") ?? undefined
        return depart({ ...call, body: { return_to } }, "start")
      },
    }),

    route({
      name: "oauthStartLink",
      method: "POST",
      path: "oauth/:provider/link",
      refusedPage: "account",
      body: wish,
      step: (call) => depart(call, "startLink"),
    }),

    route({
      ...callbackPath,
      method: "GET",
      step: (call) => arrive(call, queryOf(call.incoming)),
    }),

    // From the provider's site: what proves that this browser asked for it is the state, and the binding in its cookie.
    route<Readonly<Record<string, string>>>({
      ...callbackPath,
      method: "POST",
      crossSite: true,
      body: (body) => body as Readonly<Record<string, string>>,
      step: (call) => arrive(call, new URLSearchParams(isScript(call.incoming) ? {} : call.body)),
    }),
  ]
}

/** What may come with a start. */
interface Wish {
  readonly return_to: string | undefined
}

const returnTo = textFields("return_to")
const wish: Shape<Wish> = (body) => returnTo(body) ?? { return_to: undefined }
