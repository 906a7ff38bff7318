/** More ways into one account: proving the old one (confirm), adding one (link), taking one away (unlink). By whom, how long after, and from where. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { User } from "../../src/index.js"
import type { IdentityView } from "../../src/oauth.js"
import { failingStores } from "../../src/testing/intercept.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { type AccountFacts, account, causesOf, pendingIn, toldOf, waysInto } from "./accounts.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { interruptedStores } from "./interrupted-stores.js"
import { comeBack, depart, locationOf, type OAuthHost, oauthApp, signInThrough, whoIs } from "./oauth-app.js"

let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const bob = { email: "bob@example.com", password: "nine brown rabbits running" }
const notLinked = "/account?error="
const linked = "/account?notice=identity_linked"

const identityOf = (sub: string): string => `identity ${remote.issuer}|${sub}`
const tokenOf = (browser: TestClient): string => browser.cookies.get("__Host-session") ?? ""
const bindingOf = (browser: TestClient): string => browser.cookies.get("__Host-oauth") ?? ""
const confirm = (browser: TestClient): Promise<Response> => browser.post("/auth/oauth/confirm", { json: {} })

async function signedIn(
  host: OAuthHost,
  typed: typeof ada = ada,
  browser = host.browser(),
): Promise<TestClient> {
  const answer = await browser.post("/auth/login", { json: typed })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}

/** Ada has an account with a password; she came through the provider, whose address is hers, and has not proven the password yet. */
async function waiting(facts: AccountFacts = {}): Promise<OAuthHost & { user: User; visitor: TestClient }> {
  const host = oauthApp(remote)
  const user = await account(host, facts)
  const visitor = host.browser()
  expect(await signInThrough(visitor, remote)).toBe("/link-account?provider=remote")
  return { ...host, user, visitor }
}

/** Ada and Bob, each signed in by password. */
async function two(): Promise<OAuthHost & { user: User; adas: TestClient; bobs: TestClient; bobUser: User }> {
  const host = oauthApp(remote)
  const [user, bobUser] = [await account(host), await account(host, bob)]
  return { ...host, user, bobUser, adas: await signedIn(host), bobs: await signedIn(host, bob) }
}

async function listed(browser: TestClient): Promise<readonly IdentityView[]> {
  const answer = await browser.get("/auth/oauth/identities")
  return ((await answer.json()) as { identities: readonly IdentityView[] }).identities
}

