import { readdir } from "node:fs/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { askForLink, post, sessionIn } from "./asked-link.js"
import { patience } from "./running-demo.js"
import { openStage, type Stage } from "./stage.js"
import { tracesOf } from "./traces.js"

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, patience)
afterAll(() => stage?.close())

const files = (): string => `${stage.dataDirectory}/workers`

test("before a link is confirmed no store holds a trace of who asked; after it there is one customer, initialized once", async () => {
  const address = `Frieda.Trace+${crypto.randomUUID().slice(0, 8)}@Example.COM`
  const { token } = await askForLink(stage.url, address, "de")
  expect(await readdir(files())).toEqual(expect.arrayContaining(["d1", "do"]))
  expect(await tracesOf(address, files())).toEqual([])
  expect(await counted()).toEqual({ customers: 0, records: 0, inKv: 0 })

  // What a page asks of a link tells no store either.
  expect((await fetch(`${stage.url}/auth/confirm?token=${token}`)).status).toBe(200)
  expect(await tracesOf(address, files())).toEqual([])

  const confirmed = await Promise.all(
    Array.from({ length: 16 }, () => post(`${stage.url}/auth/confirm`, { token })),
  )
  expect(confirmed.map(({ status }) => status).sort()).toEqual([200, ...Array(15).fill(410)])
  expect(confirmed.filter(sessionIn)).toHaveLength(1)
  expect(await counted()).toMatchObject({ customers: 1, records: 1 })
  expect(await recordOf(address)).toEqual({ locale: "de", title: "Meine Seite", version: 1 })

  // The same looks find what is there now, so they would have found it before.
  expect((await counted()).inKv).toBeGreaterThan(0)
  expect(await tracesOf(address, files())).not.toEqual([])
})

test("16 parallel confirmations of four links to one new address make one customer, initialized once", async () => {
  const before = await counted()
  const address = `${crypto.randomUUID()}@example.com`
  const links: string[] = []
  for (const count of [1, 2, 3, 4]) links.push((await askForLink(stage.url, address, "en", count)).token)

  const confirmed = await Promise.all(
    Array.from({ length: 16 }, (_, index) => post(`${stage.url}/auth/confirm`, { token: links[index % 4] })),
  )
  const signedIn = confirmed.filter(sessionIn).length
  expect(signedIn).toBeGreaterThanOrEqual(1)
  expect(signedIn).toBeLessThanOrEqual(4)
  expect(new Set(confirmed.map(({ status }) => status))).toEqual(new Set([200, 410]))
  expect(await counted()).toMatchObject({ customers: before.customers + 1, records: before.records + 1 })
  expect(await recordOf(address)).toEqual({ locale: "en", title: "My page", version: 1 })
})

test("the data Worker is down at the moment of confirming: no session, and the next mail makes up for it", async () => {
  const address = `${crypto.randomUUID()}@example.com`
  const [first, second] = [
    await askForLink(stage.url, address, "de", 1),
    await askForLink(stage.url, address, "de", 2),
  ]
  const records = await stage.miniflare.getD1Database("RECORDS", "smartpages-data")
  await records.exec("alter table customer_records rename to away")
  const failed = await post(`${stage.url}/auth/confirm`, { token: first.token })
  await records.exec("alter table away rename to customer_records")
  expect(failed.status).toBe(503)
  expect(sessionIn(failed)).toBeUndefined()

  const cookie = sessionIn(await post(`${stage.url}/auth/confirm`, { token: second.token })) ?? ""
  const record = await fetch(`${stage.url}/api/customer`, { headers: { cookie } })
  expect(await record.json()).toMatchObject({ title: "Meine Seite", version: 1 })
  expect(await recordOf(address)).toEqual({ locale: "de", title: "Meine Seite", version: 1 })
})

test("whose record it is, the session says: no id in path, query or body is looked at", async () => {
  const [mine, other] = await Promise.all([signIn("de"), signIn("en")])
  const customers = await stage.miniflare.getD1Database("CUSTOMERS", "smartpages-core")
  const otherId = await customers
    .prepare("select id from customers where email = ?")
    .bind(other.address)
    .first("id")
  const headers = { cookie: mine.cookie, origin: stage.url }
  const change = { title: "Mine", company: "", phone: "", about: "", version: 1 }
  const saved = await fetch(`${stage.url}/api/customer?customerId=${otherId}`, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ ...change, id: otherId, customerId: otherId, customer_id: otherId }),
  })
  expect(saved.status).toBe(200)
  expect(await recordOf(mine.address)).toMatchObject({ title: "Mine", version: 2 })
  expect(await recordOf(other.address)).toMatchObject({ title: "My page", version: 1 })
  expect((await fetch(`${stage.url}/api/customer/${otherId}`, { headers })).status).toBe(404)
  expect((await fetch(`${stage.url}/api/customer`)).status).toBe(401)
})

const json = { "content-type": "application/json" }
const change = JSON.stringify({ title: "Planted", company: "", phone: "", about: "", version: 1 })

test.each([
  ["from another site", { ...json, origin: "https://elsewhere.example" }, change, 403],
  ["made by another site's script", { ...json, "sec-fetch-site": "cross-site" }, change, 403],
  ["of a form", { "content-type": "text/plain" }, change, 415],
  ["without JSON", json, "no JSON", 400],
  ["of nothing", json, "null", 400],
  ["of too much", json, JSON.stringify("x".repeat(20_000)), 413],
])("a save %s saves nothing", async (_, headers, body, status) => {
  const { address, cookie } = await signIn("en")
  const response = await fetch(`${stage.url}/api/customer`, {
    method: "PUT",
    headers: { cookie, ...headers },
    body,
  })
  expect(response.status).toBe(status)
  expect(await recordOf(address)).toMatchObject({ version: 1 })
})

async function signIn(locale: "de" | "en"): Promise<{ address: string; cookie: string }> {
  const address = `${crypto.randomUUID()}@example.com`
  const { token } = await askForLink(stage.url, address, locale)
  const response = await post(`${stage.url}/auth/confirm`, { token })
  return { address, cookie: sessionIn(response) ?? "" }
}

/** Rows of both databases, and names in KV. */
async function counted(): Promise<{ customers: number; records: number; inKv: number }> {
  const customers = await stage.miniflare.getD1Database("CUSTOMERS", "smartpages-core")
  const records = await stage.miniflare.getD1Database("RECORDS", "smartpages-data")
  const sessions = await stage.miniflare.getKVNamespace("SESSIONS", "smartpages-core")
  return {
    customers: Number(await customers.prepare("select count(*) as rows from customers").first("rows")),
    records: Number(await records.prepare("select count(*) as rows from customer_records").first("rows")),
    inKv: (await sessions.list()).keys.length,
  }
}

async function recordOf(address: string): Promise<object> {
  const customers = await stage.miniflare.getD1Database("CUSTOMERS", "smartpages-core")
  const records = await stage.miniflare.getD1Database("RECORDS", "smartpages-data")
  const { results } = await customers
    .prepare("select id, locale from customers where email = ?")
    .bind(address.toLowerCase())
    .all<{ id: string; locale: string }>()
  expect(results).toHaveLength(1)
  const record = await records
    .prepare("select title, version from customer_records where customer_id = ?")
    .bind(results[0]?.id)
    .first<object>()
  return { locale: results[0]?.locale, ...record }
}
