import { randomText } from "#primitives"
import { andThen } from "../../awaitable.js"
import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { SessionEnd } from "../../events.js"
import type { SessionKit } from "../session.js"
import { freshlyHeld, proofOf } from "./freshly-held.js"
import { recentAnswers } from "./recent-answers.js"
import { heldBy } from "./reserved-claims.js"
import type { Held, Standing } from "./standing.js"
import type { TokenClaims } from "./token.js"

/** How long a session that was spared may be rotated into the new epoch: the step that spares it does so at once. */
const sparedFor: Seconds = 60
/** How long the sign-ins of a double click may be apart. */
const firstFor: Seconds = 60
const sessionId = /^[\w-]{22}$/

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
  const firsts = recentAnswers<{ raised: Promise<unknown> }>(firstFor, clock)

  async function epochOf(userId: string): Promise<{ epoch: number }> {
    return { epoch: await store.epoch(userId) }
  }

  /**
   * The epoch of a sign-in that began when nothing had ever been ended: the first one raises it to 1, for all that begin at the same time in this
   * process. While it is 1 after that, nobody else has raised it. Of two first sign-ins in two processes one may have to be repeated.
   */
  async function firstEpoch(userId: string, context: Context): Promise<number | undefined> {
    let first = firsts.find(userId)
    if (!first) {
      // Whoever was quicker must not be ended by this one.
      if ((await store.epoch(userId)) !== 0) return undefined
      first = firsts.find(userId) ?? { raised: raiseFirst(userId, context) }
      firsts.keep(userId, first, clock())
    }
    await first.raised.catch((fault: unknown) => {
      firsts.forget(userId)
      throw fault
    })
    return 1
  }

  /** What other strategies or realms have kept of the user's sessions ends with it, and is told. */
  async function raiseFirst(userId: string, context: Context): Promise<void> {
    for (const sessionId of await store.deleteByUser(userId)) {
      await emit(context, { type: "session.ended", userId, sessionId, cause: "replaced" })
    }
  }

  /** Answers the epochs around it, and what other realms kept of the user's sessions. */
  async function raise(userId: string): Promise<{ before: number; after: number; ended: readonly string[] }> {
    try {
      let before = 0
      let ended: readonly string[] = []
      try {
        before = await store.epoch(userId)
      } finally {
        // Whatever else fails, this is what the caller came for.
        ended = await store.deleteByUser(userId)
      }
      const after = await store.epoch(userId)
      return { before, after, ended }
    } finally {
      recent.forget(userId)
    }
  }

  /** How many sessions there were nobody knows; one event stands for all of them, and has no session's id. */
  async function endAll(
    userId: string,
    cause: SessionEnd,
    context: Context,
    exceptId?: string,
  ): Promise<number> {
    const { after, before, ended } = await raise(userId)
    // Somebody else who revokes at the same moment spares nobody.
    if (exceptId !== undefined && after === before + 1) spared.keep(exceptId, { before, after }, clock())
    const told = before === 0 ? ended : [...ended, ""]
    for (const sessionId of told) await emit(context, { type: "session.ended", userId, sessionId, cause })
    return told.length
  }

  async function goOn(
    token: TokenClaims,
    epoch: number,
    proven?: readonly string[],
  ): Promise<Held<C> | undefined> {
    const user = await users.find(token.sub)
    if (!user || user.disabledAt !== null) return undefined
    const held = heldBy<C>(token, {})
    return freshlyHeld(kit, user, {
      ...{ sessionId: token.sid, absoluteExpiresAt: held.absoluteExpiresAt, mark: { epoch } },
      ...proofOf(held, kit.clock(), proven),
    })
  }

  return {
    begin: async (userId) => ({ userId, ...(await epochOf(userId)) }),
    endAll,
    forget: recent.forgetAll,

    async admit({ epoch: begun, userId }, user, methods, context) {
      if (user.disabledAt !== null) return undefined
      const epoch = begun === 0 ? await firstEpoch(userId, context) : begun
      if (epoch === undefined || (await store.epoch(userId)) !== epoch) return undefined
      return freshlyHeld(kit, user, { sessionId: randomText(22), methods, absolute, mark: { epoch } })
    },

    holds(token) {
      const known = recent.find(token.sub)
      // Of a token that was made elsewhere a moment ago the old answer says nothing.
      if (known && known.epoch === token["epoch"]) return heldBy<C>(token, known)
      const readAt = clock()
      return andThen(epochOf(token.sub), (answer) => {
        recent.keep(token.sub, answer, readAt)
        return answer.epoch > 0 && answer.epoch === token["epoch"] ? heldBy<C>(token, answer) : undefined
      })
    },

    async prolong(token) {
      const { epoch } = await epochOf(token.sub)
      const held = epoch > 0 && epoch === token["epoch"] ? await goOn(token, epoch) : undefined
      return held && { held, here: true }
    },

    async rotate(token, proven) {
      const { epoch } = await epochOf(token.sub)
      const exception = spared.find(token.sid)
      spared.forget(token.sid)
      const ofSpared = exception?.before === token["epoch"] && exception?.after === epoch
      return epoch > 0 && (epoch === token["epoch"] || ofSpared) ? goOn(token, epoch, proven) : undefined
    },

    replace: async () => undefined,
    list: async () => [],

    async end(userId, id, cause, context) {
      if (cause === "replaced" || !sessionId.test(id)) return false
      await raise(userId)
      await emit(context, { type: "session.ended", userId, sessionId: id, cause })
      return true
    },
  }
}
