import { createHash, createHmac } from "node:crypto"
import { isJsonObject, type Json, type JsonObject, type JwtLies, type SignatureLie, told } from "./lies.js"
import type { Algorithm, SigningKey } from "./signing-key.js"

/** The keys that a token is made with. */
export interface TokenKeys {
  readonly published: SigningKey
  /** Of the same algorithm, published nowhere. */
  readonly stranger: () => SigningKey
}

/**
 * A compact JWS of these claims, true unless the lies say otherwise. It is put together by hand, not with jose:
 * jose rightly refuses to sign most of what is told here, and is what verifies it on the other side.
 */
export function forgedJwt(claims: JsonObject, lies: JwtLies, keys: TokenKeys): string {
  const key = lies.key ?? keys.published
  const claimed = told(claims, lies.claims)
  const text = lies.payload?.(JSON.stringify(claimed)) ?? JSON.stringify(claimed)
  const header = told(
    {
      alg: algOf(lies.signature, key.alg),
      kid: key.kid,
      ...(lies.signature === "unsigned" ? { kid: undefined } : {}),
    },
    lies.header,
  )
  const input = `${encoded(JSON.stringify(header))}.${encoded(text)}`
  const signature = signatureOf(input, lies.signature, key, keys.stranger)
  const sent = lies.signature === "payload-tampered" ? otherSubject(header, claimed) : input
  const compact = `${sent}.${signature.toString("base64url")}`
  return lies.token?.(compact) ?? compact
}

function algOf(lie: SignatureLie | undefined, alg: Algorithm): string {
  if (lie === "unsigned") return "none"
  return lie === "hmac-pem" || lie === "hmac-jwk" ? "HS256" : alg
}

function signatureOf(
  input: string,
  lie: SignatureLie | undefined,
  key: SigningKey,
  stranger: () => SigningKey,
): Buffer {
  if (lie === "unsigned" || lie === "stripped") return Buffer.alloc(0)
  if (lie === "stranger") return stranger().sign(input)
  if (lie === "hmac-pem") return createHmac("sha256", key.publicPem).update(input).digest()
  if (lie === "hmac-jwk") return createHmac("sha256", JSON.stringify(key.publicJwk)).update(input).digest()
  const signature = key.sign(input)
  if (lie === "tampered") signature[0] = (signature[0] ?? 0) ^ 1
  return signature
}

function otherSubject(header: Json, claims: Json): string {
  const fields = isJsonObject(claims) ? claims : {}
  return `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify({ ...fields, sub: "somebody-else" }))}`
}

/** OpenID Connect Core 3.1.3.6: the left half of the hash that goes with `alg`; for Ed25519 that is SHA-512. */
export function accessTokenHash(accessToken: string, alg: Algorithm): string {
  const digest = createHash(alg === "EdDSA" ? "sha512" : "sha256")
    .update(accessToken)
    .digest()
  return digest.subarray(0, digest.length / 2).toString("base64url")
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url")
}
