import { describe, expect, test } from "vitest"
import type { AuthEvent } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { memoryCredentialStore, memoryStores, memoryUserStore } from "../../src/memory.js"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import { ada, secret } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { toldOf, waysInto } from "../oauth/accounts.js"
import { type AccountHost, accountApp, articlesOf, signedIn, tokenOf, withAda } from "./account-app.js"

const agreed = { purpose: "newsletter", version: "2026-11" } as const

/** Everything of hers that a store of this host still has. */
async function leftOf({ articles, stores }: AccountHost, userId: string): Promise<object> {
  const logged = await stores.audit.list({ userId, limit: 9 })
  return {
    user: await stores.users.find(userId),
    byEmail: await stores.users.findByEmail(ada.email),
    credentials: await stores.credentials.listByUser(userId),
    sessions: await stores.sessions.listByUser(userId),
    consents: await stores.consents.listByUser(userId),
    events: logged.map(({ event }) => event.type),
    articles: articles.get(userId),
  }
}

const nothing = {
  ...{ user: undefined, byEmail: undefined, credentials: [], sessions: [], consents: [] },
  ...{ events: [], articles: undefined },
}

function typesOf(events: readonly AuthEvent[]): readonly string[] {
  return events.map(({ type }) => type)
}

describe("by its owner", () => {
  test.each([
    ["DELETE /auth/account, by script", "DELETE", "/auth/account", {}, 200, null],
    ["POST /auth/account/erase, by script", "POST", "/auth/account/erase", { json: {} }, 200, null],
    ["POST /auth/account/erase, by form", "POST", "/auth/account/erase", { form: {} }, 303, "/bye"],
  ] as const)("%s: nothing is left", async (_, method, path, body, status, location) => {
    const host = await withAda()
    const [browser, elsewhere] = [await signedIn(host), await signedIn(host)]
    const { id: userId } = host.user
    await host.auth.flows.account.giveConsent(userId, agreed)
    const answer = await browser.send(method, path, body)
    expect([answer.status, answer.headers.get("location")]).toEqual([status, location])
    expect([...browser.cookies.keys()]).toEqual([])
    expect(await host.auth.sessions.read(tokenOf(elsewhere))).toBeUndefined()
    expect(await leftOf(host, userId)).toEqual(nothing)
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
    const { events } = host
    expect(typesOf(events).slice(-5)).toEqual([
      ...["user.erasure_began", "session.ended", "session.ended", "user.erased", "sign_in.refused"],
    ])
    expect(events.filter(({ type }) => type === "session.ended")).toMatchObject([
      { userId, cause: "erased" },
      { userId, cause: "erased" },
    ])
  })

  test("the last event names a pseudonym, and neither id, address nor browser", async () => {
    const host = await withAda()
    const browser = await signedIn(host)
    await browser.delete("/auth/account", { headers: { "user-agent": "Adas Browser" } })
    const last = host.events.at(-1)
    expect(last).toEqual({
      ...{ type: "user.erased", realm: "default", at: host.clock(), address: "", userAgent: "" },
      pseudonym: expect.stringMatching(/^erased-[\w-]{43}$/),
    })
    const pseudonym = last?.type === "user.erased" ? last.pseudonym : ""
    const logged = await host.stores.audit.list({ userId: pseudonym, limit: 99 })
    expect(logged.length).toBeGreaterThan(3)
    for (const { event } of logged)
      expect(event).toMatchObject({ userId: pseudonym, address: "", userAgent: "" })
    expect(await host.stores.audit.verify()).toMatchObject({ ok: true })
  })

  test("the pseudonym is of this host's secret: another's has another", async () => {
    const pseudonyms = new Set<unknown>()
    for (const one of [secret, "T9vKx2mQ7bLw4cYz8RnJ1dHs6GfPaE3u"]) {
      const host = await withAda({ secret: one })
      const { id } = host.user
      await host.auth.flows.account.erase(id)
      const event = host.events.at(-1)
      pseudonyms.add(event?.type === "user.erased" && event.pseudonym)
      expect(JSON.stringify(event)).not.toContain(id)
    }
    expect(pseudonyms.size).toBe(2)
  })

  test.each([
    ["DELETE", "/auth/account"],
    ["POST", "/auth/account/erase"],
  ])("%s %s: not without a session, nor with one that is too old", async (method, path) => {
    const host = await withAda()
    expect(await toldOf(await host.browser().send(method, path, { json: {} }))).toEqual([
      401,
      "not_signed_in",
    ])
    const browser = await signedIn(host)
    host.clock.advance(600_001)
    const refused = [401, "reauthentication_required"]
    expect(await toldOf(await browser.send(method, path, { json: {} }))).toEqual(refused)
    const { id } = host.user
    expect(await host.stores.users.find(id)).toEqual(host.user)
    expect(await waysInto(host, id)).toEqual(["password"])
    expect(host.articles.get(id)).toHaveLength(2)
  })

  test("a refused form goes back to the account's page", async () => {
    const host = await withAda()
    const browser = await signedIn(host)
    host.clock.advance(600_001)
    const answer = await browser.post("/auth/account/erase", { form: {} })
    expect(answer.headers.get("location")).toBe("/account?error=reauthentication_required")
  })

  test("an id in the body is nobody's", async () => {
    const host = await withAda()
    const eve = await host.stores.users.create({ email: "eve@example.com", emailVerifiedAt: 1, createdAt: 1 })
    const json = { user: eve?.id, userId: eve?.id, id: eve?.id }
    await (await signedIn(host)).post("/auth/account/erase", { json })
    expect(await host.stores.users.find(eve?.id ?? "")).toEqual(eve)
    expect(await host.stores.users.find(host.user.id)).toBeUndefined()
  })

  test.each<[string, unknown, number]>([
    ["no", false, 403],
    ["nothing", undefined, 403],
    ["what only looks like yes", 1, 403],
    ["yes", true, 200],
  ])("a host that answers %s", async (_, answer, status) => {
    const mayErase = async (): Promise<boolean> => answer as boolean
    const host = await withAda({ account: { mayErase } })
    const browser = await signedIn(host)
    expect((await browser.delete("/auth/account")).status).toBe(status)
    expect((await host.stores.users.find(host.user.id)) === undefined).toBe(status === 200)
    expect((await host.auth.sessions.read(tokenOf(browser))) === undefined).toBe(status === 200)
    // An administrator is not asked.
    if (status === 403) expect(await host.auth.flows.account.erase(host.user.id)).toEqual({ ok: true })
  })

  test("a notice goes to the address that is gone, after the answer", async () => {
    const host = await withAda()
    await (await signedIn(host)).delete("/auth/account")
    expect(host.notices).toEqual([])
    await settled()
    expect(host.notices).toEqual([
      { kind: "notice", notice: "account_erased", at: host.clock(), to: ada.email, locale: "en" },
    ])
  })

  test("a sender that fails changes nothing, and a host without one has none", async () => {
    const failing = await withAda({ account: { send: () => Promise.reject(new Error("smtp")) } })
    expect((await (await signedIn(failing)).delete("/auth/account")).status).toBe(200)
    await settled()
    expect(failing.faults).toEqual([new Error("smtp")])
    const silent = await withAda({ account: { send: undefined as never } })
    expect((await (await signedIn(silent)).delete("/auth/account")).status).toBe(200)
    await settled()
    expect([silent.faults, silent.notices]).toEqual([[], []])
  })
})

