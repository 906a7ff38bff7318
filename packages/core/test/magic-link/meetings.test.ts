/** The owner of an address comes by mail while somebody else does something with it, at every place where the two can meet. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { race } from "../../src/testing/race.js"
import { ada } from "../app.js"
import { pendingIn, waysInto } from "../oauth/accounts.js"
import { type HostileProvider, startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { interruptedStores } from "../oauth/interrupted-stores.js"
import { depart, type OAuthHost, oauthApp, signInThrough, whoIs } from "../oauth/oauth-app.js"
import {
  bindingOf,
  doings,
  identityOf,
  next,
  owner,
  type Squatted,
  squattedAccount,
} from "../oauth/squatted-account.js"
import { mailed } from "../security/every-flow.js"

let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

type Auth = OAuthHost["auth"]

/** Whoever has proven to read the mail is in alone: nobody else has a session, a password or an identity there. */
async function expectAlone(
  host: OAuthHost,
  userId: string,
  ways: readonly string[],
  at: unknown,
): Promise<void> {
  expect([at, await waysInto(host, userId)]).toEqual([at, ways])
  for (const password of [ada.password, next])
    expect([at, (await host.auth.flows.password.signIn({ ...ada, password })).ok]).toEqual([at, false])
}

describe.each(Object.keys(doings))("while a squatter %s", (name) => {
  const doing = doings[name] ?? (() => Promise.resolve([]))

  async function expectOut(host: Squatted, tokens: unknown, at: unknown): Promise<void> {
    for (const token of tokens as string[])
      expect([at, (await host.auth.sessions.read(token))?.userId]).not.toEqual([at, host.user.id])
    for (const browser of [host.byPassword, host.byIdentity, host.onTheWayIn.browser])
      expect([at, await whoIs(browser)]).not.toEqual([at, host.user.id])
    await expectAlone(host, host.user.id, [], at)
  }

  test("at any store call of a claim by mail: the squatter is out", async () => {
    let met = 0
    for (let n = 1; ; n++) {
      const host = await squattedAccount(remote)
      const { token } = await mailed(host)
      const meeting = interruptedStores(
        host.stores,
        ({ number }) => number === n,
        () => doing(host, host.auth),
      )
      const claiming = oauthApp(remote, { clock: host.clock, stores: meeting.stores })
      const outcome = await claiming.auth.flows.magicLink.confirm({ token, claim: true })
      if (!meeting.happened()) break
      met++
      // A change of password ends what waits, whoever makes it: then the owner asks for another mail.
      if (!outcome.ok) {
        expect([n, name, outcome.reason]).toEqual([n, "changes the password", "link_expired"])
        continue
      }
      await expectOut(host, await meeting.answer(), n)
    }
    expect(met).toBeGreaterThan(9)
  }, 60_000)

  test("and the claim by mail comes at any store call of that: the squatter is out", async () => {
    let met = 0
    for (let n = 1; ; n++) {
      const host = await squattedAccount(remote)
      const { token } = await mailed(host)
      const claim = () => host.auth.flows.magicLink.confirm({ token, claim: true })
      const meeting = interruptedStores(host.stores, ({ number }) => number === n, claim)
      const doer = oauthApp(remote, { clock: host.clock, stores: meeting.stores })
      const tokens = await doing(host, doer.auth)
      if (!meeting.happened()) break
      met++
      const outcome = (await meeting.answer()) as Awaited<ReturnType<typeof claim>>
      if (!outcome.ok) {
        expect([n, name, outcome.reason]).toEqual([n, "changes the password", "link_expired"])
        continue
      }
      await expectOut(host, tokens, n)
    }
    expect(met).toBeGreaterThan(4)
  }, 60_000)
})

/** Others who come with a new address in the very moment. What each has at the end is said of both orders. */
const comings: Readonly<Record<string, (host: OAuthHost, at: Auth) => Promise<unknown>>> = {
  "somebody registers it": (_, { flows }) => flows.password.register(ada),
  "somebody registers it and signs in": async (_, { flows }) => {
    await flows.password.register(ada)
    return flows.password.signIn(ada)
  },
  "its owner comes through a provider": async (host, { flows }) => {
    remote.user = owner
    const browser = host.browser()
    const { parameters } = await depart(browser, remote)
    return flows.oauth.callback({ provider: "remote", parameters, binding: bindingOf(browser) })
  },
  "somebody comes through a provider that has not verified it": async (host, { flows }) => {
    remote.user = { ...owner, sub: "666", email_verified: false }
    const browser = host.browser()
    const { parameters } = await depart(browser, remote)
    return flows.oauth.callback({ provider: "remote", parameters, binding: bindingOf(browser) })
  },
  "its owner opens another link": async (host, { flows }) => {
    const { token } = await mailed(host)
    return flows.magicLink.confirm({ token })
  },
}

