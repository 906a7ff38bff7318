import { randomText } from "#primitives"
import { andThen } from "../../awaitable.js"
import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { SessionEnd } from "../../events.js"
import type { SessionKit } from "../session.js"
import { freshlyHeld } from "./freshly-held.js"
import { recentAnswers } from "./recent-answers.js"
import { heldBy } from "./reserved-claims.js"
import type { Standing } from "./standing.js"

/** How long a session that was spared may be rotated into the new epoch: the step that spares it does so at once. */
const sparedFor: Seconds = 60

/**
 * Nothing is kept of a session: the token says the user's epoch, which ending anything raises. One store read per request, or one in `lag` seconds.
 * A session cannot be ended alone: ending one ends all of the user's. The epoch in a token is never 0, which is what a store says of a user who
 * is gone.
 */
export function byUser<C extends object>(
  kit: SessionKit<"sessions" | "users", C>,
  absolute: Seconds,
  lag: Seconds,
): Standing<C> {
  const { clock, emit } = kit
  const { sessions: store, users } = kit.stores
  const recent = recentAnswers<{ epoch: number }>(lag, clock)
  const spared = recentAnswers<{ before: number; after: number }>(sparedFor, clock)

  async function epochOf(userId: string): Promise<{ epoch: number }> {
    return { epoch: await store.epoch(userId) }
  }

  /** Of two first sign-ins at the same moment one may have to be repeated. */
  async function raiseFirst(userId: string): Promise<number> {
    await store.deleteByUser(userId)
    return 1
  }

  async function endAll(
    userId: string,
    cause: SessionEnd,
    context: Context,
    exceptId?: string,
  ): Promise<number> {
    try {
      const before = await store.epoch(userId)
      const ended = await store.deleteByUser(userId)
      for (const sessionId of ended) await emit(context, { type: "session.ended", userId, sessionId, cause })
      const after = await store.epoch(userId)
      // Not if somebody else revokes at the same moment, who spares nobody.
      if (exceptId !== undefined && after === before + 1) spared.keep(exceptId, { before, after }, clock())
      return ended.length
    } finally {
      recent.forget(userId)
    }
  }

  return {
    begin: async (userId) => ({ userId, ...(await epochOf(userId)) }),
    endAll,

    async admit({ epoch: begun, userId }, user, methods) {
      if (user.disabledAt !== null) return undefined
      const epoch = begun === 0 ? await raiseFirst(userId) : begun
      if ((await store.epoch(userId)) !== epoch) return undefined
      return freshlyHeld(kit, user, { sessionId: randomText(22), methods, absolute, mark: { epoch } })
    },

    holds(token) {
      const readAt = clock()
      const known = recent.find(token.sub)
      return andThen(known ?? epochOf(token.sub), (answer) => {
        if (answer !== known) recent.keep(token.sub, answer, readAt)
        const { epoch } = answer
        return epoch > 0 && epoch === token["epoch"] ? heldBy<C>(token, { epoch }) : undefined
      })
    },

    async prolong(token, rotate) {
      const { epoch } = await epochOf(token.sub)
      const exception = rotate ? spared.find(token.sid) : undefined
      const ofSpared = exception?.before === token["epoch"] && exception?.after === epoch
      if (epoch === 0 || (epoch !== token["epoch"] && !ofSpared)) return undefined
      const user = await users.find(token.sub)
      if (!user || user.disabledAt !== null) return undefined
      const { absoluteExpiresAt, authenticatedAt, methods } = heldBy<C>(token, {})
      return freshlyHeld(kit, user, {
        ...{ sessionId: token.sid, methods, authenticatedAt, absoluteExpiresAt, mark: { epoch } },
      })
    },

    replace: async () => undefined,
    list: async () => [],

    async end(userId, sessionId, cause, context) {
      await endAll(userId, cause, context)
      await emit(context, { type: "session.ended", userId, sessionId, cause })
      return true
    },
  }
}