describe("by the host", () => {
  test("once: then there is nobody of that id, and it may be repeated", async () => {
    const host = await withAda()
    const { erase } = host.auth.flows.account
    expect(await erase(host.user.id)).toEqual({ ok: true })
    expect(await erase(host.user.id)).toEqual({ ok: true })
    expect(await erase("x")).toEqual({ ok: false, reason: "not_found" })
    expect(await leftOf(host, host.user.id)).toEqual(nothing)
    expect(await host.stores.audit.verify()).toMatchObject({ ok: true })
  })

  test("an id of another realm's user is nobody here: their sessions go on, their events keep their id", async () => {
    const stores = memoryStores()
    const own = { users: memoryUserStore(), credentials: memoryCredentialStore() }
    const shop = await withAda({ stores: { ...stores, ...own }, realm: "shop" })
    const admin = accountApp({ stores, clock: shop.clock, realm: "admin" })
    const session = await shop.auth.flows.password.signIn(ada)
    expect(session.ok).toBe(true)
    expect(await admin.auth.flows.account.erase(shop.user.id)).toEqual({ ok: false, reason: "not_found" })
    expect(await shop.auth.sessions.list(shop.user.id)).toHaveLength(1)
    expect((await stores.audit.list({ userId: shop.user.id, limit: 9 })).length).toBe(2)
  })

  test("sessions of every realm end", async () => {
    const stores = memoryStores()
    const shop = await withAda({ stores, realm: "shop" })
    const admin = accountApp({ stores, clock: shop.clock, realm: "admin" })
    expect((await admin.auth.flows.password.signIn(ada)).ok).toBe(true)
    await shop.auth.flows.account.erase(shop.user.id)
    expect(await stores.sessions.listByUser(shop.user.id)).toEqual([])
  })

  test("the address is free at once, and the next who has it has nothing of hers", async () => {
    const host = await withAda()
    const before = await signedIn(host)
    await host.auth.flows.account.giveConsent(host.user.id, agreed)
    await host.auth.flows.account.erase(host.user.id)
    await host.auth.flows.password.register({ ...ada, password: "another one altogether" })
    const user = await host.stores.users.findByEmail(ada.email)
    expect(user?.id).not.toBe(host.user.id)
    expect(await host.auth.sessions.read(tokenOf(before))).toBeUndefined()
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
    const exported = await host.auth.flows.account.export(user?.id ?? "")
    expect(exported).toMatchObject({
      ok: true,
      account: { consents: [], sessions: [], parts: { articles: [] } },
    })
    expect(exported.ok && typesOf(exported.account.events)).toEqual(["sign_in.refused", "user.registered"])
  })

  test("a link in the mail leads to nobody, and makes no account", async () => {
    const host = await withAda()
    await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
    await host.auth.flows.magicLink.start({ email: ada.email, locale: "en" })
    await settled()
    const token = new URL(host.links[0]?.url ?? "").searchParams.get("token") ?? ""
    await host.auth.flows.account.erase(host.user.id)
    expect(await host.auth.flows.magicLink.confirm({ token })).toMatchObject({ ok: false })
    expect(await host.stores.users.list({ limit: 9 })).toEqual([])
  })

  test("what the log has of her address, before it knew whose it is, is hers too", async () => {
    const host = await withAda()
    const context = { address: "198.51.100.7", userAgent: "Adas Browser" }
    await host.auth.flows.magicLink.start({ email: ada.email, locale: "en" }, context)
    await host.auth.flows.magicLink.start({ email: "eve@example.com", locale: "en" }, context)
    await host.auth.flows.account.erase(host.user.id)
    const asked = await host.stores.audit.list({ types: ["magic_link.requested"], limit: 9 })
    const erased = host.events.at(-1)
    const pseudonym = erased?.type === "user.erased" ? erased.pseudonym : "none"
    expect(asked.map(({ event }) => event)).toMatchObject([
      context,
      { address: "", userAgent: "", emailDigest: pseudonym },
    ])
    expect(await host.stores.audit.verify()).toMatchObject({ ok: true })
  })

  test("of a host without audit and consents", async () => {
    const { audit: _, consents: __, ...rest } = memoryStores()
    const articles = new Map<string, string[]>()
    const account = { consents: {} as never, parts: { articles: articlesOf(articles) } }
    const host = await withAda({ stores: rest as never, articles, account })
    await signedIn(host)
    expect(await host.auth.flows.account.erase(host.user.id)).toEqual({ ok: true })
    expect(await host.stores.users.list({ limit: 9 })).toEqual([])
    expect(await host.stores.sessions.listByUser(host.user.id)).toEqual([])
    expect(articles.size).toBe(0)
    expect(await host.auth.flows.account.finishErasures()).toBe(0)
    const exported = await host.auth.flows.account.export(host.user.id)
    expect(exported).toEqual({ ok: false, reason: "not_found" })
  })
})

