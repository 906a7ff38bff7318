import { expect } from "vitest"
import type { AuthEvent } from "../../src/index.js"
import type { OAuthHost } from "./oauth-app.js"
import { expectNobody, type PlayedKind, refusalIn } from "./played-kind.js"

/** What the event must say beside the flow and the provider. */
export type Refused = Partial<Pick<Extract<AuthEvent, { type: "sign_in.refused" }>, "cause" | "detail">>

/** A sign-in with a code that is good ends at the sign-in page, with nobody signed in and the exact cause in the only event. */
export async function expectRefused(
  played: PlayedKind,
  refused: Refused,
  { host = played.host(), reason = "oauth_failed" }: { host?: OAuthHost; reason?: string } = {},
): Promise<void> {
  const browser = host.browser()
  const before = host.events.length
  const location = await played.signIn(browser)
  const events = host.events.slice(before)
  expect([location, refusalIn({ events })]).toEqual([
    `/sign-in?error=${reason}&provider=remote`,
    { type: "sign_in.refused", flow: "oauth", provider: "remote", ...refused },
  ])
  expect(played.remote.requests.trap).toEqual([])
  if (before === 0) await expectNobody(host, browser)
}

/** The same for what is wrong with the ID token, or with the keys that it is checked with. */
export function expectIdTokenRefused(
  played: PlayedKind,
  detail: string,
  options: Parameters<typeof expectRefused>[2] = {},
): Promise<void> {
  return expectRefused(played, { cause: "id_token_invalid", detail }, options)
}

/** Details that are jose's error codes. Of a claim the detail is its name. */
export const jose = {
  alg: "ERR_JOSE_ALG_NOT_ALLOWED",
  form: "ERR_JWS_INVALID",
  noKey: "ERR_JWKS_NO_MATCHING_KEY",
  signature: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  unsupported: "ERR_JOSE_NOT_SUPPORTED",
} as const
