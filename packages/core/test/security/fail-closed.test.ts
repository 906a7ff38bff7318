import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { createAuth, opaque } from "../../src/index.js"
import { encryptedTokens } from "../../src/oauth.js"
import { password } from "../../src/password.js"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, app, appWithAda, origin, secret, signedIn } from "../app.js"
import { ground } from "../ground.js"
import { pathIn, settled } from "../magic-link/mail-app.js"
import { type AuthenticatorApp, authenticatorApp } from "../mfa/authenticator-app.js"
import { enrolTotp, withTotp } from "../mfa/mfa-app.js"
import { pendingIn, waysInto } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { depart, type OAuthHost, oauthApp, signInThrough, whoIs } from "../oauth/oauth-app.js"
import type { SoftwareAuthenticator } from "../passkey/authenticator.js"
import { authenticator, creationOptions, registered, requestOptions } from "../passkey/passkey-app.js"
import {
  changeTokenOf,
  type EveryFlow,
  everyFlow,
  mailed,
  newEmail,
  resetTokenOf,
  signedInByPassword,
  strategies,
  tokenMailed,
  tokenOf,
  undoTokenOf,
} from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const next = "a quite different phrase"
const kept = { oauth: { tokens: encryptedTokens() } }

/** A request that is ready to be sent. */
interface Way {
  readonly browser: TestClient
  readonly method: string
  readonly path: string
  readonly json?: object
  /** Sessions that somebody else has in the account: a claim is to end them. */
  readonly thief?: TestClient
}

async function byPassword(host: EveryFlow, method: string, path: string, json?: object): Promise<Way> {
  const browser = await signedInByPassword(host)
  return { browser, method, path, ...(json ? { json } : {}) }
}

/** Of a session that has to be renewed by now, or of which that is due to be written. */
async function later(host: EveryFlow, method: string, path: string, json?: object): Promise<Way> {
  const way = await byPassword(host, method, path, json)
  host.clock.advance(12 * 3_600_000)
  return way
}

/** Ada's browser as it comes back from the provider. */
async function back(host: EveryFlow, browser = host.browser(), link = false): Promise<Way> {
  const { parameters } = await depart(browser, remote, { link })
  return { browser, method: "GET", path: `/auth/oauth/remote/callback?${parameters}` }
}

const email = "new@example.com"

