import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  importJWK,
  importPKCS8,
  importSPKI,
  type JWK,
} from "jose"
import { sha256 } from "#primitives"
import { decodeBase64url } from "../../crypto/base64url.js"
import type { SecretRing } from "../../crypto/secret-ring.js"
import { utf8 } from "../../crypto/utf8.js"
import { type ConfigError, misconfigured } from "../../errors.js"

/** How a token is signed: HMAC with SHA-256, Ed25519 (RFC 8037), or ECDSA on P-256 (RFC 7518 §3). */
export type JwtAlgorithm = "HS256" | "EdDSA" | "ES256"

/** One key of the ring, pinned to one algorithm whatever a token's header says (RFC 8725 §3.1). */
export interface JwtKey {
  readonly alg: JwtAlgorithm
  /**
   * PEM (PKCS#8; SPKI for a key that only checks), or a JWK; for HS256 a secret of at least 32 characters. Never show it: an HS256 key that
   * checks also signs.
   */
  readonly key: string | Readonly<Record<string, unknown>>
  /** Default: the thumbprint of the public key (RFC 7638), for HS256 a digest of the secret. */
  readonly kid?: string
}

/** A key ready for use. */
export interface RingKey {
  readonly kid: string
  readonly alg: JwtAlgorithm
  readonly key: CryptoKey
  /** What checks its signatures. */
  readonly publicKey: CryptoKey
  /** For the JWKS; undefined for HS256, which has no public part. */
  readonly publicJwk: JWK | undefined
}

/** Keys of one realm: the first signs, all of them check, each under its `kid`. */
export interface KeyRing {
  readonly asymmetric: boolean
  signing(): Promise<RingKey>
  find(kid: string): Promise<RingKey | undefined>
  /** The public keys (RFC 7517 §5). */
  jwks(): Promise<{ readonly keys: readonly JWK[] }>
}

/** HS256 under the host's own secrets, each with a `kid` of its own: a new secret in front signs nobody out. */
export function secretKeys(secrets: SecretRing): readonly JwtKey[] {
  return secrets.digests("jwt", "HS256").map((key) => ({ alg: "HS256", key }))
}

/**
 * Keys are imported at the first use, since that may not be done at construction everywhere; what can be seen before is refused here.
 * @throws ConfigError `ERR_CONFIG_JWT`
 */
export function keyRing(given: readonly JwtKey[]): KeyRing {
  const list: readonly unknown[] = Array.isArray(given) ? given : []
  if (list.length === 0) throw wrong("keys", "")
  given.forEach(refuseUnfit)
  let imported: Promise<ReadonlyMap<string, RingKey>> | undefined

  function all(): Promise<ReadonlyMap<string, RingKey>> {
    imported ??= importAll(given)
    return imported
  }

  return {
    asymmetric: given.some(({ alg }) => alg !== "HS256"),
    async signing() {
      const [first] = (await all()).values()
      return first as RingKey
    },
    find: async (kid) => (await all()).get(kid),
    async jwks() {
      const keys = [...(await all()).values()].map(({ publicJwk }) => publicJwk)
      return { keys: keys.filter((key) => key !== undefined) }
    },
  }
}

async function importAll(given: readonly JwtKey[]): Promise<ReadonlyMap<string, RingKey>> {
  const keys = await Promise.all(given.map(importOne))
  const ring = new Map(keys.map((key) => [key.kid, key]))
  if (ring.size < keys.length) throw wrong("kid", "given twice")
  return ring
}

async function importOne(given: JwtKey, index: number): Promise<RingKey> {
  try {
    return await (given.alg === "HS256" ? importSecret(given) : importPair(given, given.alg))
  } catch (cause) {
    const refused = wrong(`keys[${index}]`, given.alg)
    refused.cause = cause
    throw refused
  }
}

async function importSecret({ key: given, kid }: JwtKey): Promise<RingKey> {
  const text = typeof given === "string" ? given : String(given["k"])
  const bytes = typeof given === "string" ? utf8.encode(text) : decodeBase64url(text)
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  const key = await crypto.subtle.importKey("raw", bytes as Uint8Array<ArrayBuffer>, algorithm, false, [
    "sign",
    "verify",
  ])
  return {
    kid: kid ?? sha256(`kid\0${text}`).slice(0, 16),
    alg: "HS256",
    key,
    publicKey: key,
    publicJwk: undefined,
  }
}

async function importPair({ key: given, kid: name }: JwtKey, alg: JwtAlgorithm): Promise<RingKey> {
  const options = { extractable: true }
  const jwk =
    typeof given === "string" ? await exportJWK(await importPem(given, alg, options)) : (given as JWK)
  const { crv, kty, x, y } = jwk
  const open = y === undefined ? { kty, crv, x } : { kty, crv, x, y }
  const kid = name ?? jwk.kid ?? (await calculateJwkThumbprint(open as JWK))
  return {
    kid,
    alg,
    key: (await importJWK(jwk, alg)) as CryptoKey,
    publicKey: (await importJWK(open as JWK, alg)) as CryptoKey,
    publicJwk: { ...open, kid, alg, use: "sig" } as JWK,
  }
}

function importPem(pem: string, alg: string, options: { extractable: boolean }): Promise<CryptoKey> {
  return pem.includes("PRIVATE KEY") ? importPKCS8(pem, alg, options) : importSPKI(pem, alg, options)
}

const curves = { EdDSA: "Ed25519", ES256: "P-256" } as const

function refuseUnfit(given: JwtKey | undefined, index: number): void {
  const { alg, key, kid } = given ?? {}
  const known = alg === "HS256" || alg === "EdDSA" || alg === "ES256"
  if (!known) throw wrong(`keys[${index}].alg`, alg)
  if (kid !== undefined && !/^[\w.-]{1,64}$/.test(kid)) throw wrong(`keys[${index}].kid`, kid)
  if (!(alg === "HS256" ? isSecret(key) : isPair(key, curves[alg], index === 0))) {
    throw wrong(`keys[${index}].key`, alg)
  }
}

function isSecret(key: unknown): boolean {
  if (typeof key === "string") return key.length >= 32
  const { k, kty } = (key ?? {}) as JWK
  return kty === "oct" && typeof k === "string" && (decodeBase64url(k)?.length ?? 0) >= 32
}

/** The first key signs, so it must be the private one. */
function isPair(key: unknown, curve: string, signs: boolean): boolean {
  if (typeof key === "string")
    return /-----BEGIN (?:PRIVATE|PUBLIC) KEY-----/.test(key) && (!signs || key.includes("PRIVATE"))
  const { crv, d } = (key ?? {}) as JWK
  return crv === curve && (!signs || typeof d === "string")
}

/** Says nothing of the key itself. */
function wrong(option: string, what: unknown): ConfigError {
  return misconfigured(
    "ERR_CONFIG_JWT",
    `jwt: ${option}`,
    what,
    'keys: [{ alg: "EdDSA", key: env.JWT_PRIVATE_KEY }] (PEM or JWK; HS256 takes 32 random characters; the first key signs)',
  )
}
