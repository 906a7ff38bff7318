import { hmacSha256 } from "#primitives"
import { ConfigError } from "../errors.js"
import { equalInConstantTime } from "./equal.js"
import { utf8 } from "./utf8.js"

/** One secret, or several: the first makes, all of them check, so that a new one can be put in front without signing anybody out. */
export type Secret = string | readonly [string, ...string[]]

/** What a keyed digest is for. A digest made for one purpose is worth nothing for another (promise 9). */
export type Purpose =
  | "limit"
  | "event"
  | "seal"
  | "magic-link"
  | "magic-link-code"
  | "magic-link-digits"
  | "magic-link-epoch"
  | "magic-link-browser"
  | "jwt"
  | "refresh-token"
  | "factor-code"
  | "recovery-code"
  | "remembered-device"
  | "known-device"
  | "passkey-user"
  | "account-link"
  | "account-link-state"
  | "pseudonym"

/** The host's secrets, never shown: keyed digests are all that comes out. */
export interface SecretRing {
  /**
   * HMAC-SHA-256 (RFC 2104) of purpose and text, base64url (43 characters), under each secret, the newest first. The first is the one to
   * keep; one that comes back counts if it is any of them, see {@link isDigestOf}.
   */
  digests(purpose: Purpose, text: string): readonly [newest: string, ...older: string[]]
}

const minimumLength = 32
// A truly random one passes even when it is short and of few signs: 32 random hex digits have fewer than eight distinct ones once in 28 million.
const minimumVariety = 8

/**
 * @throws ConfigError `ERR_CONFIG_SECRET` for a secret that is missing, shorter than 32 characters, or plainly not random (fewer than 8 distinct characters, or a repetition)
 */
export function secretRing(secret: Secret): SecretRing {
  const keys = [secret].flat().map(toKey)
  if (keys.length === 0) throw weak("is missing")
  return {
    digests(purpose, text) {
      const message = utf8.encode(`${purpose}\0${text}`)
      return keys.map((key) => hmacSha256(key, message)) as [string, ...string[]]
    },
  }
}

/** Whether `digest` was made of this purpose and text under any of the secrets. Constant time per secret. */
export function isDigestOf(ring: SecretRing, purpose: Purpose, text: string, digest: string): boolean {
  return ring.digests(purpose, text).some((one) => equalInConstantTime(one, digest))
}

function toKey(secret: unknown): Uint8Array {
  if (typeof secret !== "string") throw weak("is missing")
  if (secret.length < minimumLength) throw weak(`is shorter than ${minimumLength} characters`)
  // Ends as it went before: once in 180 million random ones of 32 hex digits, always in a phrase that was repeated until it was long enough.
  const repeats = secret.slice(0, -1).includes(secret.slice(-8))
  if (repeats || new Set(secret).size < minimumVariety) throw weak("is not random")
  return utf8.encode(secret)
}

function weak(what: string): ConfigError {
  const write = "secret: env.AUTH_SECRET, made with `openssl rand -base64 32`"
  return new ConfigError("ERR_CONFIG_SECRET", `secret ${what}. Write ${write}.`)
}
