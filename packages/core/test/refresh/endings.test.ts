/** What ends a session × everything that a token client holds; and every order in which a refresh meets a revocation. */
import { describe, expect, test } from "vitest"
import { failingStores } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import { ada } from "../app.js"
import {
  day,
  outcomeOf,
  refreshWith,
  send,
  signIn,
  type TokenHost,
  type Tokens,
  tokenApp,
  tokensOf,
  whoIs,
  withAda,
} from "./token-app.js"

type Scene = Awaited<ReturnType<typeof withAda>>

/** Stores that wait for `work` before each call. */
function beforeEach(stores: TokenHost["stores"], work: () => Promise<void>): TokenHost["stores"] {
  const wrapped = Object.entries(stores).map(([slot, store]: [string, object]) => {
    const entries = Object.entries(store).map(([name, value]: [string, unknown]) => {
      if (typeof value !== "function") return [name, value]
      const call = async (...input: unknown[]): Promise<unknown> => {
        await work()
        return Reflect.apply(value, store, input)
      }
      return [name, call]
    })
    return [slot, Object.fromEntries(entries)]
  })
  return Object.fromEntries(wrapped)
}

/** Nothing of these tokens signs in any more, nor after another refresh. */
async function expectDead(host: TokenHost, ...all: readonly Partial<Tokens>[]): Promise<void> {
  for (const { access_token, refresh_token } of all) {
    if (access_token) expect(await whoIs(host, access_token)).toBeNull()
    if (refresh_token) expect(outcomeOf(await refreshWith(host, refresh_token))).not.toBe("ok")
  }
}

const sessionOf = async ({ auth }: TokenHost, { access_token }: Tokens): Promise<string> => {
  const headers = { authorization: `Bearer ${access_token}` }
  return `${(await send(auth, "GET", "/auth/session", { headers })).body.session?.["id"]}`
}

const endings: readonly (readonly [string, (host: Scene, tokens: Tokens) => Promise<unknown>])[] = [
  [
    "signing out with the access token",
    async ({ auth }, { access_token }) =>
      send(auth, "POST", "/auth/logout", { headers: { authorization: `Bearer ${access_token}` } }),
  ],
  [
    "revoking this one",
    async (host, tokens) =>
      host.auth.sessions.end(host.user.id, await sessionOf(host, tokens), "revoked", {}),
  ],
  ["revoking all", ({ auth, user }) => auth.sessions.endAll(user.id, "revoked", {})],
  ["disabling the account", ({ auth, user }) => auth.users.disable(user.id)],
  [
    "disabling, then enabling the account",
    async ({ auth, user }) => {
      await auth.users.disable(user.id)
      await auth.users.enable(user.id)
    },
  ],
  ["setting the password", ({ auth, user }) => auth.flows.password.set(user.id, "a quite different phrase")],
  ["deleting the user's sessions in the store", ({ stores, user }) => stores.sessions.deleteByUser(user.id)],
  [
    "disabling behind the library's back",
    ({ stores, user }) =>
      stores.users.update(user.id, { disabledAt: 1 }).then(() => stores.sessions.deleteByUser(user.id)),
  ],
]

