import { createSeal } from "../../crypto/seal.js"
import type { SecretRing } from "../../crypto/secret-ring.js"
import { accessToken, type GrantedToken } from "./access-token.js"
import { handleOf } from "./identities.js"
import type { OAuthParts } from "./oauth.js"
import type { ProvenIdentity, ProviderTokens } from "./provider.js"
import { type Refreshing, refreshing } from "./providers/refreshing.js"

/** Keeps a provider's tokens where a dump of the store does not show them. */
export interface TokenKeeper {
  /** @param handle the identity that they belong to; they open for no other */
  seal(tokens: ProviderTokens, handle: string): Promise<string>
  /**
   * Seals an identity's own tokens; undefined if it came without.
   * @param earlier what was kept of it before: some providers hand out a refresh token at the first consent only
   */
  sealed(identity: ProvenIdentity, earlier?: string): Promise<string | undefined>
  /** Undefined if there is nothing, or the host's secret of then is no longer among those of now. */
  open(sealed: string | undefined, handle: string): Promise<ProviderTokens | undefined>
  /** See {@link OAuthSteps.accessToken}; here, so that only hosts that keep tokens bundle it. */
  accessToken(parts: OAuthParts, userId: string, provider: string): Promise<GrantedToken>
}

/** How tokens are kept, and made anew. */
export interface TokenKeeping {
  /** How a provider refreshes. */
  readonly refreshing: Refreshing
  /** Keeps them under the host's secrets. */
  keeper(secrets: SecretRing): TokenKeeper
}

/**
 * Keeps each identity's latest tokens encrypted (AES-256-GCM under a key made of the host's secret; the identity is authenticated with them), for
 * hosts that call the provider's API. Rotating the secret keeps them readable while the old one is still in the ring. ID tokens are not kept.
 */
export function encryptedTokens(): TokenKeeping {
  return {
    refreshing,
    keeper(secrets) {
      const seal = createSeal(secrets, "oauth tokens")
      const keeper: TokenKeeper = {
        seal: ({ idToken: _, ...tokens }, handle) => seal.seal(JSON.stringify(tokens), handle),
        async sealed(identity, earlier) {
          if (!identity.tokens) return undefined
          const handle = handleOf(identity)
          const refreshToken =
            identity.tokens.refreshToken ?? (await keeper.open(earlier, handle))?.refreshToken
          return keeper.seal({ ...identity.tokens, refreshToken }, handle)
        },
        async open(sealed, handle) {
          const opened = sealed === undefined ? undefined : await seal.open(sealed, handle)
          return opened === undefined ? undefined : (JSON.parse(opened) as ProviderTokens)
        },
        accessToken: (parts, userId, provider) => accessToken({ ...parts, keeper }, userId, provider),
      }
      return keeper
    },
  }
}
