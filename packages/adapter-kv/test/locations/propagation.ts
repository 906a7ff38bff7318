import assert from "node:assert/strict"
import type { EpochMs, SessionRecord, SessionStore } from "@mortise/core"
import { type AdjustableClock, adjustableClock, sessionRecord } from "@mortise/core/testing"
import fc from "fast-check"
import { type KeyValueNamespace, kvSessions } from "../../src/index.js"
import { laggingLocations } from "./lagging-locations.js"

/*
 * Sign-ins, renewals, rotations, sign-outs and revocations at three locations that see each other late, up to three
 * at a time, each of their calls to KV falling when chance wants. Two things hold whatever happens:
 *   - from the staleness on after it was answered that a session ended, or a secret was rotated away, nobody
 *     finds it anywhere;
 *   - a session that nobody ended is found everywhere once the staleness has passed.
 */

const staleness = 60_000
const locations = 3
const users = ["ada", "bob"]
const [minute, day] = [60_000, 86_400_000]

/** What was told about a session to those who acted on it. */
interface Known {
  readonly id: string
  readonly userId: string
  readonly ticket: Ticket
  readonly openedAt: EpochMs
  /** Every secret that was ever handed out for it, with whoever holds it acting. */
  readonly secrets: string[]
  /** Secrets that were rotated away, and when that was answered. */
  readonly retired: Map<string, EpochMs>
  /** When it was answered that it ended. */
  endedAt: EpochMs | undefined
}

interface Ticket {
  readonly userId: string
  readonly epoch: number
  readonly askedAt: EpochMs
  readonly answeredAt: EpochMs
}

interface RevokedAll {
  readonly userId: string
  readonly spared: string | undefined
  readonly askedAt: EpochMs
  answeredAt: EpochMs | undefined
}

interface World {
  readonly clock: AdjustableClock
  /** Each opens a store anew, as each request does: what one remembers, the next does not know. */
  readonly stores: readonly (() => SessionStore)[]
  readonly tickets: Ticket[]
  readonly sessions: Known[]
  readonly revocations: RevokedAll[]
}

type Act = (world: World) => Promise<void>

/** An act by its name, which is what a failure shows. */
function named(name: string, act: Act): Act {
  return Object.assign(act, { [fc.toStringMethod]: () => name })
}

const place = fc.nat(locations - 1)
const pick = fc.nat(9)

function chosen<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)]
}

function at(world: World, location: number): SessionStore {
  return world.stores[location]?.() ?? assert.fail("no such location")
}

const begins = fc.tuple(place, fc.constantFrom(...users)).map(([location, userId]) => begin(location, userId))

function begin(location: number, userId: string): Act {
  return named(`begin a sign-in of ${userId} at ${location}`, async (world) => {
    const askedAt = world.clock()
    const epoch = await at(world, location).epoch(userId)
    world.tickets.push({ userId, epoch, askedAt, answeredAt: world.clock() })
  })
}

const opens = fc.tuple(place, pick).map(([location, index]) => open(location, index))

function open(location: number, index: number): Act {
  return named(`open the session of sign-in ${index} at ${location}`, async (world) => {
    const ticket = chosen([...world.tickets].reverse(), index)
    if (ticket === undefined) return
    const { userId, epoch } = ticket
    const record = sessionRecord({ userId, epoch, createdAt: world.clock() })
    if (!(await at(world, location).insert(record))) return
    const openedAt = world.clock()
    const secrets = [record.secretHash]
    const known: Known = {
      id: record.id,
      userId,
      ticket,
      openedAt,
      secrets,
      retired: new Map(),
      endedAt: undefined,
    }
    for (const { userId: whose, askedAt, answeredAt } of world.revocations) {
      // Everything was revoked between the look at the credential and now.
      const between = whose === userId && askedAt >= ticket.answeredAt
      if (between && answeredAt !== undefined) known.endedAt ??= answeredAt
    }
    world.sessions.push(known)
  })
}

