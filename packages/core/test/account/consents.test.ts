import { describe, expect, test } from "vitest"
import { toldOf } from "../oauth/accounts.js"
import { accountApp, signedIn, withAda } from "./account-app.js"

const current = { purpose: "newsletter", version: "2026-11" }

describe("by script", () => {
  test("shows, gives, withdraws; every answer is kept", async () => {
    const host = await withAda()
    const browser = await signedIn(host)
    const shown = async () => (await (await browser.get("/auth/consents")).json()).consents
    const never = [
      { purpose: "newsletter", version: "2026-11", given: false, last: null },
      { purpose: "statistics", version: "1", given: false, last: null },
    ]
    expect(await shown()).toEqual(never)
    expect((await browser.post("/auth/consents", { json: current })).status).toBe(200)
    const at = host.clock()
    expect(await shown()).toEqual([
      { ...current, given: true, last: { version: "2026-11", given: true, at } },
      never[1],
    ])
    host.clock.advance(1000)
    const json = { purpose: "newsletter" }
    expect((await browser.post("/auth/consents/withdraw", { json })).status).toBe(200)
    expect((await shown())[0]).toEqual({
      ...current,
      given: false,
      last: { version: "2026-11", given: false, at: at + 1000 },
    })
    const { id: userId } = host.user
    expect(await host.stores.consents.listByUser(userId)).toEqual([
      { userId, ...current, given: true, at },
      { userId, ...current, given: false, at: at + 1000 },
    ])
    expect(host.events.filter(({ type }) => type.startsWith("consent"))).toMatchObject([
      { type: "consent.given", userId, ...current, address: "192.0.2.1" },
      { type: "consent.withdrawn", userId, ...current, address: "192.0.2.1" },
    ])
  })

  test.each<[string, string, object, number, string]>([
    ["an older text", "", { ...current, version: "2026-10" }, 409, "conflict"],
    ["a text that never was", "", { ...current, version: "" }, 409, "conflict"],
    ["no version", "", { purpose: "newsletter" }, 400, "invalid_request"],
    ["a version that is none", "", { ...current, version: 1 }, 400, "invalid_request"],
    ["no such purpose", "", { ...current, purpose: "cookies" }, 404, "not_found"],
    ["a purpose that every object has", "", { ...current, purpose: "constructor" }, 404, "not_found"],
    ["withdrawn: no such purpose", "/withdraw", { purpose: "__proto__" }, 404, "not_found"],
    ["withdrawn: nothing", "/withdraw", {}, 400, "invalid_request"],
  ])("%s is refused, and nothing is kept", async (_, path, json, status, reason) => {
    const host = await withAda()
    const browser = await signedIn(host)
    expect(await toldOf(await browser.post(`/auth/consents${path}`, { json }))).toEqual([status, reason])
    expect(await host.stores.consents.listByUser(host.user.id)).toEqual([])
    expect(host.events.filter(({ type }) => type.startsWith("consent"))).toEqual([])
  })

  test.each([
    ["GET", "/auth/consents"],
    ["POST", "/auth/consents"],
    ["POST", "/auth/consents/withdraw"],
  ])("%s %s needs a session", async (method, path) => {
    const host = await withAda()
    const body = method === "GET" ? {} : { json: current }
    expect(await toldOf(await host.browser().send(method, path, body))).toEqual([401, "not_signed_in"])
  })

  test("a user id in the body is somebody else's, and counts for nothing", async () => {
    const host = await withAda()
    const eve = await host.stores.users.create({ email: "eve@example.com", emailVerifiedAt: 1, createdAt: 1 })
    const json = { ...current, userId: eve?.id, user: eve?.id }
    await (await signedIn(host)).post("/auth/consents", { json })
    expect(await host.stores.consents.listByUser(eve?.id ?? "")).toEqual([])
    expect(await host.stores.consents.listByUser(host.user.id)).toHaveLength(1)
  })
})