/** Every way to do something, by the name of its route; where the same route does several things, what it does stands behind. */
const ways: Readonly<Record<string, (host: EveryFlow) => Promise<Way>>> = {
  session: (host) => byPassword(host, "GET", "/auth/session"),
  refresh: (host) => byPassword(host, "POST", "/auth/refresh", {}),
  logout: (host) => byPassword(host, "POST", "/auth/logout", {}),
  sessions: (host) => byPassword(host, "GET", "/auth/sessions"),
  "refresh, after half a day": (host) => later(host, "POST", "/auth/refresh", {}),
  "session, after half a day": (host) => later(host, "GET", "/auth/session"),
  async endSession(host) {
    const way = await byPassword(host, "DELETE", "")
    const principal = await host.auth.sessions.read(tokenOf(way.browser))
    return { ...way, path: `/auth/sessions/${principal?.session.id}` }
  },
  endSessions: (host) => byPassword(host, "POST", "/auth/sessions/end", { session: "others" }),
  register: (host) => byPassword(host, "POST", "/auth/register", { email, password: next }),
  login: (host) => byPassword(host, "POST", "/auth/login", ada),
  changePassword: (host) =>
    byPassword(host, "POST", "/auth/password/change", { current_password: ada.password, new_password: next }),
  passwordForgot: async (host) => ({
    browser: host.browser(),
    method: "POST",
    path: "/auth/password/forgot",
    json: { email: ada.email },
  }),
  async passwordReset(host) {
    const token = await resetTokenOf(host)
    return byPassword(host, "GET", `/auth/password/reset?token=${token}`)
  },
  async passwordResetCheck(host) {
    const way = await byPassword(host, "GET", "/auth/password/reset/check")
    way.browser.cookies.set("__Host-password-reset", await resetTokenOf(host))
    return way
  },
  async "passwordReset, posted"(host) {
    await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
    const json = { token: await resetTokenOf(host), password: next }
    const thief = await signedInByPassword(host)
    return { ...(await byPassword(host, "POST", "/auth/password/reset", json)), thief }
  },
  async "passwordReset, of an account that nobody verified"(host) {
    const json = { token: await resetTokenOf(host), password: next }
    const thief = await signedInByPassword(host)
    return { ...(await byPassword(host, "POST", "/auth/password/reset", json)), thief }
  },
  oauthStart: (host) => byPassword(host, "POST", "/auth/oauth/remote", {}),
  oauthStartByLink: (host) => byPassword(host, "GET", "/auth/oauth/remote"),
  oauthStartLink: (host) => byPassword(host, "POST", "/auth/oauth/remote/link", {}),
  oauthCallback(host) {
    remote.user = { sub: "1", email, email_verified: true }
    return back(host)
  },
  async "oauthCallback, second login"(host) {
    remote.user = { sub: "1", email, email_verified: true }
    const browser = host.browser()
    await signInThrough(browser, remote)
    return back(host, browser)
  },
  "oauthCallback, of an account with this address": (host) => back(host),
  async "oauthCallback, link"(host) {
    return back(host, await signedInByPassword(host), true)
  },
  async "oauthCallback, link one's own again"(host) {
    const browser = await signedInByPassword(host)
    await signInThrough(browser, remote, { link: true })
    return back(host, browser, true)
  },
  async oauthPending(host) {
    const browser = host.browser()
    await signInThrough(browser, remote)
    return { browser, method: "GET", path: "/auth/oauth/pending" }
  },
  async oauthConfirm(host) {
    const browser = host.browser()
    await signInThrough(browser, remote)
    await signedInByPassword(host, browser)
    return { browser, method: "POST", path: "/auth/oauth/confirm", json: {} }
  },
  async oauthClaim(host) {
    const [browser, thief] = [host.browser(), await signedInByPassword(host)]
    await signInThrough(browser, remote)
    return { browser, thief, method: "POST", path: "/auth/oauth/claim", json: {} }
  },
  async oauthCancel(host) {
    const browser = host.browser()
    await signInThrough(browser, remote)
    return { browser, method: "POST", path: "/auth/oauth/cancel", json: {} }
  },
  oauthIdentities: (host) => byPassword(host, "GET", "/auth/oauth/identities"),
  async oauthUnlink(host) {
    const browser = await signedInByPassword(host)
    await signInThrough(browser, remote, { link: true })
    const [identity] = await host.auth.flows.oauth.identities(host.user.id)
    return { browser, method: "POST", path: "/auth/oauth/unlink", json: { identity: identity?.id } }
  },
  magicLink: (host) => byPassword(host, "POST", "/auth/magic-link", ada),
  "magicLink, of nobody": async (host) => ({
    browser: host.browser(),
    method: "POST",
    path: "/auth/magic-link",
    json: { email },
  }),
  async magicLinkConfirm(host) {
    const { browser, mail } = await mailed(host, host.browser(), { email })
    return { browser, method: "GET", path: pathIn(mail) }
  },
  async "magicLinkConfirm, of an account that nobody verified"(host) {
    const { browser, mail } = await mailed(host)
    return { browser, method: "GET", path: pathIn(mail) }
  },
  async "magicLinkConfirm, posted elsewhere"(host) {
    const { token } = await mailed(host, host.browser(), { email })
    return { browser: host.browser(), method: "POST", path: "/auth/magic-link/confirm", json: { token } }
  },
  async "magicLinkConfirm, second login"(host) {
    await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
    const { token } = await mailed(host)
    const browser = await signedInByPassword(host)
    return { browser, method: "POST", path: "/auth/magic-link/confirm", json: { token } }
  },
  async "magicLinkConfirm, claim"(host) {
    const [{ browser, token }, thief] = [await mailed(host), await signedInByPassword(host)]
    const json = { token, claim: true }
    return { browser, thief, method: "POST", path: "/auth/magic-link/confirm", json }
  },
  async "magicLinkConfirm, used"(host) {
    const { browser, mail, token } = await mailed(host, host.browser(), { email })
    await host.auth.flows.magicLink.confirm({ token })
    return { browser, method: "GET", path: pathIn(mail) }
  },
  async magicLinkCode(host) {
    const { browser, code } = await mailed(host, host.browser(), { email })
    return { browser, method: "POST", path: "/auth/magic-link/code", json: { code } }
  },
  async "magicLinkCode, wrong"(host) {
    const { browser } = await mailed(host, host.browser(), { email })
    return { browser, method: "POST", path: "/auth/magic-link/code", json: { code: "no code" } }
  },
  async "magicLinkCode, claim"(host) {
    const [{ browser, code }, thief] = [await mailed(host), await signedInByPassword(host)]
    const json = { code, claim: true }
    return { browser, thief, method: "POST", path: "/auth/magic-link/code", json }
  },
  accountExport: (host) => byPassword(host, "GET", "/auth/account/export"),
  async accountErase(host) {
    const thief = await signedInByPassword(host)
    return { ...(await byPassword(host, "DELETE", "/auth/account")), thief }
  },
  "accountErase, by POST": (host) => byPassword(host, "POST", "/auth/account/erase", {}),
  consents: (host) => byPassword(host, "GET", "/auth/consents"),
  consentsGive: (host) => byPassword(host, "POST", "/auth/consents", { purpose: "newsletter", version: "1" }),
  async consentsWithdraw(host) {
    await host.auth.flows.account.giveConsent(host.user.id, { purpose: "newsletter", version: "1" })
    return byPassword(host, "POST", "/auth/consents/withdraw", { purpose: "newsletter" })
  },
}

