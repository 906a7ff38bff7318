import { generateKeyPairSync } from "node:crypto"
import { secret } from "./site.mjs"

/** @typedef {import("@mortise/core/jwt").JwtKey} JwtKey */

/** With what tokens are signed here, by whoever can choose. */
export const hs256 = /** @satisfies {JwtKey} */ ({ alg: "HS256", key: secret })

/** Another pair in every process: no token goes from one to another. */
const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
})

export const edDsa = /** @satisfies {JwtKey} */ ({ alg: "EdDSA", key: privateKey })

/** What checks the signatures of `edDsa`, as PEM. */
export const edDsaPublic = publicKey
