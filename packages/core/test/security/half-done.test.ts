/** What is left behind when a step breaks off, and when two steps meet: never a session that should have ended. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import {
  createAuth,
  opaque,
  type SessionRecord,
  type SessionStore,
  type SessionStrategy,
} from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, app, appWithAda, eve, origin, secret, signedIn } from "../app.js"
import { type AuthenticatorApp, authenticatorApp } from "../mfa/authenticator-app.js"
import { enrolTotp, post, refusalOf, withTotp } from "../mfa/mfa-app.js"
import { pendingIn, waysInto } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { depart, type OAuthHost, oauthApp, signInThrough, whoIs } from "../oauth/oauth-app.js"
import { authenticator, creationOptions, registered, signedInBy } from "../passkey/passkey-app.js"
import {
  bindingOf,
  type EveryFlow,
  everyFlow,
  type Mailed,
  mailed,
  resetTokenOf,
  signedInByPassword,
  strategies,
  tokenOf,
} from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const next = "a quite different phrase"
const owner = { sub: "1", email: ada.email, email_verified: true }

/** Somebody who has the account, and a thief who has a session in it. */
interface Scene extends EveryFlow {
  readonly sessions: SessionStrategy
  readonly own: TestClient
  readonly thief: TestClient
  /** What the owner was mailed, where they were. */
  readonly mail?: Mailed
  /** The token of the link under which the owner chooses another password. */
  readonly reset?: string
  /** The owner's app. */
  readonly app?: AuthenticatorApp
  /** What the owner's authenticator has made. */
  readonly made?: unknown
}

/** Both came by the password. */
async function bothByPassword(host: EveryFlow): Promise<Omit<Scene, "sessions">> {
  return { ...host, own: await signedInByPassword(host), thief: await signedInByPassword(host) }
}

/** What throws a thief out: how it begins, the step, and whether any of it happened. */
interface Ending {
  readonly scene: (host: EveryFlow) => Promise<Omit<Scene, "sessions">>
  readonly step: (auth: OAuthHost["auth"], scene: Scene) => Promise<unknown>
  readonly happened: (scene: Scene) => Promise<boolean>
}

const passwordIsAnother = async ({ clock, stores }: Scene): Promise<boolean> =>
  !(await oauthApp(remote, { stores, clock }).auth.flows.password.signIn(ada)).ok