describe("by form, without a script", () => {
  test("leads to the account's page, which says what happened", async () => {
    const host = await withAda()
    const browser = await signedIn(host)
    const leadsTo = async (path: string, form: Record<string, string>) =>
      (await browser.post(`/auth/consents${path}`, { form })).headers.get("location")
    expect(await leadsTo("", current)).toBe("/account?notice=consent_given")
    expect(await host.auth.flows.account.hasConsent(host.user.id, "newsletter")).toBe(true)
    expect(await leadsTo("", { ...current, version: "2026-10" })).toBe("/account?error=conflict")
    expect(await leadsTo("/withdraw", { purpose: "newsletter" })).toBe("/account?notice=consent_withdrawn")
    expect(await host.auth.flows.account.hasConsent(host.user.id, "newsletter")).toBe(false)
  })

  test("to a page of the host's own", async () => {
    const host = await withAda({ account: { pages: { account: "/privacy" } } })
    const back = await (await signedIn(host)).post("/auth/consents", { form: current })
    expect(back.status).toBe(303)
    expect(back.headers.get("location")).toBe("/privacy?notice=consent_given")
  })
})

describe("what counts", () => {
  test("the text as it is, and those that the host names", async () => {
    const host = await withAda()
    const { consents } = host.stores
    const { hasConsent } = host.auth.flows.account
    const { id: userId } = host.user
    for (const [version, counts] of [
      ["2026-09", false],
      ["2026-10", true],
      ["2026-11", true],
    ] as const) {
      await consents.append({ userId, purpose: "newsletter", version, given: true, at: host.clock() })
      expect([version, await hasConsent(userId, "newsletter")]).toEqual([version, counts])
    }
    expect(await hasConsent(userId, "statistics")).toBe(false)
    expect(await hasConsent("nobody", "newsletter")).toBe(false)
  })

  test("what the host asks for no more is shown, does not count, and can be taken back", async () => {
    const host = await withAda()
    const { id: userId } = host.user
    const at = host.clock()
    await host.stores.consents.append({ userId, purpose: "fax", version: "1", given: true, at })
    const { account } = host.auth.flows
    expect(await account.consents(userId)).toContainEqual({
      ...{ purpose: "fax", version: null, given: false },
      last: { version: "1", given: true, at },
    })
    expect(await account.withdrawConsent(userId, "fax")).toEqual({ ok: true })
    expect((await host.stores.consents.listByUser(userId)).map(({ given }) => given)).toEqual([true, false])
  })

  test("asked or taken back twice: kept once, told once", async () => {
    const host = await withAda()
    const { account } = host.auth.flows
    const { id } = host.user
    const answer = { purpose: "newsletter", version: "2026-11" } as const
    expect(await account.withdrawConsent(id, "newsletter")).toEqual({ ok: true })
    for (let n = 0; n < 3; n++) expect(await account.giveConsent(id, answer)).toEqual({ ok: true })
    for (let n = 0; n < 3; n++) expect(await account.withdrawConsent(id, "newsletter")).toEqual({ ok: true })
    const history = await host.stores.consents.listByUser(id)
    expect(history.map(({ given }) => given)).toEqual([true, false])
    expect(host.events.map(({ type }) => type)).toEqual(["consent.given", "consent.withdrawn"])
  })

  test("16 at once on two servers: kept once", async () => {
    const one = await withAda()
    const other = accountApp({ stores: one.stores, clock: one.clock })
    const answer = { purpose: "statistics", version: "1" } as const
    const all = Array.from({ length: 16 }, (_, n) =>
      (n % 2 ? one : other).auth.flows.account.giveConsent(one.user.id, answer),
    )
    expect(await Promise.all(all)).toEqual(all.map(() => ({ ok: true })))
    expect(await one.stores.consents.listByUser(one.user.id)).toHaveLength(1)
  })

  test("nobody consents who is not there", async () => {
    const { auth, stores } = accountApp()
    const answer = { purpose: "newsletter", version: "2026-11" } as const
    expect(await auth.flows.account.giveConsent("x", answer)).toEqual({ ok: false, reason: "not_found" })
    expect(await auth.flows.account.withdrawConsent("x", "newsletter")).toMatchObject({ reason: "not_found" })
    expect(await stores.consents.listByUser("x")).toEqual([])
  })
})

test("a host that asks for nothing has no routes for it", async () => {
  const host = await withAda({ account: { consents: {} as never } })
  expect(host.auth.routes.map(({ name }) => name)).not.toContain("consents")
  expect((await (await signedIn(host)).get("/auth/consents")).status).toBe(404)
})
