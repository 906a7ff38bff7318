import { createAuth, opaque } from "@mortise/core"
import { memoryAtomicStore, memorySessionStore, memoryUserStore } from "@mortise/core/memory"
import { tiered } from "@mortise/core/tiered"
import { sessionsOf } from "./mortise.mjs"
import { origin, secret } from "./site.mjs"

/**
 * @param {boolean} withUser whether the truth brings the user along, as PostgreSQL does
 * @param {number} max
 */
function tieredSessions(withUser, max = 100_000) {
  const users = memoryUserStore()
  const stored = memorySessionStore()
  /** @type {import("@mortise/core").SessionStore} */
  const truth = {
    ...stored,
    async find(id) {
      const found = await stored.find(id)
      return found && { ...found, user: withUser ? await users.find(found.record.userId) : undefined }
    },
  }
  // The bound is out of the measurement's reach, so that it is the memory that answers.
  const sessions = tiered({ memory: { max, ttl: "1h" }, redis: memoryAtomicStore(), postgres: truth })
  const stores = { users, sessions }
  const auth = (/** @type {import("@mortise/core").OpaqueOptions} */ limits) =>
    createAuth({
      origin,
      secret,
      stores,
      sessions: opaque({ ...limits, acceptStaleness: sessions.staleness }),
      flows: {},
    })
  return sessionsOf(auth({}), { users, brief: auth({ idle: "1s", absolute: "1s" }), waitMs: 1100 })
}

/** @type {import("./contender.d.ts").Bound} */
export const tieredBare = {
  name: "Mortise, tiered",
  setup: "`tiered()` whose memory answers, over a truth that keeps no users, as the plain memory store",
  memory: async () => tieredSessions(false),
}

/** @type {import("./contender.d.ts").Bound} */
export const tieredWithUser = {
  name: "Mortise, tiered with users",
  setup: "the same over a truth that brings the user along, as PostgreSQL does",
  memory: async () => tieredSessions(true),
}
