/** A claim meets a link or a confirmation, and a third thing happens in the same moment. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { account, pendingIn, toldOf, waysInto } from "./accounts.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { interruptedStores } from "./interrupted-stores.js"
import { oauthApp, signInThrough, whoIs } from "./oauth-app.js"
import {
  accomplice,
  doings,
  expectSquatterOut,
  identityOf,
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

function isInsertion({ method, slot }: StoreCall): boolean {
  return slot === "credentials" && method === "insert"
}

/** Long enough for somebody else's turn to begin while a process stands still in the middle of its own: it has a lease, not a lock. */
const leases = { "in its turn": 0, "held up for longer than its lease": 30_000 } as const

function claimAfter(host: Squatted, ms: number): Promise<unknown> {
  host.clock.advance(ms)
  return host.auth.flows.oauth.claim(pendingIn(host.owner))
}

describe("three meet", () => {
  test("when the identity became another account's meanwhile, and the account loses nothing by it", async () => {
    const host = await squattedAccount(remote)
    await account(host, { email: "bob@example.com" })
    const bob = host.browser()
    await bob.post("/auth/login", { json: { ...ada, email: "bob@example.com" } })
    expect(await signInThrough(bob, remote, { link: true })).toBe("/account?notice=identity_linked")
    expect(await toldOf(await host.owner.post("/auth/oauth/claim", { json: {} }))).toEqual([
      409,
      "identity_taken",
    ])
    expect(await waysInto(host, host.user.id)).toEqual([identityOf(remote, squatter), "password"])
    expect((await host.stores.users.find(host.user.id))?.emailVerifiedAt).toBeNull()
  })

  test.each(Object.entries(leases))("a link, %s, is used before the claim is heard of", async (_, held) => {
    const host = await squattedAccount(remote)
    const { clock, user } = host
    const used: TestClient[] = []
    async function use(): Promise<void> {
      remote.user = accomplice
      const browser = host.browser()
      await signInThrough(browser, remote)
      used.push(browser)
    }
    const afterwards = interruptedStores(host.stores, isInsertion, use, "after")
    const before = interruptedStores(afterwards.stores, isInsertion, () => claimAfter(host, held))
    const linking = oauthApp(remote, { clock, stores: before.stores })
    await doings["links one more identity"]?.(host, linking.auth)
    expect(await before.answer()).toMatchObject({ ok: true })
    await afterwards.answer()
    for (const browser of used) expect(await whoIs(browser)).not.toBe(user.id)
    await expectSquatterOut(remote, host)
  })

  test.each(Object.entries(leases))(
    "a link, %s, and a claim, and then a store call fails: the link is not left behind",
    async (_, held) => {
      for (let n = 1; ; n++) {
        const host = await squattedAccount(remote)
        const { clock } = host
        let since: number | undefined
        let failed = false
        // Giving the turn back is what may fail: then the next one waits for the lease.
        const { calls, watched } = failingStores(host.stores, ({ method, number }) => {
          const chosen = since !== undefined && number === since + n
          failed ||= chosen
          return chosen && method !== "swap"
        })
        const meeting = interruptedStores(watched, isInsertion, () => {
          since = calls.length
          return claimAfter(host, held)
        })
        const linking = oauthApp(remote, { clock, stores: meeting.stores })
        await doings["links one more identity"]?.(host, linking.auth).catch(() => {})
        expect(await meeting.answer()).toMatchObject({ ok: true })
        if (!failed) break
        await expectSquatterOut(remote, host)
      }
    },
    60_000,
  )

  test("the owner of a password proves it at the moment at which somebody claims: of a verified account nothing is taken", async () => {
    const network = { loopback: [remote.origin], fetch: remote.fetch }
    for (let n = 1; ; n++) {
      const host = oauthApp(remote, { oauth: { network } })
      const user = await account(host)
      remote.user = owner
      const [proving, claiming] = [host.browser(), host.browser()]
      await signInThrough(proving, remote)
      await proving.post("/auth/login", { json: ada })
      remote.user = { ...owner, sub: "2" }
      await signInThrough(claiming, remote)
      const confirm = (): Promise<unknown> =>
        host.auth.flows.oauth.confirm(pendingIn(proving), { token: tokenOf(proving) })
      const meeting = interruptedStores(host.stores, ({ number }) => number === n, confirm)
      const claimer = oauthApp(remote, { clock: host.clock, stores: meeting.stores })
      const claimed = await claimer.auth.flows.oauth.claim(pendingIn(claiming))
      if (!meeting.happened()) break
      const confirmed = (await meeting.answer()) as { readonly ok: boolean }
      const ways = await waysInto(host, user.id)
      // One of them has the account, wholly.
      expect([n, claimed.ok, confirmed.ok, ways]).toEqual(
        claimed.ok
          ? [n, true, false, [identityOf(remote, { sub: "2" })]]
          : [n, false, true, [identityOf(remote, owner), "password"]],
      )
      expect(await whoIs(proving)).toBe(claimed.ok ? undefined : user.id)
    }
  })
})
