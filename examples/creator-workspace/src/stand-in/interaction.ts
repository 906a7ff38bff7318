import type { IncomingMessage, ServerResponse } from "node:http"
import type { Provider } from "oidc-provider"
import type { Accounts } from "./account.js"
import type { Persona } from "./persona.js"
import { consentScreen, loginScreen, type Visit } from "./screens.js"
import { sendScreen } from "./send-screen.js"

/** Whose screens, and over which issuer. */
export interface Part {
  readonly persona: Persona
  readonly provider: Provider
  readonly accounts: Accounts
  /** Origin of the application that asks. */
  readonly application: string
}

/** Longest form that is read, in bytes. */
const formLimit = 4096

/**
 * Login, consent, and the way back with a code or with a "no". The forms carry what was typed from one screen to the next, so nothing is kept
 * in between; the cookie that says which sign-in is meant is the provider's, and its path is this address.
 *
 * @throws errors.SessionNotFound if the sign-in has ended or was begun in another browser
 */
export async function interact(part: Part, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { persona, provider, accounts, application } = part
  const { uid, params } = await provider.interactionDetails(req, res)
  const visit: Visit = { persona, application, address: `/${persona.name}/interaction/${uid}` }
  if (req.method !== "POST") return sendScreen(res, 200, application, loginScreen(visit))

  const form = await readForm(req)
  const typed = { email: form.get("email")?.trim() ?? "", verified: form.get("verified") === "yes" }
  const decision = form.get("decision")
  if (decision === "deny") {
    const denied = { error: "access_denied", error_description: "The user said no." }
    return provider.interactionFinished(req, res, denied, { mergeWithLastSubmission: false })
  }
  if (!/^[^\s@]+@[^\s@]+$/.test(typed.email) || typed.email.length > 254) {
    return sendScreen(res, 422, application, loginScreen(visit, typed.email))
  }
  if (decision !== "allow") return sendScreen(res, 200, application, consentScreen(visit, typed))

  const { subject: accountId } = accounts.remember(typed.email, typed.verified)
  const grant = new provider.Grant({ accountId, clientId: String(params["client_id"]) })
  grant.addOIDCScope(String(params["scope"]))
  return provider.interactionFinished(req, res, {
    login: { accountId },
    consent: { grantId: await grant.save() },
  })
}

async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  let text = ""
  for await (const chunk of req.setEncoding("utf8")) {
    text += chunk
    if (text.length > formLimit) throw new Error("The form is too large.")
  }
  return new URLSearchParams(text)
}
