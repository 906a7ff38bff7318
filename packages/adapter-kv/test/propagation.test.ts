import { afterAll, beforeAll, expect, test } from "vitest"
import { memoryNamespace } from "./locations/memory-namespace.js"
import { tryPropagation } from "./locations/propagation.js"
import { startWorker, type TestWorker } from "./workerd/start-worker.js"

/* Any history at three locations that see each other late: many in memory, some on a real namespace in workerd. */

let worker: TestWorker

beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

test("nothing revoked comes back, and nobody is lost", async () => {
  await worker.run("kv: locations", "nothing revoked comes back, and nobody is lost")
}, 180_000)

test("the same for many more", async () => {
  const tally = await tryPropagation(memoryNamespace(), { runs: 400 })
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(100)
}, 180_000)
