/** Whoever waits in vain for their turn to change the ways into an account gets an error, and what they came with is good for another try. Nor is it used up for nothing, or by another. */
import { afterAll, beforeEach, expect, test } from "vitest"
import { type Outcome, StoreError } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { ada } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { authenticatorApp } from "../mfa/authenticator-app.js"
import { post } from "../mfa/mfa-app.js"
import { pendingIn } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { signInThrough } from "../oauth/oauth-app.js"
import { withTurns } from "../turns.js"
import {
  changeTokenOf,
  type EveryFlow,
  everyFlow,
  mailed,
  resetTokenOf,
  signedInByPassword,
  tokenMailed,
  tokenOf,
  undoTokenOf,
} from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

/** All up to the step that takes its turn, and that step. */
type Use = (host: EveryFlow) => Promise<() => Promise<Outcome>>

const uses: Readonly<Record<string, Use>> = {
  async "a link that proves an address"(host) {
    const { email } = host.auth.flows
    await email.requestVerification({ userId: host.user.id })
    const token = await tokenMailed(host, "verify_email")
    return () => email.verify({ token })
  },
  async "a link that changes the address"(host) {
    const browser = await signedInByPassword(host)
    const token = await changeTokenOf(host, browser)
    return () => host.auth.flows.email.confirmChange({ token }, { token: tokenOf(browser) })
  },
  async "a link that takes the change back"(host) {
    const token = await undoTokenOf(host, await signedInByPassword(host))
    return () => host.auth.flows.email.undoChange({ token })
  },
  async "a link under which a password is chosen"(host) {
    const token = await resetTokenOf(host)
    return () => host.auth.flows.password.reset({ token, password: "a quite different phrase" })
  },
  async "a link that claims the account"(host) {
    const { token } = await mailed(host)
    return () => host.auth.flows.magicLink.confirm({ token, claim: true })
  },
  async "a code that claims the account"(host) {
    const { attempt, code } = await mailed(host)
    return () => host.auth.flows.magicLink.confirmCode({ attempt, code, claim: true })
  },
  async "an identity that claims the account"(host) {
    const browser = host.browser()
    await signInThrough(browser, remote)
    return () => host.auth.flows.oauth.claim(pendingIn(browser))
  },
  async "an identity that waits to be linked"(host) {
    const browser = host.browser()
    await signInThrough(browser, remote)
    await signedInByPassword(host, browser)
    return () => host.auth.flows.oauth.confirm(pendingIn(browser), { token: tokenOf(browser) })
  },
  async "an app that is being enrolled"(host) {
    const browser = await signedInByPassword(host)
    const { uri } = await post(browser, "/auth/mfa/enrol", { factor: "totp" })
    const app = authenticatorApp(`${uri}`, host.clock)
    return () => {
      // Each code counts once.
      host.clock.advance(30_000)
      const answer = app.code()
      return host.auth.flows.mfa.confirmEnrolment({ factor: "totp", answer }, { token: tokenOf(browser) })
    }
  },
}

async function scene() {
  remote.user = { sub: "1", email: ada.email, email_verified: true }
  const clock = adjustableClock(Date.now())
  const { beforeNext, stores } = withTurns(memoryStores({ clock }))
  return { beforeNext, host: await everyFlow(remote, {}, { clock, stores }) }
}

test.each(Object.keys(uses))("%s", async (name) => {
  const { beforeNext, host } = await scene()
  const use = await uses[name]?.(host)
  // As when another holds the turn for longer than anybody waits: its process died.
  beforeNext(() => Promise.reject(new Error("It did not become our turn.")))
  await expect(use?.()).rejects.toBeInstanceOf(StoreError)
  expect(await use?.()).toMatchObject({ ok: true })
  // And once only.
  expect(await use?.()).toMatchObject({ ok: false })
})

test("an enrolment that was begun meanwhile is not used up by the proof of the one before", async () => {
  const { beforeNext, host } = await scene()
  const browser = await signedInByPassword(host)
  const { mfa } = host.auth.flows
  const begin = async (number: string): Promise<string> => {
    await post(browser, "/auth/mfa/enrol", { factor: "phone", number })
    await settled()
    return host.sent.messages.at(-1)?.code ?? ""
  }
  const prove = (answer: string): Promise<Outcome> =>
    mfa.confirmEnrolment({ factor: "phone", answer }, { token: tokenOf(browser) })
  const first = await begin("+4915112345678")
  let second = ""
  beforeNext(async () => {
    second = await begin("+4915187654321")
  })
  expect(await prove(first)).toMatchObject({ reason: "mfa_challenge_invalid" })
  expect(await prove(second)).toMatchObject({ ok: true })
})

test("a change of address whose user signed out while it waited has its link still", async () => {
  const { beforeNext, host } = await scene()
  const browser = await signedInByPassword(host)
  const token = await changeTokenOf(host, browser)
  const { email } = host.auth.flows
  const first = { token: tokenOf(browser) }
  beforeNext(() => browser.post("/auth/logout", { json: {} }))
  expect(await email.confirmChange({ token }, first)).toMatchObject({ reason: "not_signed_in" })
  const again = { token: tokenOf(await signedInByPassword(host)) }
  expect(await email.confirmChange({ token }, again)).toMatchObject({ ok: true })
})

test("whoever presses twice, the second time after the first, hears that it was used, and is no thief", async () => {
  const { host } = await scene()
  const browser = await signedInByPassword(host)
  const token = await changeTokenOf(host, browser)
  const { email } = host.auth.flows
  const context = { token: tokenOf(browser) }
  expect(await email.confirmChange({ token }, context)).toMatchObject({ ok: true })
  expect(await email.confirmChange({ token }, context)).toMatchObject({ reason: "link_used" })
  expect(host.events.map(({ type }) => type)).not.toContain("session.token_mismatch")
})

test("whoever claims an account twice by one link hears that it was used", async () => {
  const { host } = await scene()
  const { token } = await mailed(host)
  const { magicLink } = host.auth.flows
  expect(await magicLink.confirm({ token, claim: true })).toMatchObject({ ok: true })
  expect(await magicLink.confirm({ token, claim: true })).toMatchObject({ reason: "link_used" })
})