/** Second factors: who is asked, who steps up, who changes them. */
Object.assign(ways, {
  mfa: (host) => byPassword(host, "GET", "/auth/mfa"),
  async mfaBegin(host) {
    await host.stores.users.update(host.user.id, { emailVerifiedAt: 1 })
    await withTotp(host)
    const browser = await asked(host)
    return { browser, method: "POST", path: "/auth/mfa/begin", json: { factor: "email" } }
  },
  async mfaVerify(host) {
    const { app } = await withTotp(host)
    const browser = await asked(host)
    return { browser, method: "POST", path: "/auth/mfa/verify", json: { factor: "totp", code: app.code() } }
  },
  async "mfaVerify, with a recovery code"(host) {
    const [code] = (await withTotp(host)).codes
    const browser = await asked(host)
    return { browser, method: "POST", path: "/auth/mfa/verify", json: { factor: "recovery_code", code } }
  },
  async "mfaVerify, step-up"(host) {
    const { app, browser } = await strong(host)
    await browser.post("/auth/mfa/step-up", { json: {} })
    return { browser, method: "POST", path: "/auth/mfa/verify", json: { factor: "totp", code: app.code() } }
  },
  async mfaStepUp(host) {
    const { browser } = await strong(host)
    return { browser, method: "POST", path: "/auth/mfa/step-up", json: {} }
  },
  mfaEnrol: (host) => byPassword(host, "POST", "/auth/mfa/enrol", { factor: "totp" }),
  async mfaConfirm(host) {
    const way = await byPassword(host, "POST", "/auth/mfa/enrol/confirm")
    const { uri } = await (await way.browser.post("/auth/mfa/enrol", { json: { factor: "totp" } })).json()
    return { ...way, json: { factor: "totp", code: authenticatorApp(uri, host.clock).code() } }
  },
  async mfaRemove(host) {
    const { browser } = await strong(host)
    return { browser, method: "POST", path: "/auth/mfa/remove", json: { factor: "totp" } }
  },
  async mfaRecoveryCodes(host) {
    const { browser } = await strong(host)
    return { browser, method: "POST", path: "/auth/mfa/recovery-codes", json: {} }
  },
} satisfies typeof ways)