describe("what ends a session ends its tokens", () => {
  test.each(endings)("%s: access token, refresh token, its predecessor", async (_, ending) => {
    const host = await withAda()
    const first = await tokensOf(host)
    const { body } = await refreshWith(host, first.refresh_token)
    await ending(host, body)
    await expectDead(host, first, body)
    expect(await host.auth.sessions.list(host.user.id)).toEqual([])
  })

  test.each(endings)("%s, while 16 refresh: none of them has a live token", async (_, ending) => {
    const host = await withAda()
    const twin = tokenApp({ clock: host.clock, stores: host.stores })
    const first = await tokensOf(host)
    const heard = await race(17, [
      async (n) => {
        if (n !== 8) return (await refreshWith(n % 2 ? twin : host, first.refresh_token)).body
        await ending(host, first)
        return {}
      },
    ])
    await expectDead(host, first, ...heard)
  })

  test("disabled or gone where only the users table knows: refused, and the session ends", async () => {
    for (const end of ["disable", "delete"] as const) {
      const host = await withAda()
      const { refresh_token } = await tokensOf(host)
      if (end === "disable") await host.stores.users.update(host.user.id, { disabledAt: host.clock() })
      else await host.stores.users.delete(host.user.id)
      expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("refresh_token_invalid")
      expect(await host.stores.sessions.listByUser(host.user.id)).toEqual([])
    }
  })

  test("a sign-in that is under way when everything is revoked gets no tokens", async () => {
    const host = await withAda()
    const ticket = await host.auth.sessions.begin(host.user.id)
    await host.auth.sessions.endAll(host.user.id, "revoked", {})
    const headers: Record<string, string> = {
      "mortise-session": "tokens",
      "content-type": "application/json",
    }
    const request = { method: "POST", target: "/auth/login", header: (name: string) => headers[name] }
    expect(await host.auth.sessions.open(ticket, host.user, ["pwd"], { request })).toMatchObject({
      ok: false,
      reason: "conflict",
    })
    expect(await host.auth.sessions.list(host.user.id)).toEqual([])
  })

  test("a new password gives this session new tokens, and ends those of before and all others", async () => {
    const host = await withAda()
    const [mine, other] = [await tokensOf(host), await tokensOf(host)]
    const headers = { authorization: `Bearer ${mine.access_token}` }
    const json = { current_password: ada.password, new_password: "a quite different phrase" }
    const changed = await send(host.auth, "POST", "/auth/password/change", { json, headers })
    expect([changed.status, changed.headers.getSetCookie()]).toEqual([200, []])
    expect(await whoIs(host, changed.body.access_token)).toBe(host.user.id)
    await expectDead(host, mine, other)
    // What was ended by the new password does not end the session that has it.
    expect(await whoIs(host, changed.body.access_token)).toBe(host.user.id)
    expect(outcomeOf(await refreshWith(host, changed.body.refresh_token))).toBe("ok")
  })

  test("of 16 rotations at once one wins", async () => {
    const host = await withAda()
    const { access_token } = await tokensOf(host)
    const rotated = await race(16, [() => host.auth.sessions.rotate(access_token, {})])
    const won = rotated.filter((one) => one !== undefined)
    expect(won).toHaveLength(1)
    expect(await whoIs(host, won[0]?.issued?.access_token ?? "")).toBe(host.user.id)
  })
})

describe("a store that fails at any moment", () => {
  test.each(["before", "after"] as const)(
    "%s each call of a refresh: 503, nobody is let in by it, and asking again in the window goes on",
    async (moment) => {
      for (let failing = 1; ; failing++) {
        const host = await withAda()
        const first = await tokensOf(host)
        const second = await refreshWith(host, first.refresh_token)
        const { calls, watched } = failingStores(host.stores, ({ number }) => number === failing, { moment })
        const broken = tokenApp({ clock: host.clock, stores: watched })
        const heard = await refreshWith(broken, second.body.refresh_token)
        if (calls.length < failing) {
          expect([heard.status, failing > 4]).toEqual([200, true])
          break
        }
        expect([failing, heard.status, heard.body.refresh_token]).toEqual([failing, 503, undefined])
        const again = await refreshWith(host, second.body.refresh_token)
        expect([failing, outcomeOf(again)]).toEqual([failing, "ok"])
        expect(await whoIs(host, again.body.access_token)).toBe(host.user.id)
        expect(outcomeOf(await refreshWith(host, again.body.refresh_token))).toBe("ok")
      }
    },
  )

  test.each(["before", "after"] as const)(
    "%s each call of the end: never answered as an end, and the next token finishes it",
    async (moment) => {
      for (let failing = 1; ; failing++) {
        const host = await withAda()
        const first = await tokensOf(host)
        const second = await refreshWith(host, first.refresh_token)
        const third = await refreshWith(host, second.body.refresh_token)
        const { calls, watched } = failingStores(host.stores, ({ number }) => number === failing, { moment })
        const heard = await refreshWith(tokenApp({ clock: host.clock, stores: watched }), first.refresh_token)
        if (calls.length < failing) {
          expect([outcomeOf(heard), failing > 4]).toEqual(["refresh_token_reused", true])
          await expectDead(host, second.body, third.body)
          break
        }
        expect([failing, heard.status]).toEqual([failing, 503])
        expect(outcomeOf(await refreshWith(host, first.refresh_token))).toBe("refresh_token_reused")
        await expectDead(host, second.body, third.body)
      }
    },
  )

  test.each(["before", "after"] as const)(
    "%s each call of a sign-in: no tokens, or none that were lost",
    async (moment) => {
      for (let failing = 1; ; failing++) {
        const host = await withAda()
        const { calls, watched } = failingStores(host.stores, ({ number }) => number === failing, { moment })
        const heard = await signIn(tokenApp({ clock: host.clock, stores: watched }))
        if (calls.length < failing) break
        expect([failing, heard.status, heard.body.access_token]).toEqual([failing, 503, undefined])
      }
    },
  )

  test("revoked between any two steps of a refresh: what it answers is dead", async () => {
    for (let at = 1; ; at++) {
      const host = await withAda()
      const first = await tokensOf(host)
      let calls = 0
      const revoke = async (): Promise<unknown> => host.auth.sessions.endAll(host.user.id, "revoked", {})
      const stores = beforeEach(host.stores, async () => {
        if (++calls === at) await revoke()
      })
      const between = tokenApp({ clock: host.clock, stores })
      const { body } = await refreshWith(between, first.refresh_token)
      if (calls < at) {
        expect(at).toBeGreaterThan(4)
        break
      }
      await expectDead(host, first, body)
    }
  })
})

