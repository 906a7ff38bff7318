import type { JWK, JWSHeaderParameters } from "jose"
import type { EpochMs } from "../../../clock.js"
import type { ProviderKit } from "../provider.js"
import { ProviderError } from "../provider-error.js"
import { isJsonObject, jsonObject } from "./json-object.js"

/** The one key of an issuer that may have made a signature with this header. @throws ProviderError for none, and for several */
export type KeyFor = (header: JWSHeaderParameters) => Promise<JWK>

/**
 * The algorithms that are taken, and what a key for each says of its kind: its curve, or that it is an RSA key, which has none (RFC 7518 §3.1, RFC 8037
 * §3.1, RFC 9864). Nothing symmetric, so that a public key can never be taken for a shared secret (RFC 8725 §3.1).
 */
const kindFor: Readonly<Record<string, string>> = {
  RS256: "RSA",
  RS384: "RSA",
  RS512: "RSA",
  PS256: "RSA",
  PS384: "RSA",
  PS512: "RSA",
  ES256: "P-256",
  ES384: "P-384",
  ES512: "P-521",
  EdDSA: "Ed25519",
  Ed25519: "Ed25519",
}

export const algorithms: string[] = Object.keys(kindFor)

const lifetimeMs = 600_000
const cooldownMs = 5000
const accepting = { headers: { accept: "application/json" } }

/** A set that was asked for. */
interface KeySet {
  readonly askedAt: EpochMs
  readonly keys: Promise<readonly JWK[]>
  /** False while the answer is awaited. */
  arrived: boolean
}

/**
 * An issuer's keys (RFC 7517 §5): its own published set and nothing else. What a token's header says of keys (`jwk`, `jku`, `x5u`) is not looked
 * at. The set is kept for ten minutes, and asked for again for a key that is not in it, though not within five seconds of the last time.
 * Whoever comes while it is on its way waits for the same answer; a set that cannot be had leaves the one before in its place.
 */
export function publishedKeys(jwksUri: string, { clock, network }: ProviderKit): KeyFor {
  const { href } = network.checked(jwksUri)
  let latest: KeySet | undefined

  function keysNotOlderThan(ageMs: number): Promise<readonly JWK[]> {
    const now = clock()
    // No answer takes longer than that: on Workers one that was asked for by a request that is gone never comes.
    const isFresh = latest && now - latest.askedAt < (latest.arrived ? ageMs : cooldownMs)
    if (latest && isFresh) return latest.keys
    const before = latest
    const asked: KeySet = { askedAt: now, keys: network.fetch(href, accepting).then(keysIn), arrived: false }
    latest = asked
    asked.keys.then(
      () => {
        asked.arrived = true
      },
      () => {
        if (latest === asked) latest = before
      },
    )
    return asked.keys
  }

  return async function keyFor(header) {
    const mayHaveSigned = (key: JWK): boolean => fits(key, header)
    const known = (await keysNotOlderThan(lifetimeMs)).filter(mayHaveSigned)
    const fitting = known[0] ? known : (await keysNotOlderThan(cooldownMs)).filter(mayHaveSigned)
    const [key, another] = fitting
    if (!key) throw unverifiable("ERR_JWKS_NO_MATCHING_KEY")
    // Trying one after the other would let a key sign for what the issuer has another key for.
    if (another) throw unverifiable("ERR_JWKS_MULTIPLE_MATCHING_KEYS")
    return key
  }
}

/** A key that says what it is for is taken for nothing else (RFC 7517 §4.2 to §4.5). */
function fits(key: JWK, { alg = "", kid }: JWSHeaderParameters): boolean {
  const { alg: ownAlg = alg, use = "sig", key_ops: operations = "verify" } = key
  return (
    (key.crv ?? key.kty) === kindFor[alg] &&
    (kid === undefined || kid === key.kid) &&
    ownAlg === alg &&
    use === "sig" &&
    [operations].flat().includes("verify")
  )
}

async function keysIn(response: Response): Promise<readonly JWK[]> {
  const keys = response.status === 200 ? jsonObject(await response.text())?.["keys"] : undefined
  if (Array.isArray(keys) && keys.every(isJsonObject)) return keys
  throw unverifiable("ERR_JWKS_INVALID")
}

function unverifiable(detail: string): ProviderError {
  return new ProviderError("id_token_invalid", detail)
}