/** Every call of an erasure that may fail. */
const strategies = { opaque: undefined, "jwt, an epoch per user": jwt({ revocation: "user" }) } as const

describe.each(Object.keys(strategies) as (keyof typeof strategies)[])("%s: what broke off", (kept) => {
  const sessions = strategies[kept]
  const options = sessions ? { sessions } : {}

  async function started() {
    const host = await withAda(options)
    const thief = await signedIn(host)
    await host.auth.flows.account.giveConsent(host.user.id, agreed)
    return { ...host, thief }
  }

  const moments = ["before", "after"] as const
  test.each(moments)(
    "at any store call, %s it took effect: nobody gets in, and a second call finishes",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const host = await started()
        const { articles, clock, stores, thief, user } = host
        const fails = ({ number }: StoreCall): boolean => number === n
        const { watched, calls } = failingStores(stores, fails, { moment })
        const broken = accountApp({ ...options, stores: watched, clock, articles })
        const outcome = await broken.auth.flows.account.erase(user.id).catch((fault: unknown) => fault)
        const call = calls[n - 1]
        if (!call) break
        failed++
        const isTurnGivenBack = call.slot === "challenges" && call.method === "swap"
        if (!isTurnGivenBack) expect([call, outcome]).toMatchObject([call, { code: "ERR_STORE" }])
        // Nobody gets in, unless nothing has begun: before the turn was taken, and before sessions could be ended.
        const begun = (await stores.audit.list({ types: ["user.erasure_began"], limit: 1 })).length > 0
        const closed = (await stores.users.find(user.id))?.disabledAt !== null
        const ended = call.method !== "deleteByUser" || call.slot !== "sessions" || moment === "after"
        if (begun && closed) {
          expect([call, (await host.auth.flows.password.signIn(ada)).ok]).toEqual([call, false])
          const alive = (await host.auth.sessions.read(tokenOf(thief))) !== undefined
          // Under tokens that say their epoch a second ending raises it again; a store that cannot end them is the caller's to repeat.
          if (ended || failed > 12) expect([call, alive]).toEqual([call, false])
        }
        // A process that died with the turn has lost it by now.
        clock.advance(31_000)
        const again = await host.auth.flows.account.erase(user.id)
        expect([call, again]).toEqual([call, { ok: true }])
        expect([call, await leftOf(host, user.id)]).toEqual([call, nothing])
        expect([call, await stores.audit.verify()]).toMatchObject([call, { ok: true }])
        expect(await host.auth.sessions.read(tokenOf(thief))).toBeUndefined()
      }
      expect(failed).toBeGreaterThan(12)
    },
    60_000,
  )

  test.each(moments)(
    "%s: the host's job finds those whose account is closed, and finishes them",
    async (moment) => {
      let finished = 0
      for (let n = 1; ; n++) {
        const host = await started()
        const { articles, clock, stores, user } = host
        const { watched, calls } = failingStores(stores, ({ number }) => number >= n, { moment })
        const died = accountApp({ ...options, stores: watched, clock, articles })
        await died.auth.flows.account.erase(user.id).catch(() => {})
        if (calls.length < n) break
        clock.advance(31_000)
        const before = await stores.users.find(user.id)
        const left = await leftOf(host, user.id)
        const done = await host.auth.flows.account.finishErasures()
        finished += done
        // It is finished, or it had not begun, or it was whole.
        if (before?.disabledAt === null) expect([calls[n - 1], done]).toEqual([calls[n - 1], 0])
        else expect([calls[n - 1], await leftOf(host, user.id)]).toEqual([calls[n - 1], nothing])
        if (done === 0 && before?.disabledAt !== null)
          expect([calls[n - 1], left]).toEqual([calls[n - 1], nothing])
        expect([calls[n - 1], await stores.audit.verify()]).toMatchObject([calls[n - 1], { ok: true }])
        // Once more: nothing to do.
        expect(await host.auth.flows.account.finishErasures()).toBe(0)
      }
      expect(finished).toBeGreaterThan(5)
    },
    60_000,
  )

  test("because a listener throws at any event: a second call finishes", async () => {
    for (let n = 1; ; n++) {
      const host = await started()
      const { articles, clock, stores, user } = host
      let told = 0
      const on = (): void => {
        told++
        if (told === n) throw new Error("log is full")
      }
      const deaf = accountApp({ ...options, stores, clock, articles, on })
      const outcome = await deaf.auth.flows.account.erase(user.id).catch((fault: unknown) => fault)
      if (told < n) break
      expect([n, outcome]).toEqual([n, new Error("log is full")])
      expect(await host.auth.flows.account.erase(user.id)).toEqual({ ok: true })
      expect([n, await leftOf(host, user.id)]).toEqual([n, nothing])
      expect(await stores.audit.verify()).toMatchObject({ ok: true })
    }
  })
})

