import { AuthError } from "../../errors.js"
import type { OAuthCause } from "../../events.js"

/** What went wrong between us and a provider. */
export type ProviderFault = Extract<
  OAuthCause,
  | "denied"
  | "response_invalid"
  | "provider_unavailable"
  | "token_refused"
  | "id_token_invalid"
  | "profile_invalid"
>

/**
 * A provider did not answer, or not as it must. A sign-in turns it into a refusal; a step that asks a provider for the host
 * (`accessToken`) throws it, and it is answered with 503. It holds stable codes and nothing that the provider sent: neither a token
 * nor a text can reach a log through it.
 */
export class ProviderError extends AuthError {
  readonly code = "ERR_PROVIDER"
  override readonly status = 503
  override readonly retryAfter = 1
  readonly fault: ProviderFault
  /** Says more: `timed_out`, `invalid_client`, or what was wrong with an ID token … */
  readonly detail: string

  constructor(fault: ProviderFault, detail: string) {
    super(`The provider failed: ${fault} (${detail}).`)
    this.fault = fault
    this.detail = detail
  }
}

/** Takes one step of the protocol; whatever it throws becomes a {@link ProviderError} of this kind. */
export async function during<Result>(
  fault: ProviderFault,
  step: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    throw providerError(fault, error)
  }
}

/** What a provider told the browser in place of a code (RFC 6749 §4.1.2.1). Apple and LinkedIn have words of their own for a "no". */
export function authorizationError(said: string): ProviderError {
  const denied = /^(?:access_denied|user_cancelled_\w+)$/.test(said)
  return new ProviderError(denied ? "denied" : "response_invalid", codeOf(said))
}

function providerError(fault: ProviderFault, error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  const { code, error: said, name } = Object(error) as Partial<Record<string, unknown>>
  const down = name === "NetworkError" && code !== "address_refused"
  return new ProviderError(down ? "provider_unavailable" : fault, codeOf(said ?? code ?? name))
}

/**
 * A code, by its form: small words (`invalid_client`, at_hash), or large ones (`ERR_JWS_INVALID`, OAUTH_…), or the name of an error. A provider may
 * say anything, also what it was told in confidence; what mixes letters with digits, as every secret does, is not repeated.
 */
export function codeOf(value: unknown): string {
  if (typeof value !== "string" || value.length > 48) return "unknown"
  return /^(?:[a-z]+(?:_[a-z]+)*|[A-Z]+(?:_[A-Z]+)*|(?:[A-Z][a-z]+)+)$/.test(value) ? value : "unknown"
}
