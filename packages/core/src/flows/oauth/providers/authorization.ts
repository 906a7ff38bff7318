import { type AuthorizationServer, validateAuthResponse } from "oauth4webapi"
import { sha256 } from "#primitives"
import type { Attempt } from "../provider.js"
import { during, ProviderError } from "../provider-error.js"

/**
 * Completes an authorization request (RFC 6749 §4.1.1) with what every one of ours carries: state, nonce, and the PKCE challenge S256
 * (RFC 7636 §4.2). A parameter of the provider's own never replaces one of these.
 */
export function authorizationRequest(
  endpoint: URL,
  parameters: Readonly<Record<string, string | undefined>>,
  { nonce, redirectUri, state, verifier }: Attempt,
  pkce?: "unsupported",
): URL {
  const url = new URL(endpoint)
  const all = {
    ...parameters,
    response_type: "code",
    redirect_uri: redirectUri,
    state,
    nonce,
    ...(pkce ? {} : { code_challenge: sha256(verifier), code_challenge_method: "S256" }),
  }
  for (const [name, value] of Object.entries(all)) if (value) url.searchParams.set(name, value)
  return url
}

/**
 * Checks what the browser brought: no parameter twice, the `iss` of this provider (RFC 9207 §2.4) if there is one or must be one, the state,
 * no error, no token. Only then is there a code worth sending anywhere, which is what it answers.
 * @param server without `issuer` for a provider of which nobody knows what it calls itself; then each provider's own redirect address is what
 * keeps answers apart (RFC 9700 §4.4.2.2)
 */
export function authorizationResponse(
  server: Omit<AuthorizationServer, "issuer"> & { readonly issuer?: string | undefined },
  clientId: string,
  parameters: URLSearchParams,
  { state }: Attempt,
): Promise<string> {
  const { issuer = "" } = server
  const said = new URLSearchParams(parameters)
  if (issuer === "") said.delete("iss")
  return during("response_invalid", () => {
    const checked = validateAuthResponse(
      { ...server, issuer: issuer || "-" },
      { client_id: clientId },
      said,
      state,
    )
    const [code, ...more] = checked.getAll("code")
    if (!code || more.length > 0) throw new ProviderError("response_invalid", "code")
    return code
  })
}