test("64 at once, on two servers: whatever was under way, nothing of hers is left", async () => {
  for (let round = 0; round < 8; round++) {
    const one = await withAda()
    const other = accountApp({ stores: one.stores, clock: one.clock, articles: one.articles })
    const { id: userId } = one.user
    await one.stores.users.update(userId, { emailVerifiedAt: one.clock() })
    const browsers = await Promise.all([one, other, one, other].map((host) => signedIn(host)))
    await one.auth.flows.magicLink.start({ email: ada.email, locale: "en" })
    await settled()
    const token = new URL(one.links[0]?.url ?? "").searchParams.get("token") ?? ""
    const server = (n: number) => (Math.floor(n / 8) % 2 ? one : other).auth.flows
    const next = "a quite different phrase"
    const own = (n: number) => ({ token: tokenOf(browsers[Math.floor(n / 8) % 4] ?? one.browser()) })
    const outcomes: unknown[] = []
    const steps: readonly ((n: number) => Promise<unknown>)[] = [
      async (n) => outcomes.push(await server(n).account.erase(userId)),
      (n) => server(n).password.signIn(ada),
      (n) => server(n).password.register(ada),
      (n) => server(n).password.change({ current: ada.password, next }, own(n)),
      (n) => server(n).magicLink.confirm({ token }),
      (n) => server(n).account.giveConsent(userId, agreed),
      (n) => server(n).account.exportOwn(own(n)),
      (n) => one.auth.sessions.rotate(own(n).token, {}),
    ]
    await race(64, steps)
    expect(outcomes).toHaveLength(8)
    for (const outcome of outcomes) expect(outcome).toEqual({ ok: true })
    const anew = await one.stores.users.findByEmail(ada.email)
    expect(anew?.id).not.toBe(userId)
    expect(await leftOf(one, userId)).toEqual({ ...nothing, byEmail: anew, events: expect.anything() })
    for (const browser of browsers) expect(await one.auth.sessions.read(tokenOf(browser))).toBeUndefined()
    expect(
      typesOf([...one.events, ...other.events]).filter((type) => type === "user.erasure_began"),
    ).toHaveLength(1)
    // What was told a moment later is taken out by one more call.
    await one.auth.flows.account.erase(userId)
    expect(await leftOf(one, userId)).toEqual({ ...nothing, byEmail: anew })
    expect(await one.stores.audit.verify()).toMatchObject({ ok: true })
  }
})

