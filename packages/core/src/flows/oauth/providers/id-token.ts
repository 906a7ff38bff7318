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

/** What an ID token is checked against. */
export interface Expected {
  /** Of the attempt that it must belong to; one that comes with a refresh belongs to none. */
  readonly nonce: string | undefined
  /** Whether the user was to sign in there again. */
  readonly again: boolean
  /** What came with it. */
  readonly accessToken: string
}

/** Checks an ID token. */
export type VerifyIdToken = (token: string | undefined, expected: Expected) => Promise<IdTokenClaims>

/** Seconds by which clocks may differ, and by which a token made for this attempt may be old. */
const leeway = 30
const mostAge = 600

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

  async function verify(token: string, { accessToken, again, nonce }: Expected): Promise<IdTokenClaims> {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms,
      audience: rules.clientId,
      clockTolerance: leeway,
      currentDate: new Date(clock()),
      // Just made, for this attempt; this is also what refuses an `iat` that lies ahead.
      maxTokenAge: mostAge,
      requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
    })
    const { at_hash: hash, auth_time: authenticatedAt, exp, iss, nonce: said, sub } = payload
    const issuer = typeof rules.issuer === "string" ? rules.issuer : rules.issuer(payload)
    const oldest = clock() / 1000 - mostAge - leeway
    const checks: readonly (readonly [what: string, right: boolean])[] = [
      // RFC 8725 §3.11: a token of another kind says so (`at+jwt`, `logout+jwt`); an ID token says nothing, or JWT.
      ["typ", /^(?:undefined|(?:application\/)?jwt)$/i.test(`${protectedHeader.typ}`)],
      ["iss", issuer !== undefined && iss === issuer],
      // 1e999 is a number, too.
      ["exp", Number.isFinite(exp)],
      ["nonce", nonce === undefined || said === nonce],
      ["azp", isAuthorizedParty(payload, rules.clientId)],
      // Some providers do not say when the user signed in there, though they must when asked to ask again.
      ["auth_time", !again || authenticatedAt === undefined || Number(authenticatedAt) >= oldest],
      ["sub", typeof sub === "string"],
      ["at_hash", hash === undefined || hash === (await halfHash(accessToken, protectedHeader.alg))],
      ["kid", !rules.maySign || allMaySign(protectedHeader.kid, (key) => rules.maySign?.(key, payload))],
    ]
    const [wrong] = checks.find(([, right]) => !right) ?? []
    if (wrong) throw new ProviderError("id_token_invalid", wrong)
    return payload as IdTokenClaims
  }

  /** Whether every key that goes by this name, of which one has signed, is a key that may. */
  function allMaySign(kid: string | undefined, maySign: (key: JWK) => boolean | undefined): boolean {
    const named = keys.jwks()?.keys.filter((key) => key.kid === kid) ?? []
    return named.length > 0 && named.every(maySign)
  }

  return function verifyIdToken(token, expected) {
    return during("id_token_invalid", () => {
      if (token === undefined) throw new ProviderError("id_token_invalid", "missing")
      return verify(token, expected)
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
