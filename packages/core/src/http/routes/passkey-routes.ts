import type { PasskeySteps } from "../../flows/passkey/passkey.js"
import type { PasskeyUse } from "../../flows/passkey/stored-passkey.js"
import type { SessionCookie } from "../cookies.js"
import { textFields } from "../fields.js"
import type { Reasons } from "../problem.js"
import { grantSession, type Page, type Route, route, signedIn } from "../route.js"

/** What only this flow refuses for. */
export const passkeyReasons: Reasons = {
  passkey_invalid: [401, "This passkey was not taken."],
  too_many_passkeys: [409, "You have twenty passkeys. Remove one first."],
  reauthentication_required: [401, "Sign in again."],
  insufficient_user_authentication: [401, "Prove it with your second factor first."],
  last_way_in: [409],
}

/** What the routes are made of. */
export interface PasskeyRouteSettings {
  readonly steps: PasskeySteps
  /** Says which browser asked to sign in. */
  readonly cookie: SessionCookie
  /** Seconds that it lives. */
  readonly lifetime: number
  /** The host's page that shows the user's passkeys. */
  readonly page: Page
}

const which = textFields("passkey")
const renaming = textFields("passkey", "name")

/** The flow's addresses. Only a script can ask an authenticator; what it brings may also come in a form, as JSON in the field `response`. */
export function passkeyRoutes({ cookie, lifetime, page, steps }: PasskeyRouteSettings): readonly Route[] {
  const refusedPage = page

  return [
    route<{ use: PasskeyUse | undefined }>({
      name: "passkeyRegisterOptions",
      method: "POST",
      path: "passkey/register/options",
      refusedPage,
      body: wish,
      async step({ body, context }) {
        const outcome = await steps.registrationOptions(body, context)
        return outcome.ok ? { ok: true, json: { options: outcome.options }, page } : outcome
      },
    }),

    route<{ response: unknown; name: string | undefined }>({
      name: "passkeyRegister",
      method: "POST",
      path: "passkey/register",
      refusedPage,
      body: made,
      async step({ body, context }) {
        const outcome = await steps.register(body, context)
        if (!outcome.ok) return outcome
        const grant = grantSession(outcome.session, page)
        return { ...grant, json: { ...grant.json, passkey: outcome.passkey }, notice: "passkey_added" }
      },
    }),

    route({
      name: "passkeySignInOptions",
      method: "POST",
      path: "passkey/sign-in/options",
      async step({ context, incoming }) {
        const held = cookie.read(incoming.header("cookie"))
        const outcome = await steps.signInOptions({ browser: held }, context)
        if (!outcome.ok) return outcome
        const setCookie = [cookie.set(outcome.browser, lifetime)]
        return { ok: true, json: { options: outcome.options }, page: "signIn", setCookie }
      },
    }),

    route<{ response: unknown }>({
      name: "passkeySignIn",
      method: "POST",
      path: "passkey/sign-in",
      body: made,
      async step({ body, context, incoming }) {
        const browser = cookie.read(incoming.header("cookie"))
        const outcome = await steps.signIn({ response: body.response, browser }, context)
        if (!outcome.ok) return outcome
        return { ...grantSession(outcome.session, "home"), setCookie: [cookie.clear()] }
      },
    }),

    route({
      name: "passkeys",
      method: "GET",
      step: signedIn(async ({ userId }) => ({
        ok: true,
        json: { passkeys: await steps.passkeys(userId) },
        page,
      })),
    }),

    route({
      name: "passkeyRename",
      method: "POST",
      path: "passkeys/rename",
      refusedPage,
      body: renaming,
      async step({ body, context }) {
        const outcome = await steps.rename(body, context)
        return outcome.ok ? { ok: true, json: {}, page, notice: "passkey_renamed" } : outcome
      },
    }),

    route({
      name: "passkeyRemove",
      method: "POST",
      path: "passkeys/remove",
      refusedPage,
      body: which,
      async step({ body, context }) {
        const outcome = await steps.remove(body, context)
        return outcome.ok ? { ...grantSession(outcome.session, page), notice: "passkey_removed" } : outcome
      },
    }),
  ]
}

/** Nothing need be said; what is said must be one of the two. */
function wish(body: unknown): { use: PasskeyUse | undefined } | undefined {
  const use = fieldOf(body, "use")
  return use === undefined || use === "sign_in" || use === "second_factor" ? { use } : undefined
}

/** What an authenticator has answered. It is looked at by the step: whatever it is, the answer to it is the same. */
function made(body: unknown): { response: unknown; name: string | undefined } | undefined {
  const response = fieldOf(body, "response")
  const name = fieldOf(body, "name")
  if (response === undefined || (name !== undefined && typeof name !== "string")) return undefined
  return { response: typeof response === "string" ? parsed(response) : response, name }
}

function fieldOf(body: unknown, name: string): unknown {
  const isObject = typeof body === "object" && body !== null
  return isObject && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
