import type { PasswordSteps } from "../../flows/password/password.js"
import { textFields } from "../fields.js"
import { grantSession, type Route, route } from "../route.js"

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
        return outcome.session
          ? grantSession(outcome.session, "home")
          : { ok: true, status: 202, json: {}, page: "signIn", notice: "registered" }
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
        return outcome.ok ? grantSession(outcome.session, "home") : outcome
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
        return outcome.ok
          ? { ...grantSession(outcome.session, "account"), notice: "password_changed" }
          : outcome
      },
    }),
  ]
}
