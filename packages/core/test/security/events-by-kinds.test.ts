/** What ends access × everything that gives access: each pair says whether it is over, and a new member of either side that is missing fails. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import type { SessionEnd, SessionStrategy } from "../../src/index.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { pendingIn } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf, oauthApp, signInThrough, whoIs } from "../oauth/oauth-app.js"
import { type EveryFlow, everyFlow, mailed, signedInByPassword, strategies, tokenOf } from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const linked = { sub: "666", email: "linked@example.com", email_verified: true }
const another = { sub: "667", email: "another@example.com", email_verified: true }
const withAdasAddress = { sub: "1", email: ada.email, email_verified: true }
const owner = { sub: "2", email: ada.email, email_verified: true }

/** An account with a password and a linked identity, of an address that was never verified; somebody is signed in to it and knows all of that. */
interface Scene extends EveryFlow {
  readonly own: TestClient
}

async function scene(sessions?: SessionStrategy): Promise<Scene> {
  const host = await everyFlow(remote, {}, sessions ? { sessions } : {})
  const own = await signedInByPassword(host)
  remote.user = linked
  await signInThrough(own, remote, { link: true })
  // Another device, whose session every ending has to end.
  await signedInByPassword(host)
  return { ...host, own }
}

/** Gets hold of something before, and answers what tells afterwards whether it still leads into the account. */
type Kind = (scene: Scene) => Promise<() => Promise<boolean>>

async function linkOf(host: Scene): Promise<() => Promise<boolean>> {
  const { token } = await mailed(host)
  return async () => {
    const arrived = await host.auth.flows.magicLink.confirm({ token, claim: true })
    return arrived.ok && arrived.user.id === host.user.id
  }
}

async function codeOf(host: Scene): Promise<() => Promise<boolean>> {
  const { attempt, code } = await mailed(host)
  return async () => {
    const arrived = await host.auth.flows.magicLink.confirmCode({ attempt, code, claim: true })
    return arrived.ok && arrived.user.id === host.user.id
  }
}

/** The same of an account whose address is verified when the mail is asked for, and when it is used. In between a claim needs one that is not. */
async function asVerified({ stores, user, ...host }: Scene, kind: Kind): Promise<() => Promise<boolean>> {
  const verify = (emailVerifiedAt: number | null) => stores.users.update(user.id, { emailVerifiedAt })
  await verify(host.clock())
  const leadsIn = await kind({ ...host, stores, user })
  await verify(null)
  return async () => {
    await verify(host.clock())
    return leadsIn()
  }
}

const kinds = {
  async "password: a session"(host) {
    const browser = await signedInByPassword(host)
    return async () => (await whoIs(browser)) === host.user.id
  },
  async "password: a sign-in whose password was found right"({ auth, user }) {
    const ticket = await auth.sessions.begin(user.id)
    return async () => (await auth.sessions.open(ticket, user, ["pwd"], {})).ok
  },
  async "oauth: a session"(host) {
    const browser = host.browser()
    await signInThrough(browser, remote)
    return async () => (await whoIs(browser)) === host.user.id
  },
  async "oauth: a sign-in that is at the provider"(host) {
    const browser = host.browser()
    const { parameters } = await depart(browser, remote)
    return async () => {
      await comeBack(browser, parameters)
      return (await whoIs(browser)) === host.user.id
    }
  },
  async "oauth: a sign-in whose identity was found"({ auth, user }) {
    const ticket = await auth.sessions.begin(user.id)
    return async () => (await auth.sessions.open(ticket, user, ["fed"], {})).ok
  },
  async "oauth: a link that is at the provider"(host) {
    const browser = await signedInByPassword(host)
    remote.user = another
    const { parameters } = await depart(browser, remote, { link: true })
    return async () => locationOf(await comeBack(browser, parameters)).includes("notice=identity_linked")
  },
  async "oauth: an identity that waits to be confirmed"(host) {
    const browser = host.browser()
    remote.user = withAdasAddress
    await signInThrough(browser, remote)
    await signedInByPassword(host, browser)
    return async () => (await browser.post("/auth/oauth/confirm", { json: {} })).status === 200
  },
  async "oauth: an identity that waits to claim"(host) {
    const browser = host.browser()
    remote.user = withAdasAddress
    await signInThrough(browser, remote)
    return async () => (await host.auth.flows.oauth.claim(pendingIn(browser))).ok
  },
  async "magicLink: a session"(host) {
    const { auth, clock, stores, user } = host
    await stores.users.update(user.id, { emailVerifiedAt: clock() })
    const { browser, token } = await mailed(host)
    await browser.post("/auth/magic-link/confirm", { json: { token } })
    await stores.users.update(user.id, { emailVerifiedAt: null })
    return async () => (await auth.sessions.read(tokenOf(browser)))?.userId === user.id
  },
  async "magicLink: a sign-in whose link was just taken"({ auth, user }) {
    const ticket = await auth.sessions.begin(user.id)
    return async () => (await auth.sessions.open(ticket, user, ["email"], {})).ok
  },
  "magicLink: a link in the mail": (host) => asVerified(host, linkOf),
  "magicLink: a code in the mail": (host) => asVerified(host, codeOf),
  "magicLink: a link in the mail, of an address that nobody verified": linkOf,
  "magicLink: a code in the mail, of an address that nobody verified": codeOf,
} satisfies Record<string, Kind>
type KindName = keyof typeof kinds

