import { authJs, authJsToken } from "./auth-js.mjs"
import * as bare from "./bare.mjs"
import { contender as betterAuth } from "./better-auth.mjs"
import { betterAuthCompact, betterAuthJwt } from "./better-auth-cookie-cache.mjs"
import { contender as expressSession } from "./express-session.mjs"
import { contender as ironSession } from "./iron-session.mjs"
import { bareJose, bareJoseEdDsa } from "./jose.mjs"
import { contender as lucia } from "./lucia.mjs"
import { contender as mortise, onExpress } from "./mortise.mjs"
import { revocable, unrevoked, unrevokedEdDsa } from "./mortise-jwt.mjs"
import { tieredBare, tieredWithUser } from "./mortise-tiered.mjs"

/** The libraries that are compared, in the order of the tables. */
export const contenders = [mortise, lucia, expressSession, ironSession, betterAuth]

/** Whose session stands in a signed or sealed cookie, beside the least that this takes. */
export const jwtContenders = [
  bareJose,
  unrevoked,
  revocable,
  bareJoseEdDsa,
  unrevokedEdDsa,
  authJs,
  authJsToken,
  betterAuthJwt,
  betterAuthCompact,
]

/** What they are compared with. */
export const bounds = [...Object.values(bare), onExpress, tieredBare, tieredWithUser]

/**
 * @param {string} name
 * @returns {import("./contender.d.ts").Bound}
 */
export function named(name) {
  const found = [...bounds, ...contenders, ...jwtContenders].find((each) => each.name === name)
  if (!found) throw new Error(`Nothing is called ${name}.`)
  return found
}