const signIns = fc.tuple(place, fc.constantFrom(...users)).map(([location, userId]) => {
  return named(`sign in ${userId} at ${location}`, async (world) => {
    await begin(location, userId)(world)
    await open(location, 0)(world)
  })
})

/** What a request with one of the session's secrets finds at a location. */
async function present(
  world: World,
  location: number,
  [session, secret]: readonly [number, number],
): Promise<{ known: Known; record: SessionRecord } | undefined> {
  const known = chosen([...world.sessions].reverse(), session)
  if (known === undefined) return undefined
  const found = await at(world, location).find(known.id)
  const held = chosen([...known.secrets].reverse(), secret)
  return found !== undefined && found.record.secretHash === held ? { known, record: found.record } : undefined
}

function seenNow(world: World, record: SessionRecord): SessionRecord {
  const now = world.clock()
  return { ...record, revision: record.revision + 1, lastSeenAt: now, expiresAt: now + day }
}

const presents = fc.tuple(pick, pick)

const renews = fc.tuple(place, presents).map(([location, who]) => {
  return named(`renew session ${who} at ${location}`, async (world) => {
    const visit = await present(world, location, who)
    if (visit) await at(world, location).replace(seenNow(world, visit.record), visit.record.revision)
  })
})

const rotates = fc.tuple(place, presents).map(([location, who]) => {
  return named(`rotate session ${who} at ${location}`, async (world) => {
    const visit = await present(world, location, who)
    if (visit === undefined) return
    const { known, record } = visit
    const { secretHash } = sessionRecord()
    const next = { ...seenNow(world, record), secretHash }
    // Handed out only if it was stored; but from its first call on it can be there.
    known.secrets.push(secretHash)
    if (!(await at(world, location).replace(next, record.revision))) return
    if (!known.retired.has(record.secretHash)) known.retired.set(record.secretHash, world.clock())
  })
})

const ends = fc.tuple(place, pick).map(([location, index]) => {
  return named(`end session ${index} at ${location}`, async (world) => {
    const known = chosen([...world.sessions].reverse(), index)
    if (known && (await at(world, location).delete(known.id))) known.endedAt ??= world.clock()
  })
})

const revokes = fc
  .tuple(place, fc.constantFrom(...users), fc.option(presents))
  .map(([location, userId, who]) => {
    return named(`revoke all of ${userId} but ${who} at ${location}`, async (world) => {
      // "Sign out everywhere else" is asked by somebody whose own session is found there.
      const visit = who === null ? undefined : await present(world, location, who)
      const spared = visit?.known.id
      const revoked: RevokedAll = { userId, spared, askedAt: world.clock(), answeredAt: undefined }
      const others = (): Known[] =>
        world.sessions.filter((known) => known.userId === userId && known.id !== spared)
      const ending = others()
      world.revocations.push(revoked)
      await at(world, location).deleteByUser(userId, spared)
      revoked.answeredAt = world.clock()
      const underWay = others().filter(({ ticket }) => ticket.answeredAt <= revoked.askedAt)
      for (const known of [...ending, ...underWay]) known.endedAt ??= revoked.answeredAt
    })
  })

const waits = fc.constantFrom(1, 1_000, 20_000, 59_999, 60_000, 70_000, 125_000, 200_000).map((ms) => {
  return named(`wait ${ms} ms`, async ({ clock }) => clock.advance(ms))
})

const act = fc.oneof(
  { weight: 1, arbitrary: begins },
  { weight: 1, arbitrary: opens },
  { weight: 5, arbitrary: signIns },
  { weight: 3, arbitrary: renews },
  { weight: 2, arbitrary: rotates },
  { weight: 2, arbitrary: ends },
  { weight: 3, arbitrary: revokes },
  { weight: 4, arbitrary: waits },
)

