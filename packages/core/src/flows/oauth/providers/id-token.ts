import { createRemoteJWKSet, customFetch, type JWK, type JWTPayload, jwtVerify } from "jose"
import { encodeBase64url } from "../../../crypto/base64url.js"
import { utf8 } from "../../../crypto/utf8.js"
import type { ProviderKit } from "../provider.js"
import { during, ProviderError } from "../provider-error.js"

/** The claims of an ID token that was found right in everything below. */
export interface IdTokenClaims extends JWTPayload {
  readonly iss: string
  readonly sub: string
}

/** Whose tokens are taken, and by whose keys. */
export interface IdTokenRules {
  readonly clientId: string
  readonly jwksUri: string
  /** The issuer, or the one that a token must have by its own claims, for a provider with one issuer per tenant. */
  readonly issuer: string | ((claims: JWTPayload) => string | undefined)
  /** Whether a key of the set may sign for these claims. Default: every key may. */
  readonly maySign?: (key: JWK, claims: JWTPayload) => boolean
}

/** Checks an ID token against the attempt that it must belong to (one that comes with a refresh has none), and the access token that came with it. */
export type VerifyIdToken = (
  token: string | undefined,
  expected: { readonly nonce: string | undefined; readonly accessToken: string },
) => Promise<IdTokenClaims>

// RFC 8725 §3.1: pinned, and nothing symmetric, so that a public key can never be taken for a shared secret.
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
]

/**
 * OpenID Connect Core §3.1.3.7, all of it, back channel or not: signature, `iss`, `aud`, `azp`, `exp`, `iat`, `nonce`, `at_hash` (§3.1.3.6), `sub`.
 * Keys come from the issuer's own set alone; what a token's header says of keys (`jwk`, `jku`, `x5u`) is not looked at. The set is kept for
 * ten minutes and fetched again for a key that is not in it, though not more often than every five seconds.
 */
export function idTokenVerifier(rules: IdTokenRules, { clock, network }: ProviderKit): VerifyIdToken {
  const keys = createRemoteJWKSet(network.checked(rules.jwksUri), {
    [customFetch]: (url, init) => network.fetch(url, init),
    cooldownDuration: 5000,
  })

  async function verify(
    token: string,
    nonce: string | undefined,
    accessToken: string,
  ): Promise<IdTokenClaims> {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms,
      audience: rules.clientId,
      clockTolerance: "30 s",
      currentDate: new Date(clock()),
      // Just made, for this attempt; this is also what refuses an `iat` that lies ahead.
      maxTokenAge: "10 min",
      requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
    })
    const expected = typeof rules.issuer === "string" ? rules.issuer : rules.issuer(payload)
    if (expected === undefined || payload.iss !== expected) throw wrong("iss")
    // 1e999 is a number, too.
    if (!Number.isFinite(payload.exp)) throw wrong("exp")
    if (nonce !== undefined && payload["nonce"] !== nonce) throw wrong("nonce")
    if (!isAuthorizedParty(payload, rules.clientId)) throw wrong("azp")
    if (typeof payload.sub !== "string") throw wrong("sub")
    const hash = payload["at_hash"]
    if (hash !== undefined && hash !== (await halfHash(accessToken, protectedHeader.alg)))
      throw wrong("at_hash")
    if (rules.maySign && !signers(keys, protectedHeader.kid).some((key) => rules.maySign?.(key, payload)))
      throw wrong("kid")
    return payload as IdTokenClaims
  }

  return function verifyIdToken(token, { nonce, accessToken }) {
    return during("id_token_invalid", () => {
      if (token === undefined) throw new ProviderError("id_token_invalid", "missing")
      return verify(token, nonce, accessToken)
    })
  }
}

/** A token for several audiences must say that it was made for us; one that names a party must name us. */
function isAuthorizedParty({ aud, azp }: JWTPayload, clientId: string): boolean {
  return azp === undefined ? !Array.isArray(aud) || aud.length === 1 : azp === clientId
}

/** The left half of the access token's hash, by the hash of the signature (§3.1.3.6); of Ed25519 that is SHA-512. */
async function halfHash(accessToken: string, algorithm: string): Promise<string> {
  const bits = /\d{3}$/.exec(algorithm)?.[0] ?? "512"
  const digest = await crypto.subtle.digest(`SHA-${bits}`, utf8.encode(accessToken))
  return encodeBase64url(new Uint8Array(digest, 0, digest.byteLength / 2))
}

function signers(keys: ReturnType<typeof createRemoteJWKSet>, kid: string | undefined): readonly JWK[] {
  return keys.jwks()?.keys.filter((key) => key.kid === kid) ?? []
}

function wrong(claim: string): ProviderError {
  return new ProviderError("id_token_invalid", claim)
}
