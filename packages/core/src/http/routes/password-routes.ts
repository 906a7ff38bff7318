import type { PasswordSteps } from "../../flows/password/password.js"
import { textFields } from "../fields.js"
import { principalJson } from "../principal-json.js"
import { type Route, route } from "../route.js"

const emailAndPassword = textFields("email", "password")
const currentAndNext = textFields("current_password", "new_password")

/** The password flow's addresses. */
export function passwordRoutes(steps: PasswordSteps): readonly Route[] {
  return [
    route({
      name: "register",
      method: "POST",
      path: "register",
      refusedPage: "register",
      body: emailAndPassword,
      async step({ body, context }) {
        const outcome = await steps.register(body, context)
        if (!outcome.ok) return outcome
        const { session } = outcome
        if (!session) return { ok: true, status: 202, json: {}, page: "signIn", notice: "registered" }
        return {
          ok: true,
          json: principalJson(session.principal),
          page: "home",
          cookie: { token: session.token },
        }
      },
    }),

    route({
      name: "login",
      method: "POST",
      path: "login",
      refusedPage: "signIn",
      body: emailAndPassword,
      async step({ body, context }) {
        const outcome = await steps.signIn(body, context)
        if (!outcome.ok) return outcome
        const { principal, token } = outcome.session
        return { ok: true, json: principalJson(principal), page: "home", cookie: { token } }
      },
    }),

    route({
      name: "changePassword",
      method: "POST",
      path: "password/change",
      refusedPage: "account",
      body: currentAndNext,
      async step({ body, context }) {
        const outcome = await steps.change(
          { current: body.current_password, next: body.new_password },
          context,
        )
        if (!outcome.ok) return outcome
        const { principal, token } = outcome.session
        return {
          ok: true,
          json: principalJson(principal),
          page: "account",
          notice: "password_changed",
          cookie: { token },
        }
      },
    }),
  ]
}