const endings: Readonly<Record<string, Ending>> = {
  "a change of password": {
    scene: bothByPassword,
    step: ({ flows }, { own }) =>
      flows.password.change({ current: ada.password, next }, { token: tokenOf(own) }),
    happened: passwordIsAnother,
  },
  "a new password": {
    scene: bothByPassword,
    step: ({ flows }, { user }) => flows.password.set(user.id, next),
    happened: passwordIsAnother,
  },
  disabling: {
    scene: bothByPassword,
    step: ({ users }, { user }) => users.disable(user.id),
    happened: async ({ stores, user }) => (await stores.users.find(user.id))?.disabledAt !== null,
  },
  "an unlink": {
    async scene(host) {
      const [own, thief] = [await signedInByPassword(host), host.browser()]
      remote.user = { sub: "666", email: "eve@example.com", email_verified: true }
      await signInThrough(own, remote, { link: true })
      await signInThrough(thief, remote)
      return { ...host, own, thief }
    },
    async step({ flows }, { auth, own, user }) {
      const [identity] = await auth.flows.oauth.identities(user.id)
      return flows.oauth.unlink({ identity: identity?.id ?? "" }, { token: tokenOf(own) })
    },
    happened: async (scene) =>
      !(await waysInto(scene, scene.user.id)).some((way) => way.startsWith("identity")),
  },
  "a claim": {
    async scene(host) {
      const [own, thief] = [host.browser(), await signedInByPassword(host)]
      remote.user = owner
      await signInThrough(own, remote)
      return { ...host, own, thief }
    },
    step: ({ flows }, { own }) => flows.oauth.claim(pendingIn(own)),
    happened: async (scene) => (await waysInto(scene, scene.user.id)).join() !== "password",
  },
  "a reset of the password": {
    async scene(host) {
      await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
      return byReset(host)
    },
    step: ({ flows }, { reset }) => flows.password.reset({ token: reset, password: next }),
    happened: passwordIsAnother,
  },
  "a claim by a reset of the password": {
    scene: byReset,
    step: ({ flows }, { reset }) => flows.password.reset({ token: reset, password: next }),
    happened: async (scene) =>
      (await passwordIsAnother(scene)) ||
      (await scene.stores.users.find(scene.user.id))?.emailVerifiedAt !== null,
  },
  "a claim by mail": {
    scene: byMail,
    step: ({ flows }, { mail }) => flows.magicLink.confirm({ token: mail?.token, claim: true }),
    happened: isVerifiedOrEmpty,
  },
  "a claim by a code": {
    scene: byMail,
    step: ({ flows }, { mail }) =>
      flows.magicLink.confirmCode({ code: mail?.code ?? "", attempt: mail?.attempt, claim: true }),
    happened: isVerifiedOrEmpty,
  },
  "an enrolment of a second factor": {
    async scene(host) {
      const both = await bothByPassword(host)
      return { ...both, app: await pendingApp(host, both.own) }
    },
    step: ({ flows }, { app, own }) =>
      flows.mfa.confirmEnrolment({ factor: "totp", answer: app?.code() ?? "" }, { token: tokenOf(own) }),
    happened: hasApp,
  },
  "a removal of a second factor": {
    async scene(host) {
      const own = await signedInByPassword(host)
      const { app } = await enrolTotp(host, own)
      host.clock.advance(30_000)
      const thief = host.browser()
      await thief.post("/auth/login", { json: ada })
      await post(thief, "/auth/mfa/verify", { factor: "totp", code: app.code() })
      return { ...host, own, thief }
    },
    step: ({ flows }, { own }) => flows.mfa.remove({ factor: "totp" }, { token: tokenOf(own) }),
    happened: async (scene) => !(await hasApp(scene)),
  },
  "a new passkey": {
    async scene(host) {
      const both = await bothByPassword(host)
      return { ...both, made: authenticator().create(await creationOptions(both.own)) }
    },
    step: ({ flows }, { made, own }) => flows.passkey.register({ response: made }, { token: tokenOf(own) }),
    happened: hasPasskey,
  },
  "a removal of a passkey": {
    async scene(host) {
      const [own, thief] = [await signedInByPassword(host), host.browser()]
      const key = authenticator()
      expect(await registered(own, key)).toBe("ok")
      expect(await signedInBy(thief, key)).toBe("ok")
      return { ...host, own, thief }
    },
    async step({ flows }, { auth, own, user }) {
      const [passkey] = await auth.flows.passkey.passkeys(user.id)
      return flows.passkey.remove({ passkey: passkey?.id ?? "" }, { token: tokenOf(own) })
    },
    happened: async (scene) => !(await hasPasskey(scene)),
  },
}

/** The app that the owner has just been shown: nothing counts before its code was said. */
async function pendingApp(host: EveryFlow, own: TestClient): Promise<AuthenticatorApp> {
  const { uri } = await post(own, "/auth/mfa/enrol", { factor: "totp" })
  return authenticatorApp(`${uri}`, host.clock)
}

async function hasApp({ stores, user }: Pick<EveryFlow, "stores" | "user">): Promise<boolean> {
  return (await stores.credentials.find("totp", user.id)) !== undefined
}

async function hasPasskey({ auth, user }: EveryFlow): Promise<boolean> {
  return (await auth.flows.passkey.passkeys(user.id)).length > 0
}

