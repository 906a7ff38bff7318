/** What is left behind when a step breaks off, and when two steps meet: never a session that should have ended. */
import { describe, expect, test } from "vitest"
import { createAuth, opaque, type SessionRecord, type SessionStore } from "../../src/index.js"
import { password } from "../../src/password.js"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, app, appWithAda, eve, type Host, origin, secret, signedIn } from "../app.js"

const next = "a quite different phrase"

const endings: Readonly<Record<string, (host: Host, userId: string, token: string) => Promise<unknown>>> = {
  change: (host, _, token) => host.auth.flows.password.change({ current: ada.password, next }, { token }),
  set: (host, userId) => host.auth.flows.password.set(userId, next),
  disable: (host, userId) => host.auth.users.disable(userId),
}

describe.each(Object.keys(endings))("%s breaks off", (name) => {
  test.each(["before", "after"] as const)(
    "at any store call, %s it took effect: the thief is out, or nothing happened",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const host = await appWithAda()
        const [own, thief] = [await signedIn(host), await signedIn(host)]
        const tokenOf = (browser: typeof own): string => browser.cookies.get("__Host-session") ?? ""
        const fails = (call: StoreCall): boolean => call.number === n
        const { watched, calls } = failingStores(host.stores, fails, { moment })
        const broken = app({ stores: watched, clock: host.clock })
        await endings[name]?.(broken, host.user.id, tokenOf(own)).catch(() => {})
        if (calls.length < n) break
        failed++
        const call = calls[n - 1]
        // If the sessions themselves cannot be ended, the caller hears of it and must repeat it.
        if (call?.method === "deleteByUser" && moment === "before") continue
        const user = await host.stores.users.find(host.user.id)
        const old = await app({ stores: host.stores, clock: host.clock }).auth.flows.password.signIn(ada)
        const happened = user?.disabledAt !== null || !old.ok
        const alive = (await host.auth.sessions.read(tokenOf(thief))) !== undefined
        expect([call, happened && alive]).toEqual([call, false])
      }
      expect(failed).toBeGreaterThan(3)
    },
  )

  test("because the listener throws: the thief is out", async () => {
    const host = await appWithAda()
    const [own, thief] = [await signedIn(host), await signedIn(host)]
    const deaf = createAuth({
      origin,
      secret,
      stores: host.stores,
      sessions: opaque(),
      flows: { password: password({ hasher: host.hasher }) },
      clock: host.clock,
      on: () => Promise.reject(new Error("log is full")),
    })
    const token = own.cookies.get("__Host-session") ?? ""
    const deafHost: Host = { ...host, auth: deaf as unknown as Host["auth"] }
    await expect(endings[name]?.(deafHost, host.user.id, token)).rejects.toThrow()
    expect(await host.auth.sessions.read(thief.cookies.get("__Host-session"))).toBeUndefined()
  })
})

describe("two steps meet", () => {
  test("the account is disabled between the look-up and the ticket: no session opens, then or after enabling", async () => {
    const host = await appWithAda()
    const stores = {
      ...host.stores,
      users: {
        ...host.stores.users,
        async findByEmail(email: string) {
          const user = await host.stores.users.findByEmail(email)
          await host.auth.users.disable(host.user.id)
          return user
        },
      },
    }
    const racing = app({ stores, clock: host.clock })
    expect(await racing.auth.flows.password.signIn(ada)).toEqual({ ok: false, reason: "invalid_credentials" })
    await host.auth.users.enable(host.user.id)
    expect(await host.auth.sessions.list(host.user.id)).toEqual([])
  })

  test("a renewal comes between the read and the swap of a rotation: it rotates all the same", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const token = browser.cookies.get("__Host-session") ?? ""
    let meddled = false
    const sessions: SessionStore<never> = {
      ...host.stores.sessions,
      async replace(record: SessionRecord, revision: number) {
        if (!meddled) {
          meddled = true
          await host.stores.sessions.replace({ ...record, secretHash: (await stored()).secretHash }, revision)
        }
        return host.stores.sessions.replace(record, revision)
      },
    }
    const stored = async (): Promise<SessionRecord> => {
      const found = await host.stores.sessions.find(token.slice(0, 22))
      if (!found) throw new Error("no session")
      return found.record
    }
    const racing = app({ stores: { ...host.stores, sessions }, clock: host.clock })
    const changed = await racing.auth.flows.password.change({ current: ada.password, next }, { token })
    expect(changed.ok).toBe(true)
    expect(await host.auth.sessions.read(token)).toBeUndefined()
  })
})

describe("a fault of ours is no failure of the owner's", () => {
  test("five times the hasher is overloaded, then the right password", async () => {
    const host = await appWithAda()
    const verify = () => Promise.reject(new Error("queue full"))
    const hasher = { ...testHasher(), read: () => ({ outdated: false, verify }) }
    const busy = app({ stores: host.stores, clock: host.clock, hasher })
    for (let n = 0; n < 6; n++)
      await expect(busy.auth.flows.password.signIn(ada)).rejects.toThrow("queue full")
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
  })

  test("an administrator's new password ends the lock-out of the old one", async () => {
    const host = await appWithAda()
    for (let n = 0; n < 9; n++) await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
    await host.auth.flows.password.set(host.user.id, next)
    expect((await host.auth.flows.password.signIn({ ...ada, password: next })).ok).toBe(true)
  })
})

