import type { NameField } from "../../flows/password/account-names.js"
import type { EmailAndPassword, NameAndPassword, PasswordSteps } from "../../flows/password/password.js"
import { textFields } from "../fields.js"
import type { Reasons } from "../problem.js"
import { grantSession, type Route, route } from "../route.js"

/** What only this flow refuses for. */
export const passwordReasons: Reasons = {
  invalid_credentials: [401, "The e-mail address or the password is not right."],
  wrong_password: [403, "The current password is not right."],
  email_taken: [409, "This e-mail address has an account."],
  invalid_email: [422, "This is not an e-mail address."],
  password_too_short: [422, "The password is too short. A few random words make a good one."],
  password_too_long: [422],
  password_common: [422, "The password is easy to guess. A few random words make a good one."],
  password_breached: [422, "The password is known from a leak."],
  password_unchanged: [422, "The new password is the old one."],
}

const currentAndNext = textFields("current_password", "new_password")

/** The password flow's addresses. */
export function passwordRoutes(steps: PasswordSteps<NameField>, field: NameField): readonly Route[] {
  return [
    route<EmailAndPassword>({
      name: "register",
      refusedPage: "register",
      body: textFields("email", "password"),
      async step({ body, context }) {
        const outcome = await steps.register(body, context)
        if (!outcome.ok) return outcome
        return outcome.session
          ? grantSession(outcome.session, "home")
          : { ok: true, status: 202, json: {}, page: "signIn", notice: "registered" }
      },
    }),

    route<NameAndPassword>({
      name: "login",
      body: textFields(field, "password"),
      async step({ body, context }) {
        const outcome = await steps.signIn(body, context)
        if (!outcome.ok) return outcome
        return { ...grantSession(outcome.session, "home"), setCookie: outcome.setCookie }
      },
    }),

    route({
      name: "changePassword",
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