describe("confirm", () => {
  test("by the owner who has just signed in: linked, verified, once", async () => {
    const host = await waiting()
    await signedIn(host, ada, host.visitor)
    expect((await confirm(host.visitor)).status).toBe(200)
    expect(await waysInto(host, host.user.id)).toEqual([identityOf(remote.user.sub), "password"])
    expect((await host.stores.users.find(host.user.id))?.emailVerifiedAt).toBe(host.clock())
    expect(await whoIs(host.visitor)).toBe(host.user.id)
    expect(host.events.at(-1)).toMatchObject({
      type: "identity.linked",
      userId: host.user.id,
      provider: "remote",
    })
    expect(await toldOf(await confirm(host.visitor))).toEqual([404, "not_found"])
  })

  test("does not move the day on which the address was verified, and verifies no other address", async () => {
    for (const change of [{ emailVerifiedAt: 7 }, { email: "moved@example.com" }]) {
      const host = await waiting()
      await host.stores.users.update(host.user.id, change)
      await signedIn(host, { ...ada, ...change }, host.visitor)
      expect((await confirm(host.visitor)).status).toBe(200)
      expect(await host.stores.users.find(host.user.id)).toMatchObject({ emailVerifiedAt: null, ...change })
    }
  })

  test("by nobody, and by another account: what waits stays for the owner", async () => {
    const host = await waiting()
    await account(host, bob)
    expect(await toldOf(await confirm(host.visitor))).toEqual([401, "not_signed_in"])
    await signedIn(host, bob, host.visitor)
    expect(await toldOf(await confirm(host.visitor))).toEqual([409, "oauth_link_required"])
    expect(await waysInto(host, host.user.id)).toEqual(["password"])
    await signedIn(host, ada, host.visitor)
    expect((await confirm(host.visitor)).status).toBe(200)
  })

  test("from another browser, with another's binding, in another realm", async () => {
    const host = await waiting()
    const elsewhere = await signedIn(host)
    expect(await toldOf(await confirm(elsewhere))).toEqual([404, "not_found"])
    await depart(elsewhere, remote)
    expect(await toldOf(await confirm(elsewhere))).toEqual([404, "not_found"])
    const { clock, stores } = host
    const admin = oauthApp(remote, { clock, stores, realm: "admin" })
    const signedInThere = await admin.auth.flows.password.signIn(ada)
    const token = signedInThere.ok ? signedInThere.session.token : ""
    expect(await admin.auth.flows.oauth.confirm(pendingIn(host.visitor), { token })).toEqual({
      ok: false,
      reason: "not_found",
    })
    expect(await waysInto(host, host.user.id)).toEqual(["password"])
  })

  test("how long ago the owner signed in counts, to the millisecond", async () => {
    for (const [wait, told] of [
      [300_000, [200, undefined]],
      [300_001, [401, "reauthentication_required"]],
    ] as const) {
      const host = await waiting()
      await signedIn(host, ada, host.visitor)
      host.clock.advance(wait)
      expect(await toldOf(await confirm(host.visitor))).toEqual(told)
    }
  })

  test("what waits does so for ten minutes, to the millisecond", async () => {
    for (const [wait, status] of [
      [599_999, 200],
      [600_000, 404],
    ] as const) {
      const host = await waiting()
      host.clock.advance(wait)
      await signedIn(host, ada, host.visitor)
      expect((await confirm(host.visitor)).status).toBe(status)
    }
  })

  test("an identity that became another account's meanwhile", async () => {
    const host = await waiting()
    await account(host, bob)
    const bobs = await signedIn(host, bob)
    expect(await signInThrough(bobs, remote, { link: true })).toBe(linked)
    await signedIn(host, ada, host.visitor)
    expect(await toldOf(await confirm(host.visitor))).toEqual([409, "identity_taken"])
    expect(await waysInto(host, host.user.id)).toEqual(["password"])
    expect((await host.stores.users.find(host.user.id))?.emailVerifiedAt).toBeNull()
  })

  test("a session that ended meanwhile, and an account disabled meanwhile", async () => {
    for (const end of ["endAll", "disable"] as const) {
      const host = await waiting()
      await signedIn(host, ada, host.visitor)
      if (end === "disable") await host.auth.users.disable(host.user.id)
      else await host.auth.sessions.endAll(host.user.id, "revoked", {})
      expect(await toldOf(await confirm(host.visitor))).toEqual([401, "not_signed_in"])
      expect(await waysInto(host, host.user.id)).toEqual(["password"])
    }
  })

  test("a second attempt in the same browser takes the place of the first", async () => {
    const host = await waiting()
    remote.user = { ...remote.user, sub: "2" }
    await signInThrough(host.visitor, remote)
    await signedIn(host, ada, host.visitor)
    expect((await confirm(host.visitor)).status).toBe(200)
    expect(await waysInto(host, host.user.id)).toEqual([identityOf("2"), "password"])
  })
})

/** Whoever is linking may be the one who is thrown out by these. */
const revocations: Readonly<Record<string, (host: Awaited<ReturnType<typeof two>>) => Promise<unknown>>> = {
  "its sessions ended": ({ auth, user }) => auth.sessions.endAll(user.id, "revoked", {}),
  "been disabled": ({ auth, user }) => auth.users.disable(user.id),
  "got a new password": ({ auth, user }) => auth.flows.password.set(user.id, "a quite different phrase"),
}

