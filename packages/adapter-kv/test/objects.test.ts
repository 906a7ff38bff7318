import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { ObjectNamespace } from "../src/index.js"
import { durableObjectStores } from "../src/index.js"
import { authChecks } from "./objects/auth-checks.js"
import { objectChecks } from "./objects/object-checks.js"
import { startWorker, type TestWorker } from "./workerd/start-worker.js"

let worker: TestWorker

beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

for (const name of Object.keys(objectChecks)) test(name, () => worker.run("objects", name), 60_000)

describe("a site whose Workers share objects", () => {
  for (const name of Object.keys(authChecks))
    test(name, () => worker.run("objects under an Auth", name), 60_000)
})

test("a number of shards that could not be is refused at once", () => {
  const namespace: ObjectNamespace = {
    idFromName: (name) => name,
    get: () => expect.fail("nobody is asked"),
  }
  for (const shards of [0, -1, 1.5, 1_025, Number.NaN]) {
    expect(() => durableObjectStores(namespace, { shards }), String(shards)).toThrow("shards must be")
  }
  for (const shards of [1, 16, 1_024]) durableObjectStores(namespace, { shards })
})
