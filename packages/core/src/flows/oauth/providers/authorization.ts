import { sha256 } from "#primitives"
import type { Attempt } from "../provider.js"
import { authorizationError, ProviderError } from "../provider-error.js"

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

/** Whom an answer must come from. */
export interface Responder {
  /**
   * Left out for a provider of which nobody knows what it calls itself; then each provider's own redirect address is what keeps answers apart
   * (RFC 9700 §4.4.2.2).
   */
  readonly issuer?: string | undefined
  /** Whether it said that every answer names it (RFC 9207 §3). */
  readonly authorization_response_iss_parameter_supported?: boolean
}

/** What is read of an answer, or must not be in it. */
const known = ["response", "iss", "state", "error", "id_token", "token", "code"]

/**
 * Checks what the browser brought, every parameter that is known, and answers the code: only then is it worth sending anywhere. A refusal's
 * detail is the name of the parameter, or the provider's own code for an error.
 * @throws ProviderError
 */
export function authorizationResponse(
  { authorization_response_iss_parameter_supported: promised = false, issuer }: Responder,
  parameters: URLSearchParams,
  { state }: Attempt,
): string {
  // RFC 6749 §3.1: none may be there twice, or two readers could see two answers.
  const twice = known.find((name) => parameters.getAll(name).length > 1)
  if (twice) throw wrong(twice)
  const { code, error, id_token, iss, response, state: said, token } = Object.fromEntries(parameters)
  const right = {
    // A signed answer (JARM), whose parameters are inside.
    response: response === undefined,
    // RFC 9207 §2.4: compared byte for byte.
    iss: !issuer || (iss === undefined ? !promised : iss === issuer),
    state: said === state,
    // Implicit and hybrid flows.
    id_token: id_token === undefined,
    token: token === undefined,
  }
  for (const [name, isRight] of Object.entries(right)) if (!isRight) throw wrong(name)
  if (error !== undefined) throw authorizationError(error)
  if (!code) throw wrong("code")
  return code
}

function wrong(parameter: string): ProviderError {
  return new ProviderError("response_invalid", parameter)
}