describe("beside", () => {
  const besides = {
    "opaque()": {},
    "jwt()": { jwt: {} },
    'jwt({ revocation: "user" })': { jwt: { revocation: "user" } },
    'jwt({ revocation: "none" })': { jwt: { revocation: "none", acceptStaleness: (30 * day) / 1000 } },
  } as const

  test.each(Object.entries(besides))(
    "%s: both kinds live, are listed once, and end one by one",
    async (name, options) => {
      const host = await withAda(options)
      const browser = host.browser()
      await browser.post("/auth/login", { json: ada })
      const [phone, tablet] = [await tokensOf(host), await tokensOf(host)]
      const inBrowser = async (): Promise<unknown> => (await (await browser.get("/auth/session")).json()).user
      expect(await inBrowser()).toMatchObject({ id: host.user.id })
      const listed = await host.auth.sessions.list(host.user.id)
      expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length)
      expect(listed).toHaveLength(/user|none/.test(name) ? 2 : 3)
      await host.auth.sessions.end(host.user.id, await sessionOf(host, phone), "revoked", {})
      await expectDead(host, phone)
      expect(await whoIs(host, tablet.access_token)).toBe(host.user.id)
      expect(await inBrowser()).toMatchObject({ id: host.user.id })
    },
  )

  test.each(Object.entries(besides))(
    "%s: ending all others spares the phone that asks",
    async (name, options) => {
      const host = await withAda(options)
      const browser = host.browser()
      await browser.post("/auth/login", { json: ada })
      const [phone, tablet] = [await tokensOf(host), await tokensOf(host)]
      const headers = { authorization: `Bearer ${phone.access_token}` }
      await send(host.auth, "POST", "/auth/sessions/end", { json: { session: "others" }, headers })
      await expectDead(host, tablet)
      expect(await whoIs(host, phone.access_token)).toBe(host.user.id)
      const left = (await (await browser.get("/auth/session")).json()).user
      if (!/none/.test(name)) expect(left).toBeNull()
      await host.auth.sessions.endAll(host.user.id, "revoked", {})
      await expectDead(host, phone)
    },
  )

  test("tokens of records that another strategy made are none of ours, and theirs none of its", async () => {
    const host = await withAda()
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    const { access_token, refresh_token } = await tokensOf(host)
    const sid = await sessionOf(host, { access_token } as Tokens)
    const [family = ""] = refresh_token.split(".")
    for (const secret of [family, family.padEnd(43, "A"), `refresh-family\0${family}`])
      expect(await host.auth.sessions.read(`${sid}.${secret}`)).toBeUndefined()
    expect(outcomeOf(await refreshWith(host, browser.cookies.get("__Host-session") ?? ""))).toBe(
      "refresh_token_invalid",
    )
  })
})

test("signing out with an access token that is over says that nothing has ended, until it is refreshed", async () => {
  const host = await withAda()
  const first = await tokensOf(host)
  host.clock.advance(day / 24)
  const logout = (token: string): ReturnType<typeof send> =>
    send(host.auth, "POST", "/auth/logout", { headers: { authorization: `Bearer ${token}` } })
  const late = await logout(first.access_token)
  expect([late.status, late.body["reason"]]).toEqual([401, "not_signed_in"])

  const bare = await send(host.auth, "POST", "/auth/logout", { headers: { authorization: "Bearer" } })
  expect(bare.status).toBe(401)

  const { body } = await refreshWith(host, first.refresh_token)
  const next = body as unknown as Tokens
  expect((await logout(next.access_token)).status).toBe(200)
  await expectDead(host, first, next)
})
