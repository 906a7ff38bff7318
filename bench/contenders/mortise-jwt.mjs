import { createAuth } from "@mortise/core"
import { jwt } from "@mortise/core/jwt"
import { edDsa, hs256 } from "./jwt-keys.mjs"
import { memorySlots, sessionsOf } from "./mortise.mjs"
import { origin, secret } from "./site.mjs"

/** Longer ago than a token lives, its grace period included. */
const longAgo = 2 * 86_400_000

/**
 * Mortise with its sessions in tokens, over users and sessions in memory.
 *
 * @param {import("./jwt-keys.mjs").JwtKey} key
 * @param {"session" | "none"} revocation
 */
export function jwtSessions(key, revocation) {
  const slots = memorySlots()
  const acceptStaleness = revocation === "none" ? 30 * 86_400 : 0
  const sessions = jwt({ keys: [key], revocation, acceptStaleness })
  const at = (/** @type {() => number} */ clock) =>
    createAuth({
      ...{ origin, secret, sessions, clock, stores: slots, flows: {} },
      claims: ({ email }) => ({ email: email ?? "" }),
    })
  const past = at(() => Date.now() - longAgo)
  return sessionsOf(at(Date.now), { users: slots.users, brief: past, waitMs: 0 })
}

/** @type {import("./contender.d.ts").Contender} */
export const unrevoked = {
  name: "Mortise, nothing revoked",
  packages: [],
  setup: 'jwt({ revocation: "none" }), HS256: nothing is asked but the token, as of all others with a JWT',
  memory: async () => jwtSessions(hs256, "none"),
}

/** @type {import("./contender.d.ts").Contender} */
export const revocable = {
  name: "Mortise, jwt()",
  packages: [],
  setup:
    "jwt() by default, HS256: the session is looked up in memory at every check, so that it can be ended",
  memory: async () => jwtSessions(hs256, "session"),
}

/** @type {import("./contender.d.ts").Contender} */
export const unrevokedEdDsa = {
  name: "Mortise, nothing revoked, EdDSA",
  packages: [],
  setup: "the same with an Ed25519 key",
  memory: async () => jwtSessions(edDsa, "none"),
}