/** The address, and the account for a while. */
Object.assign(ways, {
  passwordConfirm: (host) => byPassword(host, "POST", "/auth/password/confirm", { password: ada.password }),
  emailVerifyRequest: (host) => byPassword(host, "POST", "/auth/email/verify/request", {}),
  async emailVerify(host) {
    await host.auth.flows.email.requestVerification({ userId: host.user.id })
    return byPassword(host, "GET", `/auth/email/verify?token=${await tokenMailed(host, "verify_email")}`)
  },
  async "emailVerify, posted"(host) {
    await host.auth.flows.email.requestVerification({ userId: host.user.id })
    const token = await tokenMailed(host, "verify_email")
    return byPassword(host, "POST", "/auth/email/verify", { token })
  },
  emailChange: (host) => byPassword(host, "POST", "/auth/email/change", { email: newEmail }),
  async emailConfirm(host) {
    const way = await byPassword(host, "GET", "")
    return { ...way, path: `/auth/email/confirm?token=${await changeTokenOf(host, way.browser)}` }
  },
  async "emailConfirm, posted"(host) {
    const [way, thief] = [
      await byPassword(host, "POST", "/auth/email/confirm"),
      await signedInByPassword(host),
    ]
    return { ...way, thief, json: { token: await changeTokenOf(host, way.browser) } }
  },
  async emailUndo(host) {
    const thief = await signedInByPassword(host)
    const path = `/auth/email/undo?token=${await undoTokenOf(host, thief)}`
    return { browser: host.browser(), thief, method: "GET", path }
  },
  async "emailUndo, posted"(host) {
    const thief = await signedInByPassword(host)
    const json = { token: await undoTokenOf(host, thief) }
    return { browser: host.browser(), thief, method: "POST", path: "/auth/email/undo", json }
  },
  async accountDeactivate(host) {
    const thief = await signedInByPassword(host)
    return { ...(await byPassword(host, "POST", "/auth/account/deactivate", {})), thief }
  },
  async accountReactivate(host) {
    const token = await deactivatedBy(host)
    return { browser: host.browser(), method: "GET", path: `/auth/account/reactivate?token=${token}` }
  },
  async "accountReactivate, posted"(host) {
    const json = { token: await deactivatedBy(host) }
    return { browser: host.browser(), method: "POST", path: "/auth/account/reactivate", json }
  },
} satisfies typeof ways)

/** Passkeys: made, used, renamed, removed. */
Object.assign(ways, {
  passkeyRegisterOptions: (host) => byPassword(host, "POST", "/auth/passkey/register/options", {}),
  async passkeyRegister(host) {
    const [way, thief] = [
      await byPassword(host, "POST", "/auth/passkey/register"),
      await signedInByPassword(host),
    ]
    return { ...way, thief, json: { response: authenticator().create(await creationOptions(way.browser)) } }
  },
  passkeySignInOptions: async (host) => ({
    browser: host.browser(),
    method: "POST",
    path: "/auth/passkey/sign-in/options",
    json: {},
  }),
  async passkeySignIn(host) {
    const { key } = await withPasskey(host)
    const browser = host.browser()
    const json = { response: key.get(await requestOptions(browser)) }
    return { browser, method: "POST", path: "/auth/passkey/sign-in", json }
  },
  async "passkeySignIn, by a copy"(host) {
    const { key } = await withPasskey(host, 9)
    const browser = host.browser()
    const json = { response: key.get(await requestOptions(browser), { counter: 1 }) }
    return { browser, method: "POST", path: "/auth/passkey/sign-in", json }
  },
  async passkeys(host) {
    return { browser: (await withPasskey(host)).browser, method: "GET", path: "/auth/passkeys" }
  },
  async passkeyRename(host) {
    const { browser, passkey } = await withPasskey(host)
    return { browser, method: "POST", path: "/auth/passkeys/rename", json: { passkey, name: "Two" } }
  },
  async passkeyRemove(host) {
    const { browser, passkey } = await withPasskey(host)
    const thief = await signedInByPassword(host)
    return { browser, thief, method: "POST", path: "/auth/passkeys/remove", json: { passkey } }
  },
} satisfies typeof ways)

/** Ada's browser, in which she has just added a passkey. */
async function withPasskey(
  host: EveryFlow,
  counter = 0,
): Promise<{ browser: TestClient; key: SoftwareAuthenticator; passkey: string }> {
  const browser = await signedInByPassword(host)
  const key = authenticator()
  await registered(browser, key, { lie: { counter } })
  return { browser, key, passkey: key.keys[0]?.id ?? "" }
}

/** Ada has deactivated her account; the token of the link that takes it back. */
async function deactivatedBy(host: EveryFlow): Promise<string> {
  const token = tokenOf(await signedInByPassword(host))
  await host.auth.flows.deactivation.deactivate({ token })
  return tokenMailed(host, "reactivate_account")
}

/** Ada's browser, that has said the password and is asked for more. */
async function asked(host: EveryFlow): Promise<TestClient> {
  const browser = host.browser()
  await browser.post("/auth/login", { json: ada })
  return browser
}

/** Ada's browser, in a session of two factors. */
async function strong(host: EveryFlow): Promise<{ browser: TestClient; app: AuthenticatorApp }> {
  const browser = await signedInByPassword(host)
  const { app } = await enrolTotp(host, browser)
  host.clock.advance(60_000)
  return { browser, app }
}

