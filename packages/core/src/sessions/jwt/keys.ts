import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  importJWK,
  importPKCS8,
  importSPKI,
  type JWK,
} from "jose"
import { sha256 } from "#primitives"
import { type Awaitable, andThen } from "../../awaitable.js"
import { decodeBase64url } from "../../crypto/base64url.js"
import type { SecretRing } from "../../crypto/secret-ring.js"
import { utf8 } from "../../crypto/utf8.js"
import { type ConfigError, misconfigured } from "../../errors.js"
import { pemKey } from "./pem-key.js"

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
  /** At once, after the first use. */
  find(kid: string): Awaitable<RingKey | undefined>
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
  const kids = given.map(({ kid }) => kid).filter((kid) => kid !== undefined)
  if (new Set(kids).size < kids.length) throw wrong("kid", "given twice")
  let imported: Promise<ReadonlyMap<string, RingKey>> | undefined
  let ready: ReadonlyMap<string, RingKey> | undefined

  function all(): Promise<ReadonlyMap<string, RingKey>> {
    imported ??= importAll(given).then((keys) => {
      ready = keys
      return keys
    })
    return imported
  }

  return {
    asymmetric: given.some(({ alg }) => alg !== "HS256"),
    async signing() {
      const [first] = (await all()).values()
      return first as RingKey
    },
    find: (kid) => andThen(ready ?? all(), (keys) => keys.get(kid)),
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

async function importPair({ key: given, kid: name }: JwtKey, alg: "EdDSA" | "ES256"): Promise<RingKey> {
  const jwk = typeof given === "string" ? await exportJWK(await importPem(given, alg)) : (given as JWK)
  const { crv, kty, x, y } = jwk
  const open = y === undefined ? { kty, crv, x } : { kty, crv, x, y }
  const kid = name ?? jwk.kid ?? (await calculateJwkThumbprint(open as JWK))
  const key = (await importJWK(jwk, alg)) as CryptoKey
  const publicKey = (await importJWK(open as JWK, alg)) as CryptoKey
  if (jwk.d !== undefined) await proveTogether(key, publicKey, alg)
  return {
    kid,
    alg,
    key,
    publicKey,
    publicJwk: { ...open, kid, alg, use: "sig" } as JWK,
  }
}

/** Of a JWK whose halves belong to two keys nothing would ever check. */
async function proveTogether(key: CryptoKey, publicKey: CryptoKey, alg: string): Promise<void> {
  const signed = await new CompactSign(utf8.encode("mortise")).setProtectedHeader({ alg }).sign(key)
  await compactVerify(signed, publicKey)
}

function importPem(text: string, alg: "EdDSA" | "ES256"): Promise<CryptoKey> {
  const { kind, pem } = pemKey(text, alg) ?? { kind: "private", pem: "" }
  const options = { extractable: true }
  return kind === "private" ? importPKCS8(pem, alg, options) : importSPKI(pem, alg, options)
}

function refuseUnfit(given: JwtKey | undefined, index: number): void {
  const { alg, key, kid } = given ?? {}
  const known = alg === "HS256" || alg === "EdDSA" || alg === "ES256"
  // Nor is a key shown that stands where its name belongs.
  if (!known) throw wrong(`keys[${index}].alg`, typeof alg)
  if (kid !== undefined && !isName(kid)) throw wrong(`keys[${index}].kid`, typeof kid)
  if (!(alg === "HS256" ? isSecret(key) : isPair(key, alg, index === 0))) {
    throw wrong(`keys[${index}].key`, alg)
  }
}

function isSecret(key: unknown): boolean {
  if (typeof key === "string") return key.length >= 32
  const { k, kty } = (key ?? {}) as JWK
  return kty === "oct" && typeof k === "string" && (decodeBase64url(k)?.length ?? 0) >= 32
}

function isName(kid: unknown): boolean {
  return typeof kid === "string" && /^[\w.-]{1,64}$/.test(kid)
}

/** The first key signs, so it must be the private one. */
function isPair(key: unknown, alg: "EdDSA" | "ES256", signs: boolean): boolean {
  if (typeof key === "string") {
    const kind = pemKey(key, alg)?.kind
    return kind === "private" || (kind === "public" && !signs)
  }
  const { crv, d, kid, kty, x, y } = (key ?? {}) as JWK
  const curve = alg === "EdDSA" ? kty === "OKP" && crv === "Ed25519" : kty === "EC" && crv === "P-256"
  const numbers = [x, ...(alg === "ES256" ? [y] : []), ...(signs || d !== undefined ? [d] : [])]
  return curve && numbers.every(isNumber) && (kid === undefined || isName(kid))
}

/** 32 bytes, as Ed25519 and P-256 have them (RFC 8037 §2, RFC 7518 §6.2). */
function isNumber(text: unknown): boolean {
  return typeof text === "string" && decodeBase64url(text)?.length === 32
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
