import {
  atomicOutageChecks,
  atomicStoreChecks,
  sessionOutageChecks,
  sessionStoreChecks,
  staleSessionStoreChecks,
} from "@mortise/core/testing"
import { afterAll, beforeAll, describe, test } from "vitest"
import { strictOnly } from "./strict-only.js"
import { startWorker, type TestWorker } from "./workerd/start-worker.js"

/* The kit that every adapter passes, inside workerd, on real Durable Objects and a real namespace. */

let worker: TestWorker

beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

describe.each([
  ["objects: challenges", atomicStoreChecks],
  ["objects: sessions", sessionStoreChecks],
  ["objects: challenges without objects", atomicOutageChecks],
  ["objects: sessions without objects", sessionOutageChecks],
  ["kv: sessions", sessionStoreChecks.filter(({ name }) => strictOnly[name] === undefined)],
  ["kv: stale sessions", staleSessionStoreChecks],
  ["kv: stale sessions, every read a minute late", staleSessionStoreChecks],
  ["kv: stale sessions, only elsewhere a minute late", staleSessionStoreChecks],
  ["kv: stale sessions, every location with its cache", staleSessionStoreChecks],
])("%s", (suite, checks) => {
  for (const { name } of checks) test(name, () => worker.run(suite, name), 30_000)
})
