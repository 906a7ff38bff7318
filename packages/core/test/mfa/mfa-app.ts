import type { MfaFlow } from "../../src/mfa.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import type { OAuthHost } from "../oauth/oauth-app.js"
import { type AuthenticatorApp, authenticatorApp } from "./authenticator-app.js"

export function mfaOf(host: Pick<OAuthHost, "auth">): MfaFlow {
  return host.auth.flows.mfa
}

/** Signs in by password, enrols an app, and signs out: whatever comes next meets the second factor. */
export async function withTotp(
  host: OAuthHost,
  browser: TestClient = host.browser(),
): Promise<{ readonly app: AuthenticatorApp; readonly codes: readonly string[] }> {
  await post(browser, "/auth/login", ada)
  const enrolled = await enrolTotp(host, browser)
  await post(browser, "/auth/logout", {})
  // The next code is another one.
  host.clock.advance(60_000)
  return enrolled
}

/** In a session that is fresh. */
export async function enrolTotp(
  host: OAuthHost,
  browser: TestClient,
): Promise<{ readonly app: AuthenticatorApp; readonly codes: readonly string[] }> {
  const { uri } = await post(browser, "/auth/mfa/enrol", { factor: "totp" })
  const app = authenticatorApp(String(uri), host.clock)
  const { recoveryCodes: codes } = await post(browser, "/auth/mfa/enrol/confirm", {
    factor: "totp",
    code: app.code(),
  })
  await settled()
  return { app, codes: codes as readonly string[] }
}

/** Posts JSON and answers JSON; anything but 200 or 202 is an error. */
export async function post(
  browser: TestClient,
  path: string,
  json: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await browser.post(path, { json })
  const body: unknown = await answer.json()
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(body)}`)
  return body as Readonly<Record<string, unknown>>
}

/** The reason of a refusal, and its status. */
export async function refusalOf(answer: Response): Promise<readonly [number, unknown]> {
  return [answer.status, ((await answer.json()) as { reason?: unknown }).reason]
}

export async function whoIs(browser: TestClient): Promise<Readonly<Record<string, unknown>> | null> {
  return (await (await browser.get("/auth/session")).json()).user
}

/** How the session of this browser was opened. */
export async function methodsOf(browser: TestClient): Promise<readonly string[]> {
  return (await (await browser.get("/auth/session")).json()).session?.methods ?? []
}