/** Which of these calls may fail without anybody noticing: a turn that is not given back ends by itself. */
function isTurnGivenBack({ method, slot }: StoreCall): boolean {
  return slot === "challenges" && method === "swap"
}

/** Who could get in before, and who can afterwards: by the cookies that they hold, and by what opens the accounts. */
interface Access {
  readonly own: string | undefined
  readonly thief: string | undefined
  readonly ways: Readonly<Record<string, readonly string[]>>
  /** Whose mailbox alone is enough. */
  readonly verified: readonly string[]
}

async function accessTo(host: OAuthHost, { browser, thief }: Way): Promise<Access> {
  const users = await host.stores.users.list({ limit: 9 })
  const all = await Promise.all(users.map(async ({ id }) => [id, await waysInto(host, id)] as const))
  return {
    own: await whoIs(browser),
    thief: thief && (await whoIs(thief)),
    ways: Object.fromEntries(all),
    verified: users.flatMap(({ emailVerifiedAt, id }) => (emailVerifiedAt === null ? [] : [id])),
  }
}

async function run(
  [strategy, name]: readonly [string, string],
  fails: (call: StoreCall) => boolean,
  moment: "before" | "after",
) {
  remote.reset()
  const sessions = strategies[strategy]?.() ?? opaque()
  const host = await everyFlow(remote, {}, { ...kept, sessions })
  const way = (await ways[name]?.(host)) ?? (await byPassword(host, "GET", "/"))
  const before = await accessTo(host, way)
  const { watched, calls } = ground.failing(host.stores, fails, { moment })
  const broken = oauthApp(remote, { ...kept, sessions, stores: watched, clock: host.clock })
  const { browser, json, method, path } = way
  const request = new Request(origin + path, {
    method,
    headers: {
      cookie: browser.cookieHeader(),
      origin,
      ...(json ? { "content-type": "application/json" } : {}),
    },
    ...(json ? { body: JSON.stringify(json) } : {}),
  })
  const answer = await broken.auth.handle(request, "192.0.2.1")
  return { host, way, before, broken, answer, calls }
}

const pairs = Object.keys(strategies).flatMap((strategy) =>
  Object.keys(ways).map((name) => [strategy, name] as const),
)

describe.each(pairs)("%s: %s: every store call fails in turn", (strategy, name) => {
  test.each(["before", "after"] as const)(
    "%s it takes effect: 503, no cookie, no driver message, and nobody can do more than before",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const { answer, before, broken, calls, host, way } = await run(
          [strategy, name],
          (call) => call.number === n,
          moment,
        )
        const call = calls[n - 1]
        if (!call) break
        failed++
        if (isTurnGivenBack(call)) continue
        expect([n, call, answer.status]).toEqual([n, call, 503])
        expect(answer.headers.getSetCookie()).toEqual([])
        const text = await answer.text()
        expect(text).not.toMatch(/Injected|store/i)
        expect(JSON.parse(text)).toMatchObject({ reason: "unavailable", status: 503 })
        expect(broken.faults).toHaveLength(1)
        await settled()
        expect(broken.mails).toEqual([])
        expectNoMore(name, call, before, await accessTo(host, way))
        ground.leave(host.stores)
      }
      expect(failed).toBeGreaterThan(0)
    },
    60_000,
  )
})

function expectNoMore(name: string, call: StoreCall, before: Access, after: Access): void {
  expect([call, [before.own, undefined]]).toEqual([call, expect.arrayContaining([after.own])])
  expect([call, [before.thief, undefined]]).toEqual([call, expect.arrayContaining([after.thief])])
  const added = Object.entries(after.ways).flatMap(([id, all]) =>
    all.filter((one) => !before.ways[id]?.includes(one)),
  )
  // What was proven before the step began to write may be there, whole, though its answer was lost.
  const mayAdd = {
    register: ["password"],
    oauthCallback: [identity("1")],
    passkeyRegister: ["passkey"],
    // They open nothing by themselves.
    mfaConfirm: ["totp", "recovery_code"],
  }[name]
  const links = /link$|Confirm|Claim/.test(name) ? [identity(remote.user.sub)] : []
  expect([call, mayAdd ?? links]).toEqual([call, expect.arrayContaining(added)])
  // Of an account that is being claimed nobody has a part.
  if (name === "oauthClaim" && added.length > 0)
    expect([after.ways, after.thief]).toEqual([expect.anything(), undefined])
  if (name === "oauthClaim" && added.length > 0) expect(Object.values(after.ways)).toEqual([added])
  // By mail it is the owner's without one: so nothing from before may be left when it counts as verified.
  if (/^magicLink.*claim$/.test(name) && after.verified.length > 0)
    expect([call, after.ways, after.thief]).toEqual([call, { [after.verified[0] ?? ""]: [] }, undefined])
}

