import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { CustomerRecord, Saved } from "../data/src/customer-records.js"
import type { Locale } from "../words/locale.js"
import { type RunningWorker, startWorker } from "./in-workerd.js"

let worker: RunningWorker

beforeAll(async () => {
  worker = await startWorker({ name: "data" })
})
afterAll(() => worker?.close())

const open = (id: string, locale: Locale) => worker.call("open", id, locale) as Promise<CustomerRecord>
const save = (id: string, change: object) => worker.call("save", id, change) as Promise<Saved>
const details = {
  title: "Bäckerei",
  company: "Krümel & Söhne",
  phone: "+49 (0)30 123-45",
  about: "Brot.\nKuchen.",
}

describe("the data Worker, in workerd", () => {
  test("a record begins in the customer's language, once, however many open it", async () => {
    const id = crypto.randomUUID()
    const opened = await Promise.all(
      Array.from({ length: 16 }, (_, index) => open(id, index % 2 === 0 ? "de" : "en")),
    )
    expect(new Set(opened.map(({ title }) => title)).size).toBe(1)
    expect(opened[0]).toMatchObject({ company: "", phone: "", about: "", version: 1 })
    const database = await worker.miniflare.getD1Database("RECORDS", "smartpages-data")
    const rows = database
      .prepare("select count(*) as rows from customer_records where customer_id = ?")
      .bind(id)
    expect(await rows.first("rows")).toBe(1)

    await save(id, { ...details, version: 1 })
    expect(await open(id, "en")).toEqual({ ...details, version: 2 })
  })

  test("of 16 who save one version, one does; the others hear what is there now", async () => {
    const id = crypto.randomUUID()
    await open(id, "en")
    const saved = await Promise.all(
      Array.from({ length: 16 }, (_, index) => save(id, { ...details, title: `${index}`, version: 1 })),
    )
    const winners = saved.filter(({ ok }) => ok)
    expect(winners).toHaveLength(1)
    const record = await open(id, "en")
    expect(record.version).toBe(2)
    for (const loser of saved.filter(({ ok }) => !ok)) {
      expect(loser).toEqual({ ok: false, reason: "conflict", record })
    }
  })

  test("outer spaces go, and what else is in the body is not looked at", async () => {
    const [id, other] = [crypto.randomUUID(), crypto.randomUUID()]
    await open(id, "en")
    await open(other, "en")
    const change = { ...details, title: "  Bäckerei ", version: 1, customer_id: other, created_at: 0 }
    expect(await save(id, change)).toEqual({ ok: true, record: { ...details, version: 2 } })
    expect((await open(other, "en")).version).toBe(1)
  })

  test.each([
    [{ title: "" }, ["title"]],
    [{ title: "   " }, ["title"]],
    [{ title: "x".repeat(81) }, ["title"]],
    [{ company: "x".repeat(121), about: "x".repeat(2001) }, ["company", "about"]],
    [{ phone: "call me" }, ["phone"]],
    [{ phone: 49 }, ["phone"]],
    [{ about: undefined }, ["about"]],
    [{ title: "a\0b" }, ["title"]],
  ])("%j is refused and changes nothing", async (wrong, fields) => {
    const id = crypto.randomUUID()
    const before = await open(id, "en")
    expect(await save(id, { ...details, ...wrong, version: 1 })).toEqual({
      ok: false,
      reason: "invalid",
      fields,
    })
    expect(await open(id, "en")).toEqual(before)
  })

  test.each([undefined, 0, 2, "1", 1.5, null])("version %j is nobody's", async (version) => {
    const id = crypto.randomUUID()
    const record = await open(id, "en")
    expect(await save(id, { ...details, version })).toEqual({ ok: false, reason: "conflict", record })
  })

  test("nobody's record cannot be saved", async () => {
    expect(await save(crypto.randomUUID(), { ...details, version: 1 })).toEqual({
      ok: false,
      reason: "absent",
    })
  })
})