describe("link", () => {
  test("the identity of another user is refused, for both of them as it was", async () => {
    const { adas, bobs, ...host } = await two()
    expect(await signInThrough(bobs, remote, { link: true })).toBe(linked)
    expect(await signInThrough(adas, remote, { link: true })).toBe(
      `${notLinked}identity_taken&provider=remote`,
    )
    expect(causesOf(host.events)).toEqual(["identity_taken"])
    expect(await waysInto(host, host.user.id)).toEqual(["password"])
    expect(await waysInto(host, host.bobUser.id)).toEqual([identityOf(remote.user.sub), "password"])
    expect([await whoIs(adas), await whoIs(bobs)]).toEqual([host.user.id, host.bobUser.id])
  })

  test("one's own again is no error, and is there once", async () => {
    const { adas, ...host } = await two()
    for (let round = 0; round < 2; round++)
      expect(await signInThrough(adas, remote, { link: true })).toBe(linked)
    expect(await listed(adas)).toHaveLength(1)
    expect(host.events.filter(({ type }) => type === "identity.linked")).toHaveLength(1)
  })

  test("whatever address it has; the account's own is verified by it if the provider says so, and no other", async () => {
    const { adas, ...host } = await two()
    const verifiedAt = async ({ id }: User): Promise<unknown> =>
      (await host.stores.users.find(id))?.emailVerifiedAt
    for (const [at, [user, verified]] of (
      [
        [{ email: ada.email, email_verified: false }, null],
        [{}, null],
        [{ email: bob.email, email_verified: true }, null],
        [{ email: "ada at example.com", email_verified: true }, null],
        [{ email: "ADA@example.com", email_verified: true }, host.clock()],
      ] as const
    ).entries()) {
      remote.user = { sub: `${at}`, ...user }
      expect(await signInThrough(adas, remote, { link: true })).toBe(linked)
      expect([user, await verifiedAt(host.user)]).toEqual([user, verified])
    }
    expect(await waysInto(host, host.user.id)).toHaveLength(6)
    expect(await verifiedAt(host.bobUser)).toBeNull()
  })

  test("only soon after signing in, to the millisecond", async () => {
    for (const [wait, location] of [
      [300_000, expect.stringContaining(remote.origin)],
      [300_001, expect.stringContaining("error=reauthentication_required")],
    ] as const) {
      const { adas, clock } = await two()
      clock.advance(wait)
      expect(locationOf(await adas.post("/auth/oauth/remote/link", { form: {} }))).toEqual(location)
    }
  })

  test("by nobody", async () => {
    const { browser } = await two()
    const answer = await browser().post("/auth/oauth/remote/link", { json: {} })
    expect(await toldOf(answer)).toEqual([401, "not_signed_in"])
  })

  test.each<[string, (host: Awaited<ReturnType<typeof two>>) => Promise<unknown>]>([
    ["signed out", ({ adas }) => adas.post("/auth/logout", { json: {} })],
    ["ended elsewhere", ({ auth, user }) => auth.sessions.endAll(user.id, "revoked", {})],
    ["was disabled", ({ auth, user }) => auth.users.disable(user.id)],
    ["has a new password", ({ auth, user }) => auth.flows.password.set(user.id, "a quite different phrase")],
    ["signed in as somebody else", (host) => signedIn(host, bob, host.adas)],
    ["signed in anew", (host) => signedIn(host, ada, host.adas)],
  ])("whose session %s meanwhile is refused", async (_, meanwhile) => {
    const host = await two()
    const { parameters } = await depart(host.adas, remote, { link: true })
    await meanwhile(host)
    expect(locationOf(await comeBack(host.adas, parameters))).toBe(
      "/sign-in?error=not_signed_in&provider=remote",
    )
    expect(await waysInto(host, host.user.id)).toEqual(["password"])
    expect(await waysInto(host, host.bobUser.id)).toEqual(["password"])
  })

  test.each(Object.keys(revocations))(
    "whose account has %s at any store call before it was compared whether anything has: it is not linked",
    async (name) => {
      let met = 0
      for (let n = 1; ; n++) {
        const host = await two()
        const { parameters } = await depart(host.adas, remote, { link: true })
        // From the second look at the epoch on it counts as linked, and what happens then happens to an account that has it.
        let looks = 0
        const meeting = interruptedStores(
          host.stores,
          ({ method, number }) => {
            const chosen = number === n && looks < 2
            if (method === "epoch") looks++
            return chosen
          },
          async () => revocations[name]?.(host),
        )
        const racing = oauthApp(remote, { clock: host.clock, stores: meeting.stores })
        const context = { token: tokenOf(host.adas) }
        const input = { provider: "remote", parameters, binding: bindingOf(host.adas) }
        const arrival = await racing.auth.flows.oauth.callback(input, context)
        if (!meeting.happened()) break
        met++
        expect([n, arrival.ok, await waysInto(host, host.user.id)]).toEqual([n, false, ["password"]])
      }
      expect(met).toBeGreaterThan(5)
    },
  )

  test("that breaks off at any store call leaves a way in only if it is wholly there; what is left of it makes room after a minute", async () => {
    let broken = 0
    for (let n = 1; ; n++) {
      const host = await two()
      const { parameters } = await depart(host.adas, remote, { link: true })
      // A process that dies makes no more calls.
      const { calls, watched } = failingStores(host.stores, ({ number }) => number >= n)
      const dying = oauthApp(remote, { clock: host.clock, stores: watched })
      const context = { token: tokenOf(host.adas) }
      const input = { provider: "remote", parameters, binding: bindingOf(host.adas) }
      const died = await dying.auth.flows.oauth.callback(input, context).then(
        () => false,
        () => true,
      )
      if (calls.length < n) break
      if (!died) continue
      broken++
      host.clock.advance(60_001)
      remote.user = { ...remote.user, email: "somewhere@example.com" }
      const anybody = host.browser()
      const complete = (await waysInto(host, host.user.id)).length > 1
      expect([n, await signInThrough(anybody, remote)]).toEqual([n, "/workspace"])
      expect([n, (await whoIs(anybody)) === host.user.id]).toEqual([n, complete])
      expect((await waysInto(host, host.user.id)).length).toBe(complete ? 2 : 1)
    }
    expect(broken).toBeGreaterThan(5)
  })

  test("a reservation that was left behind opens nothing while it lasts", async () => {
    const host = await two()
    const { parameters } = await depart(host.adas, remote, { link: true })
    let inserted = false
    const { watched } = failingStores(host.stores, ({ method }) => {
      const fails = inserted
      inserted ||= method === "insert"
      return fails
    })
    const dying = oauthApp(remote, { clock: host.clock, stores: watched })
    const input = { provider: "remote", parameters, binding: bindingOf(host.adas) }
    await expect(dying.auth.flows.oauth.callback(input, { token: tokenOf(host.adas) })).rejects.toThrow(
      "store",
    )
    remote.user = { ...remote.user, email: "somewhere@example.com" }
    for (const [wait, location] of [
      [0, /error=conflict|503/],
      [60_000, /error=conflict|503/],
      [1, /^\/workspace$/],
    ] as const) {
      host.clock.advance(wait)
      const browser = host.browser()
      expect(await signInThrough(browser, remote).catch(String)).toMatch(location)
      expect(await whoIs(browser)).not.toBe(host.user.id)
    }
    expect(await host.auth.flows.oauth.identities(host.user.id)).toEqual([])
    expect(await host.stores.users.list({ limit: 9 })).toHaveLength(3)
  })

  test("who comes back with somebody else's session cookie is refused, though the session that began it lives", async () => {
    const { adas, bobs, ...host } = await two()
    const { parameters } = await depart(adas, remote, { link: true })
    // Somebody cleared the one cookie: nothing ended on the server.
    adas.cookies.set("__Host-session", tokenOf(bobs))
    expect(locationOf(await comeBack(adas, parameters))).toMatch(/error=/)
    expect(await waysInto(host, host.user.id)).toEqual(["password"])
    expect(await waysInto(host, host.bobUser.id)).toEqual(["password"])
  })

  test("who comes back without a cookie of their session, as a form post from the provider's site does, is linked", async () => {
    const { adas, ...host } = await two()
    const { parameters } = await depart(adas, remote, { link: true })
    adas.cookies.delete("__Host-session")
    expect(locationOf(await comeBack(adas, parameters))).toBe(linked)
    expect(await waysInto(host, host.user.id)).toEqual([identityOf(remote.user.sub), "password"])
    expect(await whoIs(adas)).toBeUndefined()
  })

  test("an attempt to sign in is none to link, and the other way round", async () => {
    const { adas, ...host } = await two()
    remote.user = { sub: "9", email: "nine@example.com", email_verified: true }
    const linking = await depart(adas, remote, { link: true })
    const visitor = host.browser()
    const entering = await depart(visitor, remote)
    expect(locationOf(await comeBack(adas, linking.parameters))).toBe(linked)
    expect(await whoIs(adas)).toBe(host.user.id)
    expect(locationOf(await comeBack(visitor, entering.parameters))).toBe("/workspace")
    expect(await whoIs(visitor)).toBe(host.user.id)
    expect(await host.stores.users.list({ limit: 9 })).toHaveLength(2)
  })
})

