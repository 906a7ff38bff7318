/** A client that has a key and proves it (RFC 9449). */
import { createHash } from "node:crypto"
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose"
import { origin } from "../app.js"

/** What of a proof a test wants otherwise. `undefined` leaves a claim out. */
export interface ProofChanges {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** Signs in the place of the client's own. */
  readonly key?: CryptoKey | Uint8Array
}

export interface Prover {
  readonly thumbprint: string
  readonly jwk: JWK
  readonly privateJwk: JWK
  /** A fresh proof for one request. */
  prove(
    request: {
      readonly method: string
      readonly path: string
      readonly now: number
      readonly token?: string
    },
    changes?: ProofChanges,
  ): Promise<string>
}

export async function prover(alg = "ES256"): Promise<Prover> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    jwk,
    privateJwk: await exportJWK(privateKey),
    thumbprint: alg === "HS256" ? "" : await calculateJwkThumbprint(jwk),
    prove({ method, now, path, token }, { claims = {}, header = {}, key = privateKey } = {}) {
      const ath = token === undefined ? {} : { ath: createHash("sha256").update(token).digest("base64url") }
      const payload = {
        ...{ jti: crypto.randomUUID(), htm: method, htu: origin + path, iat: Math.floor(now / 1000) },
        ...ath,
        ...claims,
      }
      return new SignJWT(payload)
        .setProtectedHeader({ typ: "dpop+jwt", alg, jwk, ...header } as { alg: string })
        .sign(key)
    },
  }
}
