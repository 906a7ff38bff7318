import { type GuardMatrix, guardMatrix, type MatrixCharacter } from "@mortise/core/testing"
import { routesOf } from "@mortise/express/testing"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { demoPassword } from "../src/demo-data.js"
import { openSite, type RunningSite, type Session, sessionOf } from "./site.js"

let site: RunningSite

beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site?.close())

test("every route has a rule, and answers everybody as its rules say", async () => {
  const matrix = await tryAll()
  expect(matrix.problems).toEqual([])
  await expect(matrix.toMarkdown()).toMatchFileSnapshot("who-may-go-where.md")
})

test("a route that somebody adds without one is found", async () => {
  site.app.get("/store/:storeCode/takings", (_req, res) => res.json({ takings: 0 }))
  expect((await tryAll()).problems).toEqual(["GET /store/:storeCode/takings has no rule of its own"])
})

async function tryAll(): Promise<GuardMatrix> {
  return guardMatrix({
    site: site.doors.site,
    routes: routesOf(site.app),
    characters: await characters(),
    params: { storeCode: ["ACME", "OTHER"] },
    fetch: (target, init) => fetch(site.url + target, init),
  })
}

async function characters(): Promise<readonly MatrixCharacter[]> {
  const { admin, store, storefront } = site.doors.site.realms
  const password = demoPassword
  const byStore = (username: string): Promise<Session> =>
    sessionOf(store.flows.password.signIn({ username, password }))
  const asAdmin = await sessionOf(admin.flows.password.signIn({ username: "admin", password }))
  const acme = await byStore("store@acme.com")
  const customer = await sessionOf(
    storefront.flows.password.signIn({ email: "customer@example.com", password }),
  )
  return [
    { name: "anonymous" },
    { name: "admin", session: asAdmin },
    { name: "admin, by cookie", session: asAdmin, by: "cookie" },
    { name: "store of ACME", session: acme },
    { name: "store of ACME, by cookie", session: acme, by: "cookie" },
    { name: "store of OTHER", session: await byStore("store@other.com") },
    { name: "customer in the store realm", session: await byStore("customer@example.com") },
    { name: "customer", session: customer },
    { name: "customer, by cookie", session: customer, by: "cookie" },
    { name: "deactivated", session: await deactivatedAdmin(), ended: true },
    { name: "expired", session: await expiredAdmin(), ended: true },
  ]
}

async function deactivatedAdmin(): Promise<Session> {
  const { flows, users } = site.doors.site.realms.admin
  const email = `${crypto.randomUUID()}@example.com`
  const person = await site.stores.people.create({ email, emailVerifiedAt: null, createdAt: Date.now() })
  const id = person?.id ?? ""
  await site.stores.people.changeRole(id, "admin")
  await flows.password.set(id, demoPassword)
  const session = await sessionOf(flows.password.signIn({ username: email, password: demoPassword }))
  await users.disable(id)
  return session
}

/** Signed in nine hours ago. */
async function expiredAdmin(): Promise<Session> {
  const { flows } = site.doors.site.realms.admin
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 9 * 3_600_000 })
  try {
    return await sessionOf(flows.password.signIn({ username: "admin", password: demoPassword }))
  } finally {
    vi.useRealTimers()
  }
}
