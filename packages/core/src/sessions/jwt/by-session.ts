import { randomText, sha256 } from "#primitives"
import { andThen } from "../../awaitable.js"
import type { EpochMs, Seconds } from "../../clock.js"
import type { SessionRecord, User } from "../../stores/ports.js"
import { type KeptLimits, keptSessions, storable } from "../kept.js"
import type { SessionKit } from "../session.js"
import { recentSessions } from "./recent-answers.js"
import { refuseReserved } from "./reserved-claims.js"
import type { Held, Prolonged, Standing } from "./standing.js"
import type { TokenClaims } from "./token.js"

/**
 * A record per session, as opaque sessions have: each can be ended by itself, and is seen in the list. One store read per request, or one in
 * `accepted` seconds. The record's `secretHash` is the digest of nothing that anybody holds; its beginning stands in the token as `ver`, so that a
 * rotation ends the tokens made before.
 */
export function bySession<C extends object>(
  kit: SessionKit<"sessions" | "users", C>,
  limits: KeptLimits,
  lag: Seconds,
): Standing<C> {
  const { clock } = kit
  const { sessions: store, users } = kit.stores
  const kept = keptSessions(kit, limits, "jwt")
  const { begin, claimsOf, list, live, seen, touch } = kept
  const recent = recentSessions(lag, clock)

  const standing: Standing<C> = {
    begin,
    list,

    async admit(ticket, user, methods, context) {
      refuseReserved(kit.claims(user))
      const opened = await kept.insert(
        { id: randomText(22), secretHash: newMark() },
        ticket,
        user,
        methods,
        context,
      )
      return opened && heldIn(opened.record, opened.claims)
    },

    holds(token) {
      const known = recent.find(token.sid)
      // Of a token that was rotated elsewhere a moment ago the old answer says nothing.
      if (known && isOf(known.record, token)) return heldIn(known.record, claimsOf(known))
      const readAt = clock()
      return andThen(live(token.sid), (found) => {
        if (!found || !isOf(found.record, token)) return undefined
        recent.keep(token.sid, found, readAt)
        return heldIn(found.record, claimsOf(found))
      })
    },

    prolong: (token, unlessSince) => goOn(token, touch, unlessSince),
    rotate: async (token, proven) => (await goOn(token, (record) => rotated(record, proven)))?.held,

    async replace({ sessionId, userId }, context) {
      await standing.end(userId, sessionId, "replaced", context)
    },

    async end(userId, sessionId, cause, context) {
      try {
        return await kept.end(userId, sessionId, cause, context)
      } finally {
        recent.forget(sessionId)
      }
    },

    forget: recent.forgetAll,

    async endAll(...all) {
      try {
        return await kept.endAll(...all)
      } finally {
        recent.forgetAll()
      }
    },
  }

  async function goOn(
    token: TokenClaims,
    write: (record: SessionRecord) => Promise<SessionRecord | undefined>,
    unlessSince: EpochMs = Infinity,
  ): Promise<Prolonged<C> | undefined> {
    const found = await live(token.sid)
    if (!found || !isOf(found.record, token)) return undefined
    const user = await users.find(found.record.userId)
    if (!user || user.disabledAt !== null) return undefined
    const claims = claimsNow(user)
    if (found.record.lastSeenAt > unlessSince) {
      return { held: heldIn(found.record, claimsOf(found)), here: false }
    }
    const next = { ...found.record, claims: storable(claims) }
    try {
      const record = await write(next)
      // What was written here carries the very claims that went in; of what somebody else has written theirs stand.
      return record && { held: heldIn(record, record.claims as C), here: record.claims === next.claims }
    } finally {
      recent.forget(token.sid)
    }
  }

  function claimsNow(user: User): C {
    const claims = kit.claims(user)
    refuseReserved(claims)
    return claims
  }

  /** Whoever renews it meanwhile is no reason against it; whoever rotates it is. */
  async function rotated(
    record: SessionRecord,
    proven: readonly string[] | undefined,
  ): Promise<SessionRecord | undefined> {
    for (let round = 0, current = record; round < 3; round++) {
      const next = { ...seen(current, proven), claims: record.claims, secretHash: newMark() }
      if ((await store.replace(next, current.revision)) === true) return next
      const found = await live(record.id)
      if (found?.record.secretHash !== record.secretHash) return undefined
      current = found.record
    }
    return undefined
  }

  return standing
}

const markLength = 11

function newMark(): string {
  return sha256(randomText(22))
}

function isOf(record: SessionRecord, { sub, ver }: TokenClaims): boolean {
  return record.userId === sub && record.secretHash.slice(0, markLength) === ver
}

function heldIn<C extends object>(record: SessionRecord, claims: C): Held<C> {
  const {
    absoluteExpiresAt,
    address,
    authenticatedAt,
    createdAt,
    id,
    lastSeenAt,
    methods,
    secretHash,
    userAgent,
    userId,
  } = record
  return {
    userId,
    claims,
    methods,
    createdAt,
    authenticatedAt,
    absoluteExpiresAt,
    address,
    userAgent,
    sessionId: id,
    issuedAt: lastSeenAt,
    mark: { ver: secretHash.slice(0, markLength) },
  }
}