describe("unlink", () => {
  const unlink = (browser: TestClient, identity: string): Promise<Response> =>
    browser.post("/auth/oauth/unlink", { json: { identity } })

  test("another user's identity is not found, and stays", async () => {
    const { adas, bobs, ...host } = await two()
    await signInThrough(bobs, remote, { link: true })
    const [theirs] = await listed(bobs)
    for (const identity of [
      theirs?.id ?? "",
      "",
      "x",
      remote.user.sub,
      `${remote.issuer}|${remote.user.sub}`,
    ])
      expect(await toldOf(await unlink(adas, identity))).toEqual([404, "not_found"])
    expect(await waysInto(host, host.bobUser.id)).toEqual([identityOf(remote.user.sub), "password"])
    expect(await listed(adas)).toEqual([])
  })

  test("ends all other sessions, of whatever kind, and sign-ins under way", async () => {
    const { adas, ...host } = await two()
    await signInThrough(adas, remote, { link: true })
    const others = [await signedIn(host), host.browser()]
    await signInThrough(others[1] ?? adas, remote)
    expect(await whoIs(others[1] ?? adas)).toBe(host.user.id)
    const ticket = await host.auth.sessions.begin(host.user.id)
    const onTheWay = host.browser()
    const { parameters } = await depart(onTheWay, remote)
    const [mine] = await listed(adas)
    expect((await unlink(adas, mine?.id ?? "")).status).toBe(200)
    for (const browser of others) expect(await whoIs(browser)).toBeUndefined()
    expect(await whoIs(adas)).toBe(host.user.id)
    expect(await host.auth.sessions.open(ticket, host.user, ["fed"], {})).toMatchObject({
      ok: false,
      reason: "conflict",
    })
    expect(locationOf(await comeBack(onTheWay, parameters))).toBe("/link-account?provider=remote")
    expect(await whoIs(onTheWay)).toBeUndefined()
    expect(host.events.filter(({ type }) => type === "identity.unlinked")).toHaveLength(1)
    expect(await toldOf(await unlink(adas, mine?.id ?? ""))).toEqual([404, "not_found"])
  })

  test("only soon after signing in, to the millisecond; and by nobody", async () => {
    for (const [wait, told] of [
      [300_000, [200, undefined]],
      [300_001, [401, "reauthentication_required"]],
    ] as const) {
      const { adas, browser, clock } = await two()
      await signInThrough(adas, remote, { link: true })
      const [mine] = await listed(adas)
      expect(await toldOf(await unlink(browser(), mine?.id ?? ""))).toEqual([401, "not_signed_in"])
      clock.advance(wait)
      expect(await toldOf(await unlink(adas, mine?.id ?? ""))).toEqual(told)
    }
  })

  test("the host decides how recent is recent", async () => {
    const host = oauthApp(remote, { oauth: { fresh: "10s" } })
    await account(host)
    const browser = await signedIn(host)
    await signInThrough(browser, remote, { link: true })
    const [mine] = await listed(browser)
    host.clock.advance(10_001)
    expect(await toldOf(await unlink(browser, mine?.id ?? ""))).toEqual([401, "reauthentication_required"])
  })

  test("the last way in stays, whatever else lies beside it", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    await signInThrough(browser, remote)
    const userId = (await whoIs(browser)) ?? ""
    const others = { userId, secret: "x", revision: 0, createdAt: 0, changedAt: 0 }
    const key = { publicKey: "AA", counter: 0, transports: [], use: "second_factor", name: "key" }
    await host.stores.credentials.insert({
      kind: "passkey",
      handle: "p",
      ...others,
      secret: JSON.stringify(key),
    })
    await host.stores.credentials.insert({ kind: "recovery_code", handle: "r", ...others })
    const [only] = await listed(browser)
    expect(await toldOf(await unlink(browser, only?.id ?? ""))).toEqual([409, "last_way_in"])
    expect(await signInThrough(host.browser(), remote)).toBe("/workspace")
  })

  test("a password that opens only verified accounts is no way into one that is not", async () => {
    const host = oauthApp(remote, { password: { requireVerifiedEmail: true } })
    remote.user = { ...remote.user, email_verified: false }
    const browser = host.browser()
    await signInThrough(browser, remote)
    const userId = (await whoIs(browser)) ?? ""
    await host.auth.flows.password.set(userId, ada.password)
    await signInThrough(browser, remote)
    const [only] = await listed(browser)
    expect(await toldOf(await unlink(browser, only?.id ?? ""))).toEqual([409, "last_way_in"])
  })

  test("the identity of a provider that the host no longer has is no way in", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    await signInThrough(browser, remote)
    const userId = (await whoIs(browser)) ?? ""
    const gone = { issuer: "https://gone.example", provider: "gone" }
    await host.stores.credentials.insert({
      kind: "identity",
      handle: `${gone.issuer}|1`,
      userId,
      secret: JSON.stringify({ provider: gone.provider, email: "" }),
      revision: 0,
      createdAt: 0,
      changedAt: 0,
    })
    const all = await listed(browser)
    expect(all.map(({ provider }) => provider)).toEqual(["gone", "remote"])
    expect(await toldOf(await unlink(browser, all[1]?.id ?? ""))).toEqual([409, "last_way_in"])
    expect((await unlink(browser, all[0]?.id ?? "")).status).toBe(200)
  })
})