function identity(sub: string): string {
  return `identity ${remote.issuer}|${sub}`
}

describe("what is no route", () => {
  test("accessToken, fresh and about to end: every store call fails in turn, and the caller hears of it", async () => {
    for (const wait of [0, 3_580_000]) {
      for (const moment of ["before", "after"] as const) {
        for (let n = 1; ; n++) {
          const host = await everyFlow(remote, {}, kept)
          const browser = await signedInByPassword(host)
          await signInThrough(browser, remote, { link: true })
          host.clock.advance(wait)
          const { watched, calls } = failingStores(host.stores, ({ number }) => number === n, { moment })
          const broken = oauthApp(remote, { ...kept, stores: watched, clock: host.clock })
          const asked = broken.auth.flows.oauth.accessToken(host.user.id, "remote")
          const outcome = await asked.catch((fault: unknown) => fault)
          const call = calls[n - 1]
          if (!call) break
          if (!isTurnGivenBack(call)) expect([call, outcome]).toMatchObject([call, { code: "ERR_STORE" }])
        }
      }
    }
  })

  test.each([
    "start",
    "startLink",
    "callback",
    "pending",
    "confirm",
    "claim",
    "cancel",
    "identities",
    "unlink",
  ] as const)("%s rejects while no store answers: it never says no, and never yes", async (step) => {
    const host = await everyFlow(remote)
    const browser = await signedInByPassword(host)
    const { parameters } = await depart(browser, remote)
    const { watched } = failingStores(host.stores, () => true)
    const { oauth } = oauthApp(remote, { stores: watched, clock: host.clock }).auth.flows
    const context = { token: tokenOf(browser) }
    const binding = browser.cookies.get("__Host-oauth")
    const visitor = host.browser()
    await signInThrough(visitor, remote)
    const waiting = pendingIn(visitor)
    const calls = {
      start: () => oauth.start({ provider: "remote" }, context),
      startLink: () => oauth.startLink({ provider: "remote" }, context),
      callback: () => oauth.callback({ provider: "remote", parameters, binding }, context),
      pending: () => oauth.pending(waiting),
      confirm: () => oauth.confirm(waiting, context),
      claim: () => oauth.claim(waiting),
      cancel: () => oauth.cancel(waiting),
      identities: () => oauth.identities(host.user.id),
      unlink: () => oauth.unlink({ identity: "x" }, context),
    }
    await expect(calls[step]()).rejects.toMatchObject({ code: "ERR_STORE" })
  })

  test.each(["start", "peek", "confirm", "confirmCode"] as const)(
    "magicLink.%s rejects while no store answers",
    async (step) => {
      const host = await everyFlow(remote)
      const { attempt, browser, code, token } = await mailed(host)
      const { watched } = failingStores(host.stores, () => true)
      const { magicLink } = oauthApp(remote, { stores: watched, clock: host.clock }).auth.flows
      const calls = {
        start: () => magicLink.start({ email, locale: "en" }),
        peek: () => magicLink.peek({ token, browser: browser.cookies.get("__Host-magic-link") }),
        confirm: () => magicLink.confirm({ token }),
        confirmCode: () => magicLink.confirmCode({ attempt, code }),
      }
      await expect(calls[step]()).rejects.toMatchObject({ code: "ERR_STORE" })
    },
  )

  test.each(["link_invalid", "link_expired"])(
    "of a link that is none (%s) no store is asked",
    async (reason) => {
      const host = await everyFlow(remote)
      const { token } = await mailed(host)
      host.clock.advance(reason === "link_expired" ? 600_000 : 0)
      const { watched, calls } = failingStores(host.stores, () => true)
      const { magicLink } = oauthApp(remote, { stores: watched, clock: host.clock }).auth.flows
      const shown = reason === "link_invalid" ? `${token}x` : token
      expect(await magicLink.peek({ token: shown })).toEqual({ ok: false, reason })
      expect(calls).toEqual([])
    },
  )
})