describe("a part of the host's that throws", () => {
  test("stops there, with the account closed; opened again by the host, it was given up", async () => {
    let held = true
    const orders = {
      export: () => null,
      erase() {
        if (held) throw new Error("an invoice must be kept")
      },
    }
    const host = await withAda({ account: { parts: { orders } } })
    const { account, password } = host.auth.flows
    const { id } = host.user
    await expect(account.erase(id)).rejects.toThrow("an invoice must be kept")
    expect((await host.stores.users.find(id))?.disabledAt).not.toBeNull()
    await expect(account.finishErasures()).rejects.toThrow("an invoice must be kept")
    await host.auth.users.enable(id)
    expect(await account.finishErasures()).toBe(0)
    expect((await password.signIn(ada)).ok).toBe(false)
    held = false
    await host.auth.users.disable(id)
    expect(await account.finishErasures()).toBe(1)
    expect(await host.stores.users.find(id)).toBeUndefined()
  })

  test("does not hold up the others", async () => {
    const stuck = new Set<string>()
    const orders = {
      export: () => null,
      erase({ id }: { id: string }) {
        if (stuck.has(id)) throw new Error("stuck")
      },
    }
    const host = await withAda({ account: { parts: { orders } } })
    const ids = [host.user.id]
    for (const name of ["b", "c"]) {
      const email = `${name}@example.com`
      const user = await host.stores.users.create({ email, emailVerifiedAt: null, createdAt: 1 })
      ids.push(user?.id ?? "")
    }
    for (const id of ids) stuck.add(id)
    for (const id of ids) await host.auth.flows.account.erase(id).catch(() => {})
    stuck.delete(ids[0] ?? "")
    stuck.delete(ids[2] ?? "")
    await expect(host.auth.flows.account.finishErasures()).rejects.toThrow("stuck")
    expect((await host.stores.users.list({ limit: 9 })).map(({ id }) => id)).toEqual([ids[1]])
  })
})
