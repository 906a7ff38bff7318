import type { Clock } from "../../clock.js"
import type { ResetSteps } from "../../flows/password/reset.js"
import { type Refusal, refuse } from "../../outcome.js"
import { type Answer, noStore, seeOther } from "../answer.js"
import type { SessionCookie } from "../cookies.js"
import { textFields } from "../fields.js"
import { isNavigation, queryOf } from "../navigation.js"
import type { Reasons } from "../problem.js"
import { withQuery } from "../return-path.js"
import { type Call, type Route, route } from "../route.js"

/** What only this part of the flow refuses for. */
export const resetReasons: Reasons = {
  link_invalid: [400, "The link is not complete, or was not made by us."],
  link_expired: [410, "The link has expired. Ask for a new one."],
  link_used: [410, "The link has been used. Ask for a new one."],
}

/** Pages of the host's. */
export interface ResetPages {
  /** Where a link can be asked for. Default `/forgot-password`. */
  readonly forgot: `/${string}`
  /** Where the new password is typed. Default `/reset-password`. */
  readonly reset: `/${string}`
}

/** What the routes are made of. */
export interface ResetRouteSettings {
  readonly steps: ResetSteps
  readonly pages: ResetPages
  /** Holds the link's token while its user is on the host's page. */
  readonly cookie: SessionCookie
  readonly clock: Clock
}

export const resetPath = { name: "passwordReset", path: "password/reset" } as const

/** The addresses of a reset. */
export function passwordResetRoutes({ clock, cookie, pages, steps }: ResetRouteSettings): readonly Route[] {
  function held({ incoming }: Call<unknown>): string | undefined {
    return cookie.read(incoming.header("cookie"))
  }

  /**
   * The click in the mail. The token goes from the address into a cookie, so that no page of the host's has it in its address, and none hands it on
   * as a Referer. Uses nothing up: mail scanners and previews come here too.
   */
  async function open(call: Call<object>): Promise<Answer | Refusal> {
    // A picture on another site must not put a link into this browser.
    if (!isNavigation(call.incoming)) return refuse("invalid_request")
    const token = queryOf(call.incoming).get("token") ?? ""
    const seen = await steps.peekReset({ token })
    const headers = [noStore, ["referrer-policy", "no-referrer"]] as const
    if (seen.ok) {
      const kept = cookie.set(token, Math.ceil((seen.expiresAt - clock()) / 1000))
      return seeOther(pages.reset, [...headers, ["set-cookie", kept]])
    }
    // Or the page would go on with an earlier link.
    const cleared = held(call) === undefined ? [] : [["set-cookie", cookie.clear()] as const]
    return seeOther(withQuery(pages.reset, { error: seen.reason }), [...headers, ...cleared])
  }

  return [
    route<{ readonly email: string }>({
      name: "passwordForgot",
      method: "POST",
      path: "password/forgot",
      refusedPage: pages.forgot,
      body: textFields("email"),
      async step({ body, context }) {
        const outcome = await steps.forgot(body, context)
        return outcome.ok
          ? { ok: true, status: 202, json: {}, page: pages.forgot, notice: "reset_requested" }
          : outcome
      },
    }),

    route({ ...resetPath, method: "GET", step: open }),

    route({
      name: "passwordResetCheck",
      method: "GET",
      path: "password/reset/check",
      async step(call) {
        const seen = await steps.peekReset({ token: held(call) })
        if (!seen.ok) return seen
        const { email, expiresAt } = seen
        return { ok: true, json: { email, expiresAt }, page: pages.reset }
      },
    }),

    route<{ readonly password: string; readonly token: string | undefined }>({
      ...resetPath,
      method: "POST",
      refusedPage: pages.reset,
      body: passwordAndToken,
      async step(call) {
        const { password, token = held(call) } = call.body
        const outcome = await steps.reset({ token, password }, call.context)
        return outcome.ok
          ? { ok: true, json: {}, page: "signIn", notice: "password_reset", setCookie: [cookie.clear()] }
          : outcome
      },
    }),
  ]
}

/** A client without cookies sends the token itself. */
function passwordAndToken(body: unknown): { password: string; token: string | undefined } | undefined {
  const fields = textFields("password")(body)
  return fields && { ...fields, token: textFields("token")(body)?.token }
}