/** What a host hangs into sign-in by mail must not open a door by failing. */
describe("a hook of the host's", () => {
  const boom = new Error("boom")
  const hangs = () => new Promise<never>(() => {})
  const throws = () => {
    throw boom
  }
  const never = Symbol("never")
  const orNever = (answer: Promise<Response>) =>
    Promise.race([answer, new Promise<typeof never>((resolve) => setTimeout(resolve, 50, never))])

  test.each<[string, () => Promise<boolean> | boolean]>([
    ["throws", throws],
    ["rejects", () => Promise.reject(boom)],
  ])("admit that %s lets nobody in, and the fault is reported", async (_, admit) => {
    const host = oauthApp(remote, { magicLink: { admit } })
    const { browser, mail } = await mailed(host)
    const answer = await browser.get(pathIn(mail))
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []])
    expect(await host.stores.users.list({ limit: 9 })).toEqual([])
    expect(host.faults).toEqual([boom])
  })

  test("admit that never answers lets nobody in, and holds up nobody else", async () => {
    let first = true
    const admit = (): Promise<boolean> | boolean => {
      if (!first) return true
      first = false
      return hangs()
    }
    const host = oauthApp(remote, { magicLink: { admit } })
    const [one, other] = [await mailed(host), await mailed(host, host.browser(), { email })]
    expect(await orNever(one.browser.get(pathIn(one.mail)))).toBe(never)
    expect(await host.stores.users.list({ limit: 9 })).toEqual([])
    expect((await other.browser.get(pathIn(other.mail))).status).toBe(303)
    expect(await whoIs(one.browser)).toBeUndefined()
  })

  test.each<[string, () => Promise<unknown>, readonly unknown[]]>([
    ["throws", throws, [boom]],
    ["rejects", () => Promise.reject(boom), [boom]],
    ["never answers", hangs, []],
  ])("send that %s changes nothing of the answer", async (_, send, faults) => {
    const bytesOf = async (magicLink: object): Promise<string> => {
      const host = oauthApp(remote, { magicLink })
      const answer = await host.browser().post("/auth/magic-link", { form: { email } })
      await settled()
      expect(host.faults).toEqual("send" in magicLink ? faults : [])
      return `${answer.status} ${answer.headers.get("location")} ${await answer.text()}`
    }
    expect(await bytesOf({ send })).toBe(await bytesOf({}))
  })

  test("metadata that throws sends no mail", async () => {
    const host = oauthApp(remote, { magicLink: { metadata: throws } })
    const answer = await host.browser().post("/auth/magic-link", { json: { email } })
    await settled()
    expect([answer.status, answer.headers.getSetCookie(), host.mails]).toEqual([500, [], []])
    expect(host.faults).toEqual([boom])
  })

  test("page that throws is reported, and the plain one asks: nothing is used up, and nobody is signed in", async () => {
    const host = oauthApp(remote, { magicLink: { page: throws } })
    const { browser, mail } = await mailed(host)
    const shown = await host.browser().get(pathIn(mail))
    expect([shown.status, shown.headers.getSetCookie()]).toEqual([200, []])
    expect(await shown.text()).toContain("<form ")
    expect(host.faults).toEqual([boom])
    expect(await host.stores.users.list({ limit: 9 })).toEqual([])
    expect((await browser.get(pathIn(mail))).status).toBe(303)
  })
})

describe("guards", () => {
  test("no store, no principal: authenticate rejects, it does not answer nobody", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const { watched } = failingStores(host.stores, () => true)
    const broken = app({ stores: watched, clock: host.clock })
    const incoming = {
      method: "GET",
      target: "/",
      header: (name: string) => (name === "cookie" ? browser.cookieHeader() : null),
    }
    await expect(broken.auth.authenticate(incoming)).rejects.toMatchObject({ code: "ERR_STORE" })
  })

  test("a listener that throws fails the request", async () => {
    const host = await appWithAda()
    const auth = createAuth({
      origin,
      secret,
      stores: host.stores,
      sessions: opaque(),
      flows: { password: password({ hasher: host.hasher }) },
      clock: host.clock,
      on: () => {
        throw new Error("log is full")
      },
      onFault: () => {},
    })
    const request = new Request("https://app.example.com/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ada),
    })
    const answer = await auth.handle(request)
    expect(answer.status).toBe(500)
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

test("every route is in the table", () => {
  const names = oauthApp(remote).auth.routes.map(({ name }) => name)
  expect(new Set(Object.keys(ways).map((name) => name.split(",")[0]))).toEqual(new Set(names))
})
