/** What ends access × everything that gives access: each pair says whether it is over, and a new member of either side that is missing fails. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import type { SessionEnd, SessionStrategy } from "../../src/index.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { authenticatorApp } from "../mfa/authenticator-app.js"
import { enrolTotp, post } from "../mfa/mfa-app.js"
import { pendingIn } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf, oauthApp, signInThrough, whoIs } from "../oauth/oauth-app.js"
import type { SoftwareAuthenticator } from "../passkey/authenticator.js"
import {
  authenticator,
  creationOptions,
  registered,
  registerWith,
  requestOptions,
  signedInBy,
  signInWith,
} from "../passkey/passkey-app.js"
import {
  changeTokenOf,
  type EveryFlow,
  everyFlow,
  mailed,
  resetTokenOf,
  signedInByPassword,
  strategies,
  tokenOf,
  undoTokenOf,
} from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const linked = { sub: "666", email: "linked@example.com", email_verified: true }
const another = { sub: "667", email: "another@example.com", email_verified: true }
const withAdasAddress = { sub: "1", email: ada.email, email_verified: true }
const owner = { sub: "2", email: ada.email, email_verified: true }

/** What the endings set. */
const otherPassword = "a quite different phrase"

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

async function resetLinkOf(host: Scene): Promise<() => Promise<boolean>> {
  const token = await resetTokenOf(host)
  return async () => (await host.auth.flows.password.reset({ token, password: "the phrase of a link" })).ok
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

/** A browser that has said the right password, of a user who has an app; another device has said the code as well. */
async function askedForCode(
  host: Scene,
): Promise<{ readonly browser: TestClient; readonly code: () => string }> {
  const { app } = await enrolTotp(host, host.own)
  const [another, browser] = [await asked(host), await asked(host)]
  // The step of the enrolment is used, and then that of the other device.
  host.clock.advance(30_000)
  await post(another, "/auth/mfa/verify", { factor: "totp", code: app.code() })
  host.clock.advance(30_000)
  return { browser, code: () => app.code() }
}

async function asked(host: Scene): Promise<TestClient> {
  const browser = host.browser()
  const answer = await browser.post("/auth/login", { json: ada })
  if (answer.status !== 401) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}

/** A browser that need not say a code, by what it holds since it has said one: another one is asked. */
async function isRemembered(host: Scene, held: ReadonlyMap<string, string>): Promise<boolean> {
  for (const password of [ada.password, otherPassword]) {
    const [remembered, stranger] = [host.browser(), host.browser()]
    for (const [name, value] of held) if (name !== "__Host-session") remembered.cookies.set(name, value)
    for (const browser of [remembered, stranger])
      await browser.post("/auth/login", { json: { email: ada.email, password } })
    if ((await whoIs(remembered)) === host.user.id && (await whoIs(stranger)) === undefined) return true
  }
  return false
}

/** The owner's passkey; another device has signed in since. */
async function withPasskey(host: Scene): Promise<SoftwareAuthenticator> {
  const key = authenticator()
  if ((await registered(host.own, key)) !== "ok") throw new Error("no passkey")
  await signedInByPassword(host)
  return key
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
  "password: a reset link in the mail": (host) => asVerified(host, resetLinkOf),
  "password: a reset link in the mail, of an address that nobody verified": resetLinkOf,
  async "email: a change that waits for the new address to be proven"(host) {
    const browser = await signedInByPassword(host)
    const token = await changeTokenOf(host, browser)
    return async () => {
      const again = await signedInByPassword(host).catch(() => browser)
      return (await host.auth.flows.email.confirmChange({ token }, { token: tokenOf(again) })).ok
    }
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
  async "mfa: a session of two factors"(host) {
    const { browser, code } = await askedForCode(host)
    await browser.post("/auth/mfa/verify", { json: { factor: "totp", code: code() } })
    return async () => (await whoIs(browser)) === host.user.id
  },
  async "mfa: a sign-in that waits for its second factor"(host) {
    const { browser, code } = await askedForCode(host)
    return async () => {
      await browser.post("/auth/mfa/verify", { json: { factor: "totp", code: code() } })
      return (await whoIs(browser)) === host.user.id
    }
  },
  async "mfa: a browser that is remembered"(host) {
    const { browser, code } = await askedForCode(host)
    await post(browser, "/auth/mfa/verify", { factor: "totp", code: code(), remember: true })
    const held = new Map(browser.cookies)
    return () => isRemembered(host, held)
  },
  async "mfa: a factor that waits to be proven"(host) {
    const browser = await signedInByPassword(host)
    const { uri } = await post(browser, "/auth/mfa/enrol", { factor: "totp" })
    const app = authenticatorApp(String(uri), host.clock)
    return async () => {
      const again = await signedInByPassword(host).catch(() => browser)
      const answers = [browser, again].map((one) =>
        one.post("/auth/mfa/enrol/confirm", { json: { factor: "totp", code: app.code() } }),
      )
      return (await Promise.all(answers)).some(({ ok }) => ok)
    }
  },
  async "passkey: a session"(host) {
    const key = await withPasskey(host)
    const browser = host.browser()
    await signedInBy(browser, key)
    return async () => (await whoIs(browser)) === host.user.id
  },
  async "passkey: a sign-in that is at the authenticator"(host) {
    const key = await withPasskey(host)
    const browser = host.browser()
    const options = await requestOptions(browser)
    return async () => {
      await signInWith(browser, key.get(options))
      return (await whoIs(browser)) === host.user.id
    }
  },
  async "passkey: a sign-in whose passkey was found right"({ auth, user }) {
    const ticket = await auth.sessions.begin(user.id)
    return async () => (await auth.sessions.open(ticket, user, ["swk", "user", "mfa"], {})).ok
  },
  async "passkey: a new one that is at the authenticator"(host) {
    const browser = await signedInByPassword(host)
    const options = await creationOptions(browser)
    return async () => {
      const again = await signedInByPassword(host).catch(() => browser)
      const made = authenticator().create(options)
      // Whoever is not signed in uses no challenge up.
      return (await registerWith(browser, made)) === "ok" || (await registerWith(again, made)) === "ok"
    }
  },
} satisfies Record<string, Kind>
type KindName = keyof typeof kinds

/** Why a session ends, but for its own user's leaving; how; and what is not over by it, with the reason. */
interface Ending {
  readonly happens: (scene: Scene) => Promise<unknown>
  readonly spares: Partial<Readonly<Record<KindName, string>>>
}

const byIdentity = "the identity is a way in of its own"
const byPasskey = "the passkey is a way in of its own"
const byAddress =
  "whose address it is was proven to nobody yet, so whoever squats there must not keep its owner out"
/** What takes an account over that nobody verified, which removes more than any of the endings. */
const ofNobodys = {
  "oauth: an identity that waits to claim": byAddress,
  "password: a reset link in the mail, of an address that nobody verified": byAddress,
  "magicLink: a link in the mail, of an address that nobody verified": byAddress,
  "magicLink: a code in the mail, of an address that nobody verified": byAddress,
} satisfies Ending["spares"]

const endings = {
  disabled: { happens: ({ auth, user }) => auth.users.disable(user.id), spares: {} },
  revoked: {
    happens: ({ auth, user }) => auth.sessions.endAll(user.id, "revoked", {}),
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      "passkey: a sign-in that is at the authenticator": byPasskey,
      ...ofNobodys,
    },
  },
  permissions_changed: {
    happens: ({ auth, user }) => auth.sessions.endAll(user.id, "permissions_changed", {}),
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      "passkey: a sign-in that is at the authenticator": byPasskey,
      ...ofNobodys,
    },
  },
  password_changed: {
    happens: ({ auth, own }) =>
      auth.flows.password.change({ current: ada.password, next: otherPassword }, { token: tokenOf(own) }),
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      "passkey: a sign-in that is at the authenticator": byPasskey,
      ...ofNobodys,
    },
  },
  email_changed: {
    async happens({ own, ...host }) {
      const token = await changeTokenOf(host, own)
      return host.auth.flows.email.confirmChange({ token }, { token: tokenOf(own) })
    },
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      "passkey: a sign-in that is at the authenticator": byPasskey,
    },
  },
  "email_changed, taken back": {
    async happens(host) {
      // What was there before the change stays.
      host.clock.advance(1)
      const another = host.browser()
      // Where the user has a second factor, the session that has shown it.
      const { ok } = await another.post("/auth/login", { json: ada })
      const token = await undoTokenOf(host, ok ? another : host.own)
      return host.auth.flows.email.undoChange({ token })
    },
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      "passkey: a sign-in that is at the authenticator": byPasskey,
    },
  },
  deactivated: {
    happens: ({ auth, own }) => auth.flows.deactivation.deactivate({ token: tokenOf(own) }),
    spares: {},
  },
  password_reset: {
    async happens(host) {
      await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
      const token = await resetTokenOf(host)
      return host.auth.flows.password.reset({ token, password: otherPassword })
    },
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      "passkey: a sign-in that is at the authenticator": byPasskey,
    },
  },
  identity_unlinked: {
    async happens({ auth, own, user }) {
      const [identity] = await auth.flows.oauth.identities(user.id)
      return auth.flows.oauth.unlink({ identity: identity?.id ?? "" }, { token: tokenOf(own) })
    },
    spares: {
      "passkey: a sign-in that is at the authenticator": byPasskey,
      ...ofNobodys,
    },
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
  "claimed, by a new password": {
    async happens(host) {
      const token = await resetTokenOf(host)
      return host.auth.flows.password.reset({ token, password: otherPassword })
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
  // By whoever is in: a thief's other device is out, and every way in asks for what the owner has enrolled.
  factor_changed: {
    async happens(host) {
      const held = await host.stores.credentials.listByUser(host.user.id)
      if (!held.some(({ kind }) => kind === "totp")) return enrolTotp(host, host.own)
      return post(host.own, "/auth/mfa/remove", { factor: "totp" })
    },
    spares: {
      "passkey: a sign-in that is at the authenticator":
        "a passkey whose authenticator has made sure of its user is two factors",
      ...ofNobodys,
    },
  },
  // Whoever has a passkey loses it, whoever has none gets one.
  "factor_changed, a passkey": {
    async happens(host) {
      const [passkey] = await host.auth.flows.passkey.passkeys(host.user.id)
      if (passkey) return post(host.own, "/auth/passkeys/remove", { passkey: passkey.id })
      return expect(await registered(host.own)).toBe("ok")
    },
    spares: {
      "oauth: a sign-in that is at the provider": byIdentity,
      ...ofNobodys,
    },
  },
  erased: {
    happens: ({ auth, user }) => auth.flows.account.erase(user.id),
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

/** Flows by which nobody gets in. A link that enables an account again opens nothing; deactivation.test.ts says what ends it. */
const noWayIn = ["deactivation", "account"]

test("every flow has kinds in the table", () => {
  const flows = new Set([...noWayIn, ...Object.keys(kinds).map((kind) => kind.split(":")[0])])
  expect(flows).toEqual(new Set(Object.keys(oauthApp(remote).auth.flows)))
})