async function byReset(host: EveryFlow): Promise<Omit<Scene, "sessions">> {
  return { ...(await bothByPassword(host)), reset: await resetTokenOf(host) }
}

async function byMail(host: EveryFlow): Promise<Omit<Scene, "sessions">> {
  const mail = await mailed(host)
  return { ...host, mail, own: mail.browser, thief: await signedInByPassword(host) }
}

async function isVerifiedOrEmpty({ stores, user }: Scene): Promise<boolean> {
  const verified = (await stores.users.find(user.id))?.emailVerifiedAt !== null
  const ways = await waysInto({ stores }, user.id)
  // The mailbox opens a verified account, so nothing else may.
  expect([verified, ways]).not.toEqual([true, ["password"]])
  return verified || ways.length === 0
}

const pairs = Object.keys(strategies).flatMap((kept) =>
  Object.keys(endings).map((name) => [kept, name] as const),
)

describe.each(pairs)("%s: %s breaks off", (kept, name) => {
  const ending = endings[name] as Ending
  const started = async (): Promise<Scene> => {
    const sessions = strategies[kept]?.() ?? opaque()
    return { ...(await ending.scene(await everyFlow(remote, {}, { sessions }))), sessions }
  }

  test.each(["before", "after"] as const)(
    "at any store call, %s it took effect: the thief is out, or nothing happened",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const scene = await started()
        const fails = (call: StoreCall): boolean => call.number === n
        const { watched, calls } = failingStores(scene.stores, fails, { moment })
        const { clock, sessions } = scene
        const broken = oauthApp(remote, { stores: watched, clock, sessions })
        await ending.step(broken.auth, scene).catch(() => {})
        if (calls.length < n) break
        failed++
        const call = calls[n - 1]
        // If the sessions themselves cannot be ended, the caller hears of it and must repeat it.
        if (call?.method === "deleteByUser" && call.slot === "sessions" && moment === "before") continue
        const alive = (await scene.auth.sessions.read(tokenOf(scene.thief))) !== undefined
        expect([call, (await ending.happened(scene)) && alive]).toEqual([call, false])
      }
      expect(failed).toBeGreaterThan(3)
    },
    60_000,
  )

  test("because the listener throws: the thief is out", async () => {
    const scene = await started()
    const deaf = oauthApp(remote, {
      stores: scene.stores,
      clock: scene.clock,
      sessions: scene.sessions,
      on: () => Promise.reject(new Error("log is full")),
    })
    await expect(ending.step(deaf.auth, scene)).rejects.toThrow("log is full")
    expect(await scene.auth.sessions.read(tokenOf(scene.thief))).toBeUndefined()
  })
})