/** Nobody at any location finds what was over for as long as the staleness. */
async function assertNothingRevoked({ clock, stores, sessions }: World): Promise<void> {
  const watched = sessions.filter(({ endedAt, retired }) => endedAt !== undefined || retired.size > 0)
  for (const known of watched) {
    for (const [location, open] of stores.entries()) {
      const startedAt = clock()
      const record = (await open().find(known.id))?.record
      if (record === undefined) continue
      const { endedAt, retired } = known
      const over = endedAt !== undefined && endedAt + staleness <= startedAt
      assert.ok(!over, `location ${location} finds a session that ended ${startedAt - (endedAt ?? 0)} ms ago`)
      const retiredAt = retired.get(record.secretHash) ?? Number.POSITIVE_INFINITY
      const old = retiredAt + staleness <= startedAt
      assert.ok(
        !old,
        `location ${location} finds a secret that was rotated away ${startedAt - retiredAt} ms ago`,
      )
    }
  }
}

/** A sign-in that met a revocation, or that could not yet see one, may have to be done again. */
function mustLive({ userId, id, ticket, endedAt }: Known, revocations: readonly RevokedAll[]): boolean {
  const undisturbed = revocations
    .filter((revoked) => revoked.userId === userId)
    .every(({ spared, answeredAt = Number.POSITIVE_INFINITY }) => {
      return answeredAt + staleness <= ticket.askedAt || spared === id
    })
  return endedAt === undefined && undisturbed
}

async function assertNobodyLost({ stores, sessions, revocations }: World): Promise<number> {
  const living = sessions.filter((known) => mustLive(known, revocations))
  for (const { id, userId } of living) {
    for (const store of stores.map((open) => open())) {
      assert.ok(await store.find(id), "a session that nobody ended is lost")
      const listed = await store.listByUser(userId)
      assert.ok(
        listed.some((record) => record.id === id),
        "a session that nobody ended is not listed",
      )
    }
  }
  return living.length
}

/** How often a run had something to say. */
export interface Tally {
  ended: number
  retired: number
  living: number
}

/** Tries `runs` histories on a namespace. Answers how much of them the assertions were about. */
export async function tryPropagation(
  namespace: KeyValueNamespace,
  { runs, seed }: { readonly runs: number; readonly seed?: number },
): Promise<Tally> {
  const tally: Tally = { ended: 0, retired: 0, living: 0 }
  const lags = fc.array(fc.constantFrom(0, 0, 1, 20_000, 59_000, 59_999, staleness), {
    minLength: 1,
    maxLength: 30,
  })
  const delays = fc.array(fc.constantFrom(1, 1, 1, 1, 3_000, 40_000), { minLength: 1, maxLength: 30 })
  const history = fc.array(fc.array(act, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 24 })

  const property = fc.asyncProperty(
    history,
    lags,
    delays,
    fc.scheduler(),
    async (steps, late, slow, scheduler) => {
      const clock = adjustableClock()
      let calls = 0
      let isParallel = true
      const openLocation = laggingLocations(namespace, {
        clock,
        async pause() {
          if (!isParallel) return
          await scheduler.schedule(Promise.resolve())
          clock.advance(slow[calls++ % slow.length] ?? 1)
        },
      })
      const prefix = `${crypto.randomUUID()}:`
      const lag = (): number => late[calls++ % late.length] ?? 0
      const stores = Array.from({ length: locations }, () => {
        const location = openLocation(lag)
        return () => kvSessions(location, { clock, prefix })
      })
      const world: World = { clock, stores, tickets: [], sessions: [], revocations: [] }
      for (const step of steps) {
        isParallel = true
        await scheduler.waitFor(Promise.all(step.map((each) => each(world))))
        isParallel = false
        clock.advance(1)
        await assertNothingRevoked(world)
      }
      clock.advance(staleness)
      await assertNothingRevoked(world)
      tally.living += await assertNobodyLost(world)
      clock.advance(5 * minute)
      await assertNothingRevoked(world)
      await assertNobodyLost(world)
      tally.ended += world.sessions.filter(({ endedAt }) => endedAt !== undefined).length
      tally.retired += world.sessions.filter(({ retired }) => retired.size > 0).length
    },
  )
  await fc.assert(property, { numRuns: runs, ...(seed === undefined ? {} : { seed }) })
  return tally
}
