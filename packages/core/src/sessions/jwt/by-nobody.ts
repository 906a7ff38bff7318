import { randomText } from "#primitives"
import type { Seconds } from "../../clock.js"
import type { SessionKit } from "../session.js"
import { freshlyHeld, proofOf } from "./freshly-held.js"
import { heldBy } from "./reserved-claims.js"
import type { Held, Standing } from "./standing.js"
import type { TokenClaims } from "./token.js"

/**
 * Nothing is kept of a session and nothing is read per request: what was signed goes on, a renewal alone asks whether the user is still there. The
 * epoch is read at sign-in, since every flow relies on it: what was revoked meanwhile must not come in, nor be taken for an account that nobody
 * claimed. For hosts that have accepted, as a number, how long a copy of a token lives after its session was ended.
 */
export function byNobody<C extends object>(
  kit: SessionKit<"sessions" | "users", C>,
  absolute: Seconds,
): Standing<C> {
  const { emit } = kit
  const { sessions: store, users } = kit.stores

  async function goOn(token: TokenClaims, proven?: readonly string[]): Promise<Held<C> | undefined> {
    const user = await users.find(token.sub)
    if (!user || user.disabledAt !== null) return undefined
    const held = heldBy<C>(token, {})
    return freshlyHeld(kit, user, {
      ...{ sessionId: token.sid, absoluteExpiresAt: held.absoluteExpiresAt, mark: {} },
      ...proofOf(held, kit.clock(), proven),
    })
  }

  return {
    begin: async (userId) => ({ userId, epoch: await store.epoch(userId) }),

    async admit({ epoch, userId }, { disabledAt }, methods) {
      if (disabledAt !== null || (await store.epoch(userId)) !== epoch) return undefined
      const user = await users.find(userId)
      if (!user || user.disabledAt !== null) return undefined
      return freshlyHeld(kit, user, { sessionId: randomText(22), methods, absolute, mark: {} })
    },

    holds: (token) => heldBy<C>(token, {}),

    async prolong(token) {
      const held = await goOn(token)
      return held && { held, here: true }
    },
    rotate: goOn,

    replace: async () => undefined,
    list: async () => [],

    /** That its own user leaves is told; anything else would be a promise that nobody keeps. */
    async end(userId, sessionId, cause, context) {
      if (cause !== "signed_out") return false
      await emit(context, { type: "session.ended", userId, sessionId, cause })
      return true
    },

    /** No token ends by it; sign-ins under way, links in the mail, and what other realms keep do. */
    async endAll(userId, cause, context, exceptId) {
      const ended = await store.deleteByUser(userId, exceptId)
      for (const sessionId of ended) await emit(context, { type: "session.ended", userId, sessionId, cause })
      return ended.length
    },
  }
}