/** What broke off must not shut out whoever it was for: they come again, a little later, and get in. */
describe("whoever was on the way in comes again", () => {
  const newcomer = { sub: "7", email: "new@example.com", email_verified: true }

  /** A turn that died with its process, and a reservation, have ended by then. */
  const later = 60_001

  /** The attempt over these stores, and the account that it is about. */
  type Attempt = (host: EveryFlow) => Promise<(auth: OAuthHost["auth"]) => Promise<unknown>>

  const attempts: Readonly<Record<string, Attempt>> = {
    async "a first login"(host) {
      remote.user = newcomer
      const browser = host.browser()
      const { parameters } = await depart(browser, remote)
      const input = { provider: "remote", parameters, binding: bindingOf(browser) }
      return ({ flows }) => flows.oauth.callback(input)
    },
    async "a claim"(host) {
      remote.user = owner
      const browser = host.browser()
      await signInThrough(browser, remote)
      return ({ flows }) => flows.oauth.claim(pendingIn(browser))
    },
    async "a first login by mail"(host) {
      remote.user = newcomer
      const { token } = await mailed(host, host.browser(), { email: newcomer.email })
      return ({ flows }) => flows.magicLink.confirm({ token })
    },
    async "a claim by mail"(host) {
      remote.user = owner
      const { token } = await mailed(host)
      return ({ flows }) => flows.magicLink.confirm({ token, claim: true })
    },
  }

  /** Comes again, and answers the browser and the ways in that there must be then. */
  type Return = (host: EveryFlow) => Promise<readonly [TestClient, readonly string[]]>

  const returns: Readonly<Record<string, Return>> = {
    async "through the provider"(host) {
      const browser = host.browser()
      const location = await signInThrough(browser, remote)
      if (location !== "/workspace") {
        expect(location).toBe("/link-account?provider=remote")
        expect((await browser.post("/auth/oauth/claim", { json: {} })).status).toBe(200)
      }
      return [browser, [`identity ${remote.issuer}|${remote.user.sub}`]]
    },
    async "by mail"(host) {
      const { browser, token } = await mailed(host, host.browser(), { email: remote.user.email })
      const peeked = await host.auth.flows.magicLink.peek({ token })
      const claim = peeked.ok && peeked.claimRequired
      const user = await host.stores.users.findByEmail(remote.user.email ?? "")
      const before = user && !claim ? await waysInto(host, user.id) : []
      const answer = await browser.post("/auth/magic-link/confirm", { json: { token, claim } })
      expect(answer.status).toBe(200)
      return [browser, before]
    },
  }

  /** Each attempt and each way to come again after it. A verified account is not claimed, so what mail has begun mail goes on with. */
  const rounds = Object.keys(attempts).flatMap((name) =>
    Object.keys(returns)
      .filter((again) => again === "by mail" || !name.endsWith("by mail"))
      .map((again) => [name, again] as const),
  )

  async function expectIn(host: EveryFlow, again: string, at: unknown): Promise<void> {
    host.clock.advance(later)
    const back = returns[again]?.(host).catch((fault: unknown) => {
      throw new Error(`after ${JSON.stringify(at)}`, { cause: fault })
    })
    const [browser, ways] = (await back) ?? [host.browser(), []]
    expect([at, await whoIs(browser)]).toEqual([at, expect.any(String)])
    const { email } = remote.user
    const user = await host.stores.users.findByEmail(email ?? "")
    expect([at, await whoIs(browser)]).toEqual([at, user?.id])
    expect((await host.stores.users.list({ limit: 9 })).length).toBe(email === ada.email ? 1 : 2)
    expect([at, await waysInto(host, user?.id ?? "")]).toEqual([at, ways])
    if (again === "by mail") expect([at, user?.emailVerifiedAt]).toEqual([at, expect.any(Number)])
  }

  test.each(rounds)(
    "after %s that broke off at any store call, or died there: %s",
    async (name, again) => {
      for (const kind of ["before", "after", "died"] as const) {
        for (let n = 1; ; n++) {
          remote.reset()
          const host = await everyFlow(remote)
          const attempt = await attempts[name]?.(host)
          const moment = kind === "after" ? "after" : "before"
          const fails = ({ number }: StoreCall): boolean => (kind === "died" ? number >= n : number === n)
          const { watched, calls } = failingStores(host.stores, fails, { moment })
          await attempt?.(oauthApp(remote, { stores: watched, clock: host.clock }).auth).catch(() => {})
          if (calls.length < n) break
          await expectIn(host, again, [kind, n, calls[n - 1]])
        }
      }
    },
    60_000,
  )

  test.each(rounds)(
    "after %s of which nothing could be told: %s",
    async (name, again) => {
      for (let n = 1; ; n++) {
        remote.reset()
        const host = await everyFlow(remote)
        const attempt = await attempts[name]?.(host)
        let told = 0
        const on = (): void => {
          told++
          if (told === n) throw new Error("log is full")
        }
        const { clock, stores } = host
        await attempt?.(oauthApp(remote, { stores, clock, on }).auth).catch(() => {})
        if (told < n) break
        await expectIn(host, again, n)
      }
    },
    60_000,
  )
})

