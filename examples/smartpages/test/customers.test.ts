import { userStoreChecks } from "@mortise/core/testing"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type RunningWorker, startWorker } from "./in-workerd.js"

let worker: RunningWorker

beforeAll(async () => {
  worker = await startWorker({
    name: "core",
    entry: "test/workers/customer-checks.ts",
    // The kit asserts with node:assert; the Core Worker itself needs nothing of Node.
    compatibilityFlags: ["nodejs_compat"],
  })
})
afterAll(() => worker?.close())

test.each(userStoreChecks.map(({ name }) => name))("D1, in workerd: %s", async (name) => {
  expect(await worker.fetch(`/?${encodeURIComponent(name)}`)).toEqual({ status: 200, text: "held" })
})

test("a check that does not hold is told apart from one that does", async () => {
  expect((await worker.fetch("/?no such check")).status).toBe(404)
  const database = await worker.miniflare.getD1Database("CUSTOMERS", "smartpages-core")
  await database.exec("alter table customers rename to gone")
  const [check] = userStoreChecks
  expect((await worker.fetch(`/?${encodeURIComponent(check?.name ?? "")}`)).status).toBe(500)
  await database.exec("alter table gone rename to customers")
})
