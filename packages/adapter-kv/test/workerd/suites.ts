import assert from "node:assert/strict"
import type { AtomicStore, Clock, SessionStore } from "@mortise/core"
import {
  atomicOutageChecks,
  atomicStoreChecks,
  type Bench,
  type Check,
  type OwnedBench,
  sessionOutageChecks,
  sessionStoreChecks,
  staleSessionStoreChecks,
} from "@mortise/core/testing"
import {
  type DurableObjectStores,
  durableObjectStores,
  type KeyValueNamespace,
  kvSessions,
} from "../../src/index.js"
import { cachingLocation } from "../locations/caching-location.js"
import { laggingLocations } from "../locations/lagging-locations.js"
import { type Tally, tryPropagation } from "../locations/propagation.js"
import { authChecks } from "../objects/auth-checks.js"
import { objectChecks } from "../objects/object-checks.js"
import type { TestEnv } from "./test-worker.js"

/** A check with its bench already chosen. */
export interface RunnableCheck {
  readonly name: string
  readonly run: () => Promise<void>
}

/** What the test worker can run, by name. */
export const suites: Readonly<Record<string, (env: TestEnv) => readonly RunnableCheck[]>> = {
  "objects: challenges": ({ OBJECTS }) =>
    opened(atomicStoreChecks, (clock): Bench<AtomicStore> => {
      const [a, b] = twice(() => durableObjectStores(OBJECTS, { clock }).challenges)
      return { a, b }
    }),
  "objects: sessions": ({ OBJECTS }) =>
    opened(sessionStoreChecks, (clock) =>
      owned(twice(() => durableObjectStores(OBJECTS, { clock }).sessions)),
    ),
  "objects: challenges without objects": ({ BROKEN }) =>
    opened(atomicOutageChecks, () => {
      const [a, b] = twice((): DurableObjectStores => durableObjectStores(BROKEN))
      return { a: a.challenges, b: b.rateLimits }
    }),
  "objects: sessions without objects": ({ BROKEN }) =>
    opened(sessionOutageChecks, () => owned(twice(() => durableObjectStores(BROKEN).sessions))),
  objects: ({ OBJECTS }) =>
    Object.entries(objectChecks).map(([name, check]) => ({ name, run: () => check(OBJECTS) })),
  "objects under an Auth": ({ OBJECTS }) =>
    Object.entries(authChecks).map(([name, check]) => ({ name, run: () => check(OBJECTS) })),
  "kv: sessions": ({ SESSIONS }) =>
    opened(sessionStoreChecks, (clock) => owned(twice(() => kvSessions(SESSIONS, { clock })))),
  "kv: stale sessions": ({ SESSIONS }) =>
    opened(staleSessionStoreChecks, (clock) => owned(twice(() => kvSessions(SESSIONS, { clock })))),
  "kv: stale sessions, every read a minute late": ({ SESSIONS }) =>
    opened(staleSessionStoreChecks, (clock) => {
      const openLocation = laggingLocations(SESSIONS, { clock })
      return owned(
        twice(() =>
          kvSessions(
            openLocation(() => 60_000),
            { clock },
          ),
        ),
      )
    }),
  "kv: stale sessions, only elsewhere a minute late": ({ SESSIONS }) =>
    opened(staleSessionStoreChecks, (clock) => {
      const openLocation = laggingLocations(SESSIONS, { clock })
      const [a, b] = [0, 60_000].map((ms) =>
        kvSessions(
          openLocation(() => ms),
          { clock },
        ),
      )
      return owned([a ?? assert.fail(), b ?? assert.fail()])
    }),
  "kv: stale sessions, every location with its cache": ({ SESSIONS }) =>
    opened(staleSessionStoreChecks, (clock) =>
      owned(twice(() => kvSessions(cachingLocation(SESSIONS, clock), { clock }))),
    ),
  "kv: locations": ({ SESSIONS }) => [
    { name: "nothing revoked comes back, and nobody is lost", run: () => propagation(SESSIONS) },
  ],
}

async function propagation(namespace: KeyValueNamespace): Promise<void> {
  const tallies: Tally[] = []
  const sum = (key: keyof Tally): number => tallies.reduce((total, tally) => total + tally[key], 0)
  const isEnough = (): boolean => [sum("ended"), sum("retired"), sum("living")].every((count) => count > 5)
  // Twenty-five histories retire eleven secrets or so; by chance they may be few, hardly so in two hundred.
  while (tallies.length < 8 && !isEnough()) tallies.push(await tryPropagation(namespace, { runs: 25 }))
  assert.ok(isEnough(), `nothing was tried: ${JSON.stringify(tallies)}`)
}

function opened<B>(checks: readonly Check<B>[], open: (clock: Clock) => B): readonly RunnableCheck[] {
  return checks.map(({ name, run }) => ({ name, run: () => run(open) }))
}

function twice<S>(make: () => S): readonly [S, S] {
  return [make(), make()]
}

function owned([a, b]: readonly [SessionStore, SessionStore]): OwnedBench<SessionStore> {
  return { a, b, newUserId: async () => crypto.randomUUID() }
}
