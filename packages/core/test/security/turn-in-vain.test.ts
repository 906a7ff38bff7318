/** Whoever waits in vain for their turn to change the ways into an account gets an error, and what they came with is good for another try. */
import { afterAll, beforeEach, expect, test } from "vitest"
import { type Outcome, StoreError } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { ada } from "../app.js"
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

test.each(Object.keys(uses))("%s", async (name) => {
  remote.user = { sub: "1", email: ada.email, email_verified: true }
  const clock = adjustableClock(Date.now())
  const { beforeNext, stores } = withTurns(memoryStores({ clock }))
  const host = await everyFlow(remote, {}, { clock, stores })
  const use = await uses[name]?.(host)
  // As when another holds the turn for longer than anybody waits: its process died.
  beforeNext(() => Promise.reject(new Error("It did not become our turn.")))
  await expect(use?.()).rejects.toBeInstanceOf(StoreError)
  expect(await use?.()).toMatchObject({ ok: true })
  // And once only.
  expect(await use?.()).toMatchObject({ ok: false })
})