/** Why a session ends, but for its own user's leaving; how; and what is not over by it, with the reason. */
interface Ending {
  readonly happens: (scene: Scene) => Promise<unknown>
  readonly spares: Partial<Readonly<Record<KindName, string>>>
}

const byIdentity = "the identity is a way in of its own"
const byAddress =
  "whose address it is was proven to nobody yet, so whoever squats there must not keep its owner out"
/** What takes an account over that nobody verified, which removes more than any of the endings. */
const ofNobodys = {
  "oauth: an identity that waits to claim": byAddress,
  "magicLink: a link in the mail, of an address that nobody verified": byAddress,
  "magicLink: a code in the mail, of an address that nobody verified": byAddress,
} satisfies Ending["spares"]

const endings = {
  disabled: { happens: ({ auth, user }) => auth.users.disable(user.id), spares: {} },
  revoked: {
    happens: ({ auth, user }) => auth.sessions.endAll(user.id, "revoked", {}),
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      ...ofNobodys,
    },
  },
  permissions_changed: {
    happens: ({ auth, user }) => auth.sessions.endAll(user.id, "permissions_changed", {}),
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      ...ofNobodys,
    },
  },
  password_changed: {
    happens: ({ auth, own }) =>
      auth.flows.password.change(
        { current: ada.password, next: "a quite different phrase" },
        { token: tokenOf(own) },
      ),
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      ...ofNobodys,
    },
  },
  identity_unlinked: {
    async happens({ auth, own, user }) {
      const [identity] = await auth.flows.oauth.identities(user.id)
      return auth.flows.oauth.unlink({ identity: identity?.id ?? "" }, { token: tokenOf(own) })
    },
    spares: ofNobodys,
  },
  claimed: {
    async happens(host) {
      remote.user = owner
      const browser = host.browser()
      await signInThrough(browser, remote)
      return host.auth.flows.oauth.claim(pendingIn(browser))
    },
    spares: {},
  },
  "claimed, by mail": {
    async happens(host) {
      const { token } = await mailed(host)
      return host.auth.flows.magicLink.confirm({ token, claim: true })
    },
    spares: {},
  },
  "claimed, by a code": {
    async happens(host) {
      const { attempt, code } = await mailed(host)
      return host.auth.flows.magicLink.confirmCode({ attempt, code, claim: true })
    },
    spares: {},
  },
} satisfies Record<Exclude<SessionEnd, "signed_out" | "replaced" | "refresh_token_reused">, Ending> &
  Record<string, Ending>
type EndingName = keyof typeof endings

const pairs = Object.keys(strategies).flatMap((kept) =>
  (Object.keys(endings) as EndingName[]).map((name) => [kept, name] as const),
)

describe.each(pairs)("%s: %s", (kept, name) => {
  const { happens, spares }: Ending = endings[name]

  test.each(Object.keys(kinds) as KindName[])("%s", async (kind) => {
    const host = await scene(strategies[kept]?.())
    const leadsIn = await kinds[kind](host)
    expect(await happens(host)).not.toMatchObject({ ok: false })
    expect([kind, await leadsIn()]).toEqual([kind, kind in spares])
    expect(host.events).toContainEqual(
      expect.objectContaining({ type: "session.ended", cause: name.split(",")[0] }),
    )
  })
})

describe.each(Object.keys(strategies))("%s", (kept) => {
  test.each(Object.keys(kinds) as KindName[])("%s leads in as long as nothing ends it", async (kind) => {
    const leadsIn = await kinds[kind](await scene(strategies[kept]?.()))
    expect([kind, await leadsIn()]).toEqual([kind, true])
  })
})

test("every flow has kinds in the table", () => {
  const flows = new Set(Object.keys(kinds).map((kind) => kind.split(":")[0]))
  expect(flows).toEqual(new Set(Object.keys(oauthApp(remote).auth.flows)))
})