describe.each(Object.keys(comings))("a new address, and %s", (name) => {
  const coming = comings[name] ?? (() => Promise.resolve())

  /** One account; whoever is in it by mail is in alone, or beside an identity that the provider has verified. */
  async function expectOne(host: OAuthHost, outcome: unknown, at: unknown): Promise<void> {
    const users = await host.stores.users.list({ limit: 9 })
    expect([at, users.length]).toEqual([at, 1])
    const [user] = users
    const arrived = outcome as Awaited<ReturnType<Auth["flows"]["magicLink"]["confirm"]>>
    if (!arrived.ok) {
      expect(["link_claim_required", "link_expired"]).toContain(arrived.reason)
      return
    }
    expect([at, arrived.user.id]).toEqual([at, user?.id])
    expect([at, user?.emailVerifiedAt]).toEqual([at, expect.any(Number)])
    const beside = /its owner comes/.test(name) ? [[], [identityOf(remote, owner)]] : [[]]
    const ways = await waysInto(host, arrived.user.id)
    expect([at, beside]).toEqual([at, expect.arrayContaining([ways])])
    await expectAlone(host, arrived.user.id, ways, at)
    for (const session of await host.auth.sessions.list(arrived.user.id))
      expect([at, ["email", "fed"]]).toEqual([at, expect.arrayContaining([...session.methods])])
  }

  test.each([false, true])(
    "at any store call of a link (claim: %s)",
    async (claim) => {
      let met = 0
      for (let n = 1; ; n++) {
        const host = oauthApp(remote)
        const { token } = await mailed(host)
        const meeting = interruptedStores(
          host.stores,
          ({ number }) => number === n,
          () => coming(host, host.auth),
        )
        const { auth } = oauthApp(remote, { clock: host.clock, stores: meeting.stores })
        const outcome = await auth.flows.magicLink.confirm({ token, claim })
        if (!meeting.happened()) break
        met++
        await meeting.answer()?.catch(() => {})
        await expectOne(host, outcome, n)
      }
      expect(met).toBeGreaterThan(5)
    },
    60_000,
  )

  test.each([false, true])(
    "and the link comes at any store call of that (claim: %s)",
    async (claim) => {
      let met = 0
      for (let n = 1; ; n++) {
        const host = oauthApp(remote)
        const { token } = await mailed(host)
        const meeting = interruptedStores(
          host.stores,
          ({ number }) => number === n,
          () => host.auth.flows.magicLink.confirm({ token, claim }),
        )
        const other = oauthApp(remote, { clock: host.clock, stores: meeting.stores })
        // Whoever registers what was claimed meanwhile hears of a fault; that they have nothing is what counts.
        await coming({ ...host, mails: other.mails, browser: other.browser }, other.auth).catch(() => {})
        if (!meeting.happened()) break
        met++
        await expectOne(host, await meeting.answer(), n)
      }
      expect(met).toBeGreaterThan(3)
    },
    60_000,
  )
})

test("two ways to claim one account at once, sixteen times: one has it, and nobody else", async () => {
  for (let round = 0; round < 4; round++) {
    const host = await squattedAccount(remote)
    const mail = await mailed(host)
    const outcomes = await race(16, [
      () => host.auth.flows.oauth.claim(pendingIn(host.owner)),
      () => host.auth.flows.magicLink.confirm({ token: mail.token, claim: true }),
    ])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    const ways = await waysInto(host, host.user.id)
    expect([[], [identityOf(remote, owner)]]).toContainEqual(ways)
    await expectAlone(host, host.user.id, ways, round)
    expect(await host.auth.sessions.list(host.user.id)).toHaveLength(1)
  }
})

test("an address that only the provider says is verified is nobody's by mail until its owner reads it, and then it is theirs", async () => {
  const host = oauthApp(remote)
  remote.user = { ...owner, sub: "666", email_verified: false }
  const squatter = host.browser()
  await signInThrough(squatter, remote)
  const squatted = await whoIs(squatter)
  expect(squatted).toBeDefined()
  const { browser, token } = await mailed(host)
  expect(await host.auth.flows.magicLink.peek({ token })).toMatchObject({ ok: true, claimRequired: true })
  expect((await host.auth.flows.magicLink.confirm({ token })).ok).toBe(false)
  await browser.post("/auth/magic-link/confirm", { json: { token, claim: true } })
  expect(await whoIs(browser)).toBe(squatted)
  expect(await whoIs(squatter)).toBeUndefined()
  await signInThrough(squatter, remote)
  expect(await whoIs(squatter)).not.toBe(squatted)
})
