import { type ConfirmSteps, confirm } from "./flows/password/confirm.js"
import { textFields } from "./http/fields.js"
import { grantSession, route } from "./http/route.js"
import { withPart } from "./http/with-part.js"
import type { PasswordConfirm } from "./password.js"

const passwordField = textFields("password")

/**
 * Step-up by password: `password({ hasher, confirm: passwordConfirm() })`. For what asks for a fresh session (`reauthentication_required`): whoever is
 * signed in types their password once more, instead of signing in again. Its route is `POST password/confirm`.
 */
export function passwordConfirm(): PasswordConfirm {
  return {
    needs: [],
    addTo(flow, _, parts) {
      const steps: ConfirmSteps = { confirm: (input, context) => confirm(parts, input, context) }
      const confirmRoute = route<{ readonly password: string }>({
        name: "passwordConfirm",
        method: "POST",
        path: "password/confirm",
        refusedPage: "account",
        body: passwordField,
        async step({ body, context }) {
          const outcome = await steps.confirm(body, context)
          if (!outcome.ok) return outcome
          // A path of the host's own, where it was asked for, goes before its home page.
          return grantSession(outcome.session, "home")
        },
      })
      return withPart(flow, { steps, routes: [confirmRoute] })
    },
  }
}

export type { ConfirmSteps } from "./flows/password/confirm.js"
export type { PasswordConfirmCalls } from "./http/calls.js"
export type { PasswordConfirm } from "./password.js"
