import { importSPKI, jwtVerify } from "jose"
import { sessionCookie } from "./cookie.mjs"
import { edDsa, edDsaPublic, hs256 } from "./jwt-keys.mjs"
import { jwtSessions } from "./mortise-jwt.mjs"
import { origin, secret } from "./site.mjs"

/**
 * What nobody who takes JWTs can do without: cut out the cookie, check signature, algorithm, type, issuer, audience and
 * end. The tokens are those that Mortise makes.
 *
 * @param {import("./jwt-keys.mjs").JwtKey} made with what they are signed
 * @param {import("jose").CryptoKey} key that checks them
 * @returns {import("./contender.d.ts").Sessions}
 */
function verified(made, key) {
  const options = { algorithms: [made.alg], issuer: origin, audience: origin, typ: "session+jwt" }
  return {
    ...jwtSessions(made, "none"),
    async check(cookie) {
      const token = sessionCookie(cookie)
      if (token === undefined) return undefined
      try {
        return (await jwtVerify(token, key, options)).payload.sub
      } catch {
        return undefined
      }
    },
  }
}

/** @type {import("./contender.d.ts").Contender} */
export const bareJose = {
  name: "bare jose",
  packages: ["jose"],
  setup:
    "cut out the cookie; jwtVerify of jose with algorithm, typ, issuer and audience, its HS256 key imported once; the tokens are Mortise's",
  async memory() {
    const algorithm = { name: "HMAC", hash: "SHA-256" }
    const bytes = new TextEncoder().encode(secret)
    return verified(hs256, await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]))
  },
}

/** @type {import("./contender.d.ts").Contender} */
export const bareJoseEdDsa = {
  name: "bare jose, EdDSA",
  packages: [],
  setup: "the same with the public half of an Ed25519 key",
  async memory() {
    return verified(edDsa, await importSPKI(edDsaPublic, "EdDSA"))
  },
}
