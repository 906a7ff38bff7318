import type { ConnectedProvider, ProvenIdentity, ProviderTokens } from "../provider.js"
import { ProviderError } from "../provider-error.js"
import type { VerifyIdToken } from "./id-token.js"
import type { TokenEndpoint } from "./token-endpoint.js"

/** Makes a provider's `refresh` (RFC 6749 §6). Providers are handed it by `encryptedTokens()`, so that only hosts that keep tokens bundle it. */
export type Refreshing = (
  endpoint: TokenEndpoint,
  verify?: VerifyIdToken,
) => NonNullable<ConnectedProvider["refresh"]>

export const refreshing: Refreshing = (endpoint, verify) =>
  async function refresh(refreshToken, identity) {
    const tokens = await endpoint("refresh_token", { refresh_token: refreshToken })
    return verify ? refreshedFor(identity, tokens, verify) : tokens
  }

/** An ID token that comes with a refresh must name the same user of the same issuer (OpenID Connect Core §12.2). */
export async function refreshedFor(
  { issuer, subject }: Pick<ProvenIdentity, "issuer" | "subject">,
  tokens: ProviderTokens,
  verify: VerifyIdToken,
): Promise<ProviderTokens> {
  const { accessToken, idToken } = tokens
  if (idToken === undefined) return tokens
  const claims = await verify(idToken, { nonce: undefined, again: false, accessToken })
  if (claims.iss === issuer && claims.sub === subject) return tokens
  throw new ProviderError("id_token_invalid", "sub")
}