describe("a shared network address", () => {
  test("recovers from an attacker while honest people go on signing in", async () => {
    const host = await appWithAda()
    const office = { address: "203.0.113.5" }
    for (let n = 0; n < 60; n++) {
      await host.auth.flows.password.signIn({ ...eve, email: `u${n}@example.com` }, office)
      host.clock.advance(20_000)
    }
    host.clock.advance(15 * 60_000)
    for (let n = 0; n < 100; n++) {
      expect((await host.auth.flows.password.signIn(ada, office)).ok).toBe(true)
      host.clock.advance(60_000)
    }
  })

  test("an IPv4 address in IPv6 clothes is the same one, and not everybody", async () => {
    const host = await appWithAda({ password: { limits: { address: { free: 3 } } } })
    for (let n = 0; n < 9; n++) {
      await host.auth.flows.password.signIn(
        { ...eve, email: `u${n}@example.com` },
        { address: "::ffff:203.0.113.5" },
      )
    }
    expect(await host.auth.flows.password.signIn(ada, { address: "203.0.113.5" })).toMatchObject({
      reason: "rate_limited",
    })
    expect((await host.auth.flows.password.signIn(ada, { address: "::ffff:203.0.113.6" })).ok).toBe(true)
  })
})

describe("two realms on one set of stores", () => {
  test("a success in one does not clear the failures in the other", async () => {
    const admin = await appWithAda({ auth: { realm: "admin" } })
    const shop = app({ stores: admin.stores, clock: admin.clock, auth: { realm: "shop" } })
    for (let n = 0; n < 5; n++) {
      await admin.auth.flows.password.signIn({ ...ada, password: "wrong" })
      expect((await shop.auth.flows.password.signIn(ada)).ok).toBe(true)
    }
    expect((await admin.auth.flows.password.signIn(ada)).ok).toBe(false)
  })

  test("a new account is not entered with a password that lies under its id", async () => {
    const host = app()
    await host.stores.credentials.insert({
      kind: "password",
      handle: "1",
      userId: "1",
      secret: await host.hasher.hash(eve.password),
      revision: 0,
      createdAt: 0,
      changedAt: 0,
    })
    const users = { ...host.stores.users, deleted: 0 }
    const serial = {
      ...users,
      create: async (user: Parameters<typeof users.create>[0]) => ({ ...user, id: "1", disabledAt: null }),
      delete: async () => {
        users.deleted++
        return true
      },
    }
    const careless = app({ stores: { ...host.stores, users: serial }, clock: host.clock })
    await expect(careless.auth.flows.password.register(ada)).rejects.toMatchObject({ code: "ERR_STORE" })
    expect(users.deleted).toBe(1)
  })
})

describe("a store's odd answers", () => {
  test.each<[string, Partial<Record<keyof SessionRecord, unknown>>]>([
    ["no expiry", { expiresAt: undefined }],
    ["an expiry that is no number", { expiresAt: Number.NaN }],
    ["an expiry as text", { expiresAt: "2020-01-01T00:00:00Z" }],
    ["an absolute end that is over", { absoluteExpiresAt: 1 }],
    ["no absolute end", { absoluteExpiresAt: undefined }],
  ])("%s: nobody", async (_, changes) => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const sessions: SessionStore<never> = {
      ...host.stores.sessions,
      async find(id) {
        const found = await host.stores.sessions.find(id)
        return found && { ...found, record: { ...found.record, ...changes } as SessionRecord }
      },
    }
    const odd = app({ stores: { ...host.stores, sessions }, clock: host.clock })
    expect(await odd.auth.sessions.read(browser.cookies.get("__Host-session"))).toBeUndefined()
  })

  test("insert that answers what a driver answered: no session", async () => {
    const host = await appWithAda()
    const sessions = { ...host.stores.sessions, insert: async () => ({ rowCount: 0 }) as unknown as boolean }
    const odd = app({ stores: { ...host.stores, sessions }, clock: host.clock })
    expect((await odd.auth.flows.password.signIn(ada)).ok).toBe(false)
  })
})

describe("a host's own functions", () => {
  test.each<[string, () => unknown]>([
    ["a promise", async () => ({ role: "admin" })],
    ["null", () => null],
    ["a text", () => "x"],
    ["a list", () => [1]],
  ])("claims that answer %s open no session", async (_, claims) => {
    const host = await appWithAda()
    const auth = createAuth({
      origin,
      secret,
      stores: host.stores,
      sessions: opaque(),
      flows: { password: password({ hasher: host.hasher }) },
      clock: host.clock,
      claims: claims as () => Record<never, never>,
      onFault: () => {},
    })
    if (claims() === null) return expect((await auth.flows.password.signIn(ada)).ok).toBe(true)
    await expect(auth.flows.password.signIn(ada)).rejects.toThrow(TypeError)
    return expect(await host.auth.sessions.list(host.user.id)).toEqual([])
  })

  test("a log that throws, a page that throws: the visitor gets an answer", async () => {
    const host = await appWithAda()
    const { watched } = failingStores(host.stores, () => true)
    const auth = createAuth({
      origin,
      secret,
      stores: watched,
      sessions: opaque(),
      flows: { password: password({ hasher: host.hasher }) },
      onFault: () => {
        throw new Error("log is full")
      },
      problemPage: () => {
        throw new Error("template")
      },
    })
    const headers = { accept: "text/html", "content-type": "application/x-www-form-urlencoded" }
    const body = new URLSearchParams(ada)
    const answer = await auth.handle(new Request(`${origin}/auth/login`, { method: "POST", headers, body }))
    expect([answer.status, answer.headers.get("content-type")]).toEqual([503, "text/html; charset=utf-8"])
  })
})
