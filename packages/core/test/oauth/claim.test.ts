/** The owner of an address comes to an account that somebody else registered with it: everything that let anybody in goes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { account, causesOf, pendingIn, toldOf, waysInto } from "./accounts.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { comeBack, locationOf, oauthApp, signInThrough, whoIs } from "./oauth-app.js"
import {
  bindingOf,
  expectSquatterOut,
  identityOf,
  next,
  owner,
  type Squatted,
  squattedAccount,
  squatter,
  tokenOf,
} from "./squatted-account.js"

let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

describe("the owner claims the account", () => {
  test("password, linked identity, sessions, sign-in under way, link under way: all of them are gone", async () => {
    const host = await squattedAccount(remote)
    const ticket = await host.auth.sessions.begin(host.user.id)
    expect(locationOf(await host.owner.post("/auth/oauth/claim", { form: {} }))).toBe("/mine")
    expect(await whoIs(host.owner)).toBe(host.user.id)
    expect((await host.stores.users.find(host.user.id))?.emailVerifiedAt).toBe(host.clock())

    expect(await whoIs(host.byPassword)).toBeUndefined()
    expect(await whoIs(host.byIdentity)).toBeUndefined()
    expect(await host.auth.sessions.open(ticket, host.user, ["pwd"], {})).toMatchObject({
      ok: false,
      reason: "conflict",
    })
    const { browser, trip } = host.onTheWayIn
    expect(locationOf(await comeBack(browser, trip.parameters))).toBe("/workspace")
    expect(locationOf(await comeBack(host.byPassword, host.linking.parameters))).toBe(
      "/sign-in?error=not_signed_in&provider=remote",
    )
    await expectSquatterOut(remote, host)
    expect(await host.auth.sessions.list(host.user.id)).toHaveLength(1)
    expect(
      await host.auth.flows.password.change(
        { current: ada.password, next },
        { token: tokenOf(host.byPassword) },
      ),
    ).toEqual({ ok: false, reason: "not_signed_in" })
  })

  test("is told by events", async () => {
    const host = await squattedAccount(remote)
    const before = host.events.length
    await host.owner.post("/auth/oauth/claim", { form: {} })
    const { id: userId } = host.user
    expect(host.events.slice(before)).toMatchObject([
      { type: "session.ended", userId, cause: "claimed" },
      { type: "session.ended", userId, cause: "claimed" },
      { type: "identity.claimed", userId, provider: "remote" },
      { type: "session.opened", userId },
      { type: "sign_in.succeeded", userId, flow: "oauth" },
    ])
  })

  test("then signs in by the identity, and by nothing else", async () => {
    const host = await squattedAccount(remote)
    await host.owner.post("/auth/oauth/claim", { form: {} })
    const phone = host.browser()
    expect(await signInThrough(phone, remote)).toBe("/workspace")
    expect(await whoIs(phone)).toBe(host.user.id)
  })
})

describe("a claim is refused", () => {
  const claim = (browser: TestClient): Promise<Response> => browser.post("/auth/oauth/claim", { json: {} })

  test("after the address was verified meanwhile; whoever comes again can prove the old way in", async () => {
    const host = await squattedAccount(remote)
    await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
    expect(await toldOf(await claim(host.owner))).toEqual([409, "oauth_link_required"])
    expect(causesOf(host.events).at(-1)).toBe("link_required")
    expect(await whoIs(host.byPassword)).toBe(host.user.id)
    expect(await waysInto(host, host.user.id)).toEqual([identityOf(remote, squatter), "password"])
    expect(await signInThrough(host.owner, remote, { returnTo: "/mine" })).toMatch(/^\/link-account/)
    await host.owner.post("/auth/login", { json: ada })
    expect(locationOf(await host.owner.post("/auth/oauth/confirm", { form: {} }))).toBe("/mine")
  })

  test("while somebody is signed in, whoever it is: what waits may be another's, who left it here", async () => {
    const host = await squattedAccount(remote)
    await account(host, { email: "bob@example.com" })
    for (const email of ["bob@example.com", ada.email]) {
      const left = pendingIn(host.owner)
      await host.owner.post("/auth/login", { json: { ...ada, email } })
      const before = await whoIs(host.owner)
      expect(before).toBeDefined()
      expect(await toldOf(await claim(host.owner))).toEqual([409, "oauth_link_required"])
      expect(await host.auth.flows.oauth.claim(left, { token: tokenOf(host.owner) })).toMatchObject({
        ok: false,
      })
      expect(await whoIs(host.owner)).toBe(before)
    }
    expect(await waysInto(host, host.user.id)).toEqual([identityOf(remote, squatter), "password"])
  })

  test("by whoever comes after the owner signed out", async () => {
    const host = await squattedAccount(remote)
    const left = pendingIn(host.owner)
    await host.owner.post("/auth/login", { json: ada })
    await host.owner.post("/auth/logout", { json: {} })
    expect(host.owner.cookies.has("__Host-oauth-pending")).toBe(false)
    expect(await toldOf(await claim(host.owner))).toEqual([404, "not_found"])
    expect(left.pending).toBeDefined()
  })

  test("the second time", async () => {
    const host = await squattedAccount(remote)
    const again = pendingIn(host.owner)
    expect((await claim(host.owner)).status).toBe(200)
    expect(pendingIn(host.owner).pending).toBeUndefined()
    expect((await claim(host.owner)).status).toBe(409)
    expect(await host.auth.flows.oauth.claim(again)).toEqual({ ok: false, reason: "not_found" })
    expect(await whoIs(host.owner)).toBe(host.user.id)
  })

  test.each<[string, (host: Squatted) => Promise<unknown>]>([
    ["of an account that is disabled", ({ stores, user }) => stores.users.update(user.id, { disabledAt: 1 })],
    [
      "of an account that has another address now",
      ({ stores, user }) => stores.users.update(user.id, { email: "moved@example.com" }),
    ],
    ["of an account that is gone", ({ stores, user }) => stores.users.delete(user.id)],
    ["after it was cancelled", ({ owner: browser }) => browser.post("/auth/oauth/cancel", { form: {} })],
  ])("%s", async (what, change) => {
    const host = await squattedAccount(remote)
    await change(host)
    const before = await waysInto(host, host.user.id)
    const told = what.endsWith("cancelled") ? [404, "not_found"] : [409, "conflict"]
    expect(await toldOf(await claim(host.owner))).toEqual(told)
    expect(await whoIs(host.owner)).toBeUndefined()
    expect(await waysInto(host, host.user.id)).toEqual(before)
  })

  test("from another browser, and without the secret of what waits", async () => {
    const host = await squattedAccount(remote)
    expect(await toldOf(await claim(host.browser()))).toEqual([404, "not_found"])
    for (const browser of [host.byPassword, host.byIdentity])
      expect(await toldOf(await claim(browser))).toEqual([409, "oauth_link_required"])
    const { pending: secret = "" } = pendingIn(host.owner)
    expect(secret).toMatch(/^[\w-]{43}$/)
    for (const pending of [undefined, "", "x", "x".repeat(43), `${secret}x`, bindingOf(host.owner)])
      expect(await host.auth.flows.oauth.claim({ pending })).toEqual({ ok: false, reason: "not_found" })
    expect((await claim(host.owner)).status).toBe(200)
  })

  test("of the same stores in another realm", async () => {
    const host = await squattedAccount(remote)
    const { clock, stores } = host
    const admin = oauthApp(remote, { clock, stores, realm: "admin" })
    expect(await admin.auth.flows.oauth.claim(pendingIn(host.owner))).toEqual({
      ok: false,
      reason: "not_found",
    })
  })

  test("after ten minutes, to the millisecond", async () => {
    for (const [wait, status] of [
      [599_999, 200],
      [600_000, 404],
    ] as const) {
      const host = await squattedAccount(remote)
      host.clock.advance(wait)
      expect((await claim(host.owner)).status).toBe(status)
    }
  })

  test("by somebody whose provider did not verify the address: nothing waits for them", async () => {
    const host = await squattedAccount(remote)
    remote.user = { ...owner, sub: "2", email_verified: false }
    const browser = host.browser()
    expect(await signInThrough(browser, remote)).toBe("/sign-in?error=oauth_email_unverified&provider=remote")
    expect(await toldOf(await claim(browser))).toEqual([404, "not_found"])
  })
})
