import {
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  errors,
  importJWK,
  type JWK,
} from "jose"
import { sha256 } from "#primitives"
import type { EpochMs, Seconds } from "../../clock.js"
import type { ProofFault } from "../../events.js"
import type { GuardedRequest } from "../../guarded-request.js"
import { parseUrl } from "../../parse-url.js"

/** A proof of possession that is right in itself (RFC 9449 §4.3). What it is worth depends on whose key and which token it names. */
export interface Proof {
  /** RFC 7638 thumbprint of its key. */
  readonly thumbprint: string
  readonly id: string
  /** In seconds. */
  readonly issuedAt: number
  /** Digest of the access token that it was made for, `ath`; undefined where it names none. */
  readonly accessToken: string | undefined
}

/** What proofs are signed with. Symmetric algorithms and `none` are not among them (RFC 9449 §4.3, 5); RSA is not needed where keys are made on the device. */
const curves: Readonly<Record<string, Pick<JWK, "kty" | "crv">>> = {
  ES256: { kty: "EC", crv: "P-256" },
  EdDSA: { kty: "OKP", crv: "Ed25519" },
}

/** For `WWW-Authenticate` (RFC 9449 §7.1). */
export const proofAlgorithms: string = Object.keys(curves).join(" ")

/** A proof is good for so long before and after the instant that it names: clocks of telephones are not exact. */
export const proofWindow: Seconds = 60

const longest = 4096
const longestId = 256
/** Whoever sends one of these has given the key away (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

/**
 * Checks a request's DPoP header but for its single use, in the order of RFC 9449 §4.3.
 * @param origin the host's own: what stands in a Host header is the client's word
 */
export async function checkProof(
  request: GuardedRequest,
  origin: string,
  now: EpochMs,
): Promise<Proof | ProofFault> {
  // 1 one header: of several a runtime makes one text with commas, which is no JWS
  const text = request.header("dpop")
  if (!text) return "missing"
  // 2 a JWT, 4 of this type
  const header = text.length > longest ? undefined : headerOf(text)
  if (!header) return "malformed"
  if (header.typ !== "dpop+jwt") return "wrong_type"
  // 5 the algorithm, with the one kind of key that it has
  const { alg = "", jwk } = header
  const kind = Object.hasOwn(curves, alg) ? curves[alg] : undefined
  if (!kind) return "wrong_algorithm"
  if (!isObject(jwk) || jwk.kty !== kind.kty || jwk.crv !== kind.crv) return "wrong_algorithm"
  // 7 nothing private in it
  if (privateMembers.some((name) => Object.hasOwn(jwk, name))) return "private_key"
  // 6 signed by that key
  const signed = await verified(text, alg, publicPart(jwk))
  if (typeof signed === "string") return signed
  const { payload, thumbprint } = signed
  // 3 with its claims, each of its type
  const { ath, htm, htu, iat, jti } = payload
  const texts = [htm, htu, jti].every((value) => typeof value === "string" && value !== "")
  if (!texts || !Number.isFinite(iat) || `${jti}`.length > longestId) return "malformed"
  if (ath !== undefined && typeof ath !== "string") return "malformed"
  // 8, 9 for this request
  if (htm !== request.method) return "wrong_method"
  if (targetOf(`${htu}`) !== targetOf(origin + request.target)) return "wrong_target"
  // 11 made now
  if (Math.abs(now / 1000 - Number(iat)) > proofWindow) return "not_now"
  return { thumbprint, id: `${jti}`, issuedAt: Number(iat), accessToken: ath }
}

/** What `ath` must say (RFC 9449 §4.2). */
export function tokenDigest(accessToken: string): string {
  return sha256(accessToken)
}

function headerOf(text: string): ReturnType<typeof decodeProtectedHeader> | undefined {
  try {
    return decodeProtectedHeader(text)
  } catch {
    return undefined
  }
}

/** The members that make the key, so that nothing else in the header has a say (`alg`, `use`, `key_ops`). */
function publicPart({ crv, kty, x, y }: JWK): JWK {
  return (y === undefined ? { kty, crv, x } : { kty, crv, x, y }) as JWK
}

async function verified(
  text: string,
  alg: string,
  jwk: JWK,
): Promise<{ payload: Readonly<Record<string, unknown>>; thumbprint: string } | ProofFault> {
  try {
    const key = await importJWK(jwk, alg)
    const { payload } = await compactVerify(text, key, { algorithms: [alg] })
    const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload))
    return isObject(claims) ? { payload: claims, thumbprint: await calculateJwkThumbprint(jwk) } : "malformed"
  } catch (fault) {
    // A key that is no point on its curve, a payload that is no JSON, an unknown `crit`: all of it is the sender's doing.
    return fault instanceof errors.JWSSignatureVerificationFailed ? "bad_signature" : "malformed"
  }
}

/**
 * Without query and fragment, normalized as RFC 3986 §6.2.2 and §6.2.3 have it: scheme and host in lower case, no default port, no dot segments,
 * escapes in upper case and none for what needs none. NaN for what is no http address, or names a user: it equals nothing, not even itself.
 */
function targetOf(address: string): string | number {
  const url = parseUrl(address)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return Number.NaN
  const path = url.pathname.replace(/%[\da-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[\w.~-]/.test(character) ? character : escaped.toUpperCase()
  })
  return url.origin + path
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