/** Whoever has a second factor, gets one, loses one, or comes by the mailbox: what breaks off opens nothing, and they finish it a little later. */
describe("a user with a second factor goes on", () => {
  /** A step over these stores; what there must be when it was taken once more; and the app, whether it is in force or not. */
  interface Attempt {
    readonly step: (auth: OAuthHost["auth"]) => Promise<unknown>
    readonly app: AuthenticatorApp
    /** In a browser that is signed in with whatever the user has by then. */
    readonly again: (browser: TestClient) => Promise<unknown>
    readonly enrolled: boolean
    /** How many sessions there may be without anybody's having come again. */
    readonly sessions: number
  }

  async function answered(host: EveryFlow, codeOf: (app: AuthenticatorApp) => string) {
    const { app } = await withTotp(host)
    const browser = host.browser()
    expect((await browser.post("/auth/login", { json: ada })).status).toBe(401)
    const [challenge, answer] = [browser.cookies.get("__Host-mfa"), codeOf(app)]
    return {
      app,
      enrolled: true,
      step: ({ flows }: OAuthHost["auth"]) => flows.mfa.verify({ challenge, factor: "totp", answer }),
      again: async () => {},
    }
  }

  const attempts: Readonly<Record<string, (host: EveryFlow) => Promise<Attempt>>> = {
    "the right code": async (host) => ({ ...(await answered(host, (app) => app.code())), sessions: 1 }),
    // One of six digits that none of the steps around now has.
    "a wrong code": async (host) => ({
      ...(await answered(host, (app) => {
        const right = [-2, -1, 0, 1, 2].map((steps) => app.code(steps))
        return ["000000", "111111", "222222"].find((code) => !right.includes(code)) ?? ""
      })),
      sessions: 0,
    }),
    async "an enrolment"(host) {
      const own = await signedInByPassword(host)
      const app = await pendingApp(host, own)
      const answer = app.code()
      return {
        ...{ app, enrolled: true, sessions: 1 },
        step: ({ flows }) => flows.mfa.confirmEnrolment({ factor: "totp", answer }, { token: tokenOf(own) }),
        again: async (browser) => (await hasApp(host)) || enrolTotp(host, browser),
      }
    },
    async "a removal"(host) {
      const own = await signedInByPassword(host)
      const { app } = await enrolTotp(host, own)
      return {
        ...{ app, enrolled: false, sessions: 1 },
        step: ({ flows }) => flows.mfa.remove({ factor: "totp" }, { token: tokenOf(own) }),
        again: async (browser) =>
          (await hasApp(host)) && post(browser, "/auth/mfa/remove", { factor: "totp" }),
      }
    },
    async "a reset of the password"(host) {
      const { app } = await withTotp(host)
      const token = await resetTokenOf(host)
      return {
        ...{ app, enrolled: true, sessions: 0 },
        step: ({ flows }) => flows.password.reset({ token, password: next }),
        again: async () => {},
      }
    },
  }

  /** By the password, and by the code where it is asked for. */
  async function signsIn(host: EveryFlow, { app }: Attempt, password: string): Promise<TestClient> {
    const browser = host.browser()
    const answer = await browser.post("/auth/login", { json: { ...ada, password } })
    if (answer.ok) return browser
    expect(await refusalOf(answer)).toEqual([401, "mfa_required"])
    await post(browser, "/auth/mfa/verify", { factor: "totp", code: app.code() })
    return browser
  }

  /** A password alone, the one before or the new one, opens nothing. */
  async function expectAsked(host: EveryFlow, at: unknown): Promise<void> {
    for (const password of [ada.password, next]) {
      const stranger = host.browser()
      await stranger.post("/auth/login", { json: { ...ada, password } })
      expect([at, await whoIs(stranger)]).toEqual([at, undefined])
    }
  }

  const rounds = Object.keys(attempts).flatMap((name) =>
    (["before", "after", "died"] as const).map((kind) => [name, kind] as const),
  )

  test.each(rounds)(
    "%s, any store call of which fails (%s)",
    async (name, kind) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const host = await everyFlow(remote, { verified: true })
        const attempt = (await attempts[name]?.(host)) as Attempt
        const hadApp = await hasApp(host)
        const moment = kind === "after" ? "after" : "before"
        const fails = ({ number }: StoreCall): boolean => (kind === "died" ? number >= n : number === n)
        const { watched, calls } = failingStores(host.stores, fails, { moment })
        await attempt.step(oauthApp(remote, { stores: watched, clock: host.clock }).auth).catch(() => {})
        if (calls.length < n) break
        failed++
        const at = [n, calls[n - 1]]
        expect([at, (await host.auth.sessions.list(host.user.id)).length <= attempt.sessions]).toEqual([
          at,
          true,
        ])
        // An app that is there is asked for, and goes only by what removes it.
        if (hadApp && name !== "a removal") expect([at, await hasApp(host)]).toEqual([at, true])
        if (await hasApp(host)) await expectAsked(host, at)
        host.clock.advance(60_001)
        let password = ada.password
        if (name === "a reset of the password") {
          password = next
          const token = await resetTokenOf(host)
          expect([at, await host.auth.flows.password.reset({ token, password })]).toEqual([at, { ok: true }])
        }
        const browser = await signsIn(host, attempt, password).catch((fault: unknown) => {
          throw new Error(`after ${JSON.stringify(at)}`, { cause: fault })
        })
        expect([at, await whoIs(browser)]).toEqual([at, host.user.id])
        await attempt.again(browser)
        expect([at, await hasApp(host)]).toEqual([at, attempt.enrolled])
        expect([at, await whoIs(browser)]).toEqual([at, host.user.id])
      }
      expect(failed).toBeGreaterThan(5)
    },
    120_000,
  )
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
    const sessions: SessionStore = {
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

  test.each(["users", "credentials", "the hasher"])("the same at a change of password: %s", async (down) => {
    const host = await appWithAda()
    const signIn = await host.auth.flows.password.signIn(ada)
    const token = signIn.ok ? signIn.session.token : ""
    const fails = () => Promise.reject(new Error("down"))
    const hasher = { ...testHasher(), read: () => ({ outdated: false, verify: fails }) }
    const { users, credentials } = host.stores
    const broken = app({
      stores: {
        ...host.stores,
        ...(down === "users" && { users: { ...users, find: fails } }),
        ...(down === "credentials" && { credentials: { ...credentials, find: fails } }),
      },
      clock: host.clock,
      ...(down === "the hasher" && { hasher }),
    })
    const input = { current: ada.password, next }
    for (let n = 0; n < 6; n++)
      await expect(broken.auth.flows.password.change(input, { token })).rejects.toThrow()
    expect((await host.auth.flows.password.change(input, { token })).ok).toBe(true)
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
  test("failures in one count in the other: a second realm gives no second row of tries", async () => {
    const admin = await appWithAda({ auth: { realm: "admin" } })
    const shop = app({ stores: admin.stores, clock: admin.clock, auth: { realm: "shop" } })
    for (const { auth } of [admin, shop, admin, shop, admin]) {
      await auth.flows.password.signIn({ ...ada, password: "wrong" })
    }
    expect((await shop.auth.flows.password.signIn(ada)).ok).toBe(false)
    admin.clock.advance(31_000)
    expect((await shop.auth.flows.password.signIn(ada)).ok).toBe(true)
    expect((await admin.auth.flows.password.signIn(ada)).ok).toBe(true)
  })

  test("a new account is not entered with a password that lies under its id", async () => {
    const clock = adjustableClock(0)
    // Of a store that takes a credential of nobody, as one database for each would.
    const host = app({ clock, stores: memoryStores({ clock }) })
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
    const sessions: SessionStore = {
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
