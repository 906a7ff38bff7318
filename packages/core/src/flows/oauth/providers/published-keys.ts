import type { JWK, JWSHeaderParameters } from "jose"
import type { EpochMs } from "../../../clock.js"
import type { ProviderKit } from "../provider.js"
import { ProviderError } from "../provider-error.js"
import { isJsonObject, jsonObject } from "./json-object.js"

/** The one key of an issuer that may have made a signature with this header. @throws ProviderError for none, and for several */
export type KeyFor = (header: JWSHeaderParameters) => Promise<JWK>

/**
 * The algorithms that are taken, and the kind of key that each needs (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864). Nothing symmetric, so that a public
 * key can never be taken for a shared secret (RFC 8725 §3.1).
 */
const kinds: Readonly<Record<string, Pick<JWK, "kty" | "crv">>> = {
  RS256: { kty: "RSA" },
  RS384: { kty: "RSA" },
  RS512: { kty: "RSA" },
  PS256: { kty: "RSA" },
  PS384: { kty: "RSA" },
  PS512: { kty: "RSA" },
  ES256: { kty: "EC", crv: "P-256" },
  ES384: { kty: "EC", crv: "P-384" },
  ES512: { kty: "EC", crv: "P-521" },
  EdDSA: { kty: "OKP", crv: "Ed25519" },
  Ed25519: { kty: "OKP", crv: "Ed25519" },
}

export const algorithms: string[] = Object.keys(kinds)

const lifetimeMs = 600_000
const cooldownMs = 5000

/**
 * An issuer's keys (RFC 7517 §5): its own published set and nothing else. What a token's header says of keys (`jwk`, `jku`, `x5u`) is not looked
 * at. The set is kept for ten minutes, and fetched again for a key that is not in it, though not within five seconds of the last time.
 * Requests that find no set at the same moment fetch one each: on Workers none of them may wait for what another has begun.
 */
export function publishedKeys(jwksUri: string, { clock, network }: ProviderKit): KeyFor {
  const { href } = network.checked(jwksUri)
  let kept: { readonly keys: readonly JWK[]; readonly askedAt: EpochMs } | undefined

  async function keysNotOlderThan(ageMs: number): Promise<readonly JWK[]> {
    const askedAt = clock()
    if (kept && askedAt - kept.askedAt < ageMs) return kept.keys
    const response = await network.fetch(href, { headers: { accept: "application/json" } })
    const keys = await keysIn(response)
    // An answer that took long does not replace one that was asked for later.
    if (!kept || kept.askedAt <= askedAt) kept = { keys, askedAt }
    return keys
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
function fits(key: JWK, { alg, kid }: JWSHeaderParameters): boolean {
  const { use = "sig", key_ops: operations = "verify" } = key
  const kind = kinds[`${alg}`]
  return (
    key.kty === kind?.kty &&
    (kind?.crv === undefined || kind.crv === key.crv) &&
    (kid === undefined || kid === key.kid) &&
    (key.alg === undefined || key.alg === alg) &&
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
