import { compactVerify, type JWK, type JWTPayload } from "jose"
import type { Seconds } from "../../../clock.js"
import { encodeBase64url } from "../../../crypto/base64url.js"
import { utf8 } from "../../../crypto/utf8.js"
import type { ProviderKit } from "../provider.js"
import { during, ProviderError } from "../provider-error.js"
import { type JsonObject, jsonObject } from "./json-object.js"
import { algorithms, publishedKeys } from "./published-keys.js"

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
  readonly issuer: string | ((claims: JsonObject) => string | undefined)
  /** Whether the key that made the signature may sign for these claims. Default: every key of the set may. */
  readonly maySign?: (key: JWK, claims: JsonObject) => boolean
}

/** What a token must belong to. */
export interface Expected {
  /** The attempt's; a token that comes with a refresh has none. */
  readonly nonce: string | undefined
  /** Whether the user was to sign in at the provider again. */
  readonly again: boolean
  /** The access token that came with it. */
  readonly accessToken: string
}

/** Checks an ID token against the attempt and the access token that it must belong to. */
export type VerifyIdToken = (token: string | undefined, expected: Expected) => Promise<IdTokenClaims>

/** How far an issuer's clock may be from ours. */
const leeway: Seconds = 30
/** A token is made for one attempt, just now. */
const mostAge: Seconds = 600

/**
 * OpenID Connect Core §3.1.3.7, all of it, back channel or not: the signature, which is jose's work, and then every claim. A refusal's detail is the
 * name of the claim, or jose's code.
 */
export function idTokenVerifier(rules: IdTokenRules, kit: ProviderKit): VerifyIdToken {
  const keyFor = publishedKeys(rules.jwksUri, kit)

  async function verify(token: string, expected: Expected): Promise<IdTokenClaims> {
    let key: JWK = {}
    const signed = await compactVerify(
      token,
      async (header) => {
        key = await keyFor(header)
        return key
      },
      { algorithms },
    )
    const { alg, b64, typ } = signed.protectedHeader
    // RFC 7797 §7: what is signed without encoding is no JWT.
    const claims = b64 === false ? undefined : jsonObject(strictText(signed.payload))
    if (!claims) throw wrong("claims")
    const { at_hash: hash, aud, auth_time: signedInAt, exp, iat, iss, nbf, nonce, sub } = claims
    const now = Math.floor(kit.clock() / 1000)
    const right = {
      // RFC 8725 §3.11: a token of another kind says so (`at+jwt`, `logout+jwt`); an ID token says nothing, or JWT.
      typ: /^(?:undefined|(?:application\/)?jwt)$/i.test(`${typ}`),
      iss: typeof iss === "string" && iss === issuerFor(rules, claims),
      kid: rules.maySign?.(key, claims) ?? true,
      sub: typeof sub === "string",
      aud: [aud].flat().includes(rules.clientId),
      azp: isAuthorizedParty(claims, rules.clientId),
      exp: isInstant(exp) && exp > now - leeway,
      iat: isRecent(iat, now) && iat <= now + leeway,
      nbf: nbf === undefined || (isInstant(nbf) && nbf <= now + leeway),
      nonce: expected.nonce === undefined || nonce === expected.nonce,
      // Some providers do not say when the user signed in there, though they must when asked to ask again.
      auth_time: !expected.again || signedInAt === undefined || isRecent(signedInAt, now),
      at_hash: hash === undefined || hash === (await halfHash(expected.accessToken, alg)),
    }
    for (const [claim, isRight] of Object.entries(right)) if (!isRight) throw wrong(claim)
    return claims as IdTokenClaims
  }

  return function verifyIdToken(token, expected) {
    return during("id_token_invalid", () => {
      if (token === undefined) throw wrong("missing")
      return verify(token, expected)
    })
  }
}

function issuerFor({ issuer }: IdTokenRules, claims: JsonObject): string | undefined {
  return typeof issuer === "string" ? issuer : issuer(claims)
}

/** A token for several audiences must say that it was made for us; one that names a party must name us. */
function isAuthorizedParty({ aud, azp }: JsonObject, clientId: string): boolean {
  return azp === undefined ? !Array.isArray(aud) || aud.length === 1 : azp === clientId
}

/** Seconds since 1970 (RFC 7519 §2, NumericDate). 1e999 is JSON, and no instant. */
function isInstant(value: unknown): value is Seconds {
  return Number.isFinite(value)
}

function isRecent(value: unknown, now: Seconds): value is Seconds {
  return isInstant(value) && value >= now - mostAge - leeway
}

/** The left half of the access token's hash, by the hash of the signature (§3.1.3.6); of Ed25519 that is SHA-512. */
async function halfHash(accessToken: string, algorithm: string): Promise<string> {
  const bits = /\d{3}$/.exec(algorithm)?.[0] ?? "512"
  const digest = await crypto.subtle.digest(`SHA-${bits}`, utf8.encode(accessToken))
  return encodeBase64url(new Uint8Array(digest, 0, digest.byteLength / 2))
}

/** @throws TypeError for bytes that are no UTF-8: no two readers may see different claims in them */
function strictText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
}

function wrong(claim: string): ProviderError {
  return new ProviderError("id_token_invalid", claim)
}
