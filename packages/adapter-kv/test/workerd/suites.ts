import type { AtomicStore, Clock, SessionStore } from "@mortise/core"
import {
  atomicOutageChecks,
  atomicStoreChecks,
  type Bench,
  type Check,
  type OwnedBench,
  sessionOutageChecks,
  sessionStoreChecks,
} from "@mortise/core/testing"
import { type DurableObjectStores, durableObjectStores, kvSessions } from "../../src/index.js"
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
  "kv: sessions": ({ SESSIONS }) =>
    opened(sessionStoreChecks, (clock) => owned(twice(() => kvSessions(SESSIONS, { clock })))),
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
