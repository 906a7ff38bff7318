import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import type { JsonObject } from "./lies.js"

/** What the provider can sign with. */
export type Algorithm = "RS256" | "PS256" | "ES256" | "EdDSA"

/** A key pair. Its `kid` is made from the key, so no two keys share one. */
export interface SigningKey {
  readonly alg: Algorithm
  readonly kid: string
  /** As the JWKS lists it: with `kid`, `alg` and `use`. */
  readonly publicJwk: JsonObject
  readonly privateJwk: JsonObject
  /** SPKI, as a PEM file has it. */
  readonly publicPem: string
  sign(text: string): Buffer
}

/** Makes a key. RSA keys take some tens of milliseconds. */
export function newSigningKey(alg: Algorithm): SigningKey {
  const { publicKey, privateKey } = keyPair(alg)
  const spki = publicKey.export({ format: "der", type: "spki" })
  const kid = createHash("sha256").update(spki).digest("base64url").slice(0, 16)
  const jwkOf = (key: KeyObject): JsonObject => ({ ...textOf(key), kid, alg, use: "sig" })
  return {
    alg,
    kid,
    publicJwk: jwkOf(publicKey),
    privateJwk: jwkOf(privateKey),
    publicPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
    sign: (text) => signature(alg, privateKey, Buffer.from(text)),
  }
}

function keyPair(alg: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (alg === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" })
  if (alg === "EdDSA") return generateKeyPairSync("ed25519")
  return generateKeyPairSync("rsa", { modulusLength: 2048 })
}

function textOf(key: KeyObject): JsonObject {
  const fields = Object.entries(key.export({ format: "jwk" }))
  return Object.fromEntries(
    fields.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  )
}

function signature(alg: Algorithm, key: KeyObject, data: Buffer): Buffer {
  if (alg === "RS256") return sign("sha256", data, { key, padding: constants.RSA_PKCS1_PADDING })
  if (alg === "PS256")
    return sign("sha256", data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
  if (alg === "ES256") return sign("sha256", data, { key, dsaEncoding: "ieee-p1363" })
  return sign(null, data, key)
}
