import type { HostileProvider } from "./hostile-provider.js"
import { redirectUri } from "./reference-client.js"

/** RFC 7636, appendix B. */
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

/** Parameters that are not as they should be; `undefined` drops one. */
export type Changes = Readonly<Record<string, string | undefined>>

/** How a sign-in by hand differs from a right one. */
export interface Exchange {
  readonly scope?: string
  readonly form?: Changes
  readonly headers?: Readonly<Record<string, string>>
  readonly path?: string
}

/** A right authorization request, but for these changes. */
export function authorizationUrl(at: HostileProvider, changes: Changes = {}): URL {
  const url = new URL(`${at.origin}/authorize`)
  url.search = formOf({
    response_type: "code",
    client_id: at.clientId,
    redirect_uri: redirectUri,
    scope: "openid",
    state: "state",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  })
  return url
}

/** A sign-in by hand up to the answer of the token endpoint, the client's secret in the form. */
export async function exchange(
  at: HostileProvider,
  { scope = "openid", form = {}, headers = {}, path = "/token" }: Exchange = {},
): Promise<Response> {
  const code = at.authorize(authorizationUrl(at, { scope })).get("code") ?? ""
  return fetch(at.origin + path, tokenRequest(at, { code, ...form }, headers))
}

/** A right token request, but for its code and these changes. */
export function tokenRequest(
  at: HostileProvider,
  form: Changes,
  headers: Readonly<Record<string, string>> = {},
): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: formOf({
      grant_type: "authorization_code",
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: at.clientId,
      client_secret: at.clientSecret,
      ...form,
    }),
  }
}

function formOf(fields: Changes): string {
  return new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ).toString()
}

/** The answer of UserInfo to this access token. */
export function userinfo(at: HostileProvider, accessToken: string): Promise<Response> {
  return fetch(`${at.origin}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
}
