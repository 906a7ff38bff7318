import { randomText } from "#primitives"
import type { Seconds } from "../../clock.js"
import type { SessionKit } from "../session.js"
import { freshlyHeld } from "./freshly-held.js"
import { heldBy } from "./reserved-claims.js"
import type { Standing } from "./standing.js"

/**
 * Nothing is kept and nothing is read: what was signed goes on, a renewal alone asks whether the user is still there. For hosts that have
 * accepted, as a number, how long a copy of a token lives after its session was ended.
 */
export function byNobody<C extends object>(kit: SessionKit<"users", C>, absolute: Seconds): Standing<C> {
  const { emit } = kit
  const { users } = kit.stores

  return {
    begin: async (userId) => ({ userId, epoch: 0 }),

    admit: async (_ticket, user, methods) =>
      user.disabledAt === null
        ? freshlyHeld(kit, user, { sessionId: randomText(22), methods, absolute, mark: {} })
        : undefined,

    holds: (token) => heldBy<C>(token, {}),

    async prolong(token) {
      const user = await users.find(token.sub)
      if (!user || user.disabledAt !== null) return undefined
      const { absoluteExpiresAt, authenticatedAt, methods } = heldBy<C>(token, {})
      return freshlyHeld(kit, user, {
        ...{ sessionId: token.sid, methods, authenticatedAt, absoluteExpiresAt, mark: {} },
      })
    },

    replace: async () => undefined,
    list: async () => [],

    async end(userId, sessionId, cause, context) {
      await emit(context, { type: "session.ended", userId, sessionId, cause })
      return true
    },

    endAll: async () => 0,
  }
}
