/** Whoever is thrown out while they wait for their turn takes no way in away from the owner. */
import { afterAll, beforeEach, expect, test } from "vitest"
import type { Outcome } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { enrolTotp } from "../mfa/mfa-app.js"
import { account, waysInto } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { type OAuthHost, oauthApp, signInThrough } from "../oauth/oauth-app.js"
import { withTurns } from "../turns.js"
import { signedInByPassword, tokenOf } from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => {
  remote.reset()
  remote.user = { sub: "1", email: "ada@example.com", email_verified: true }
})
afterAll(() => remote.stop())

type Call = (host: OAuthHost, userId: string, token: string) => Promise<Outcome>

const removals: Readonly<Record<string, Call>> = {
  async "an identity is unlinked"({ auth }, userId, token) {
    const [identity] = await auth.flows.oauth.identities(userId)
    return auth.flows.oauth.unlink({ identity: identity?.id ?? "" }, { token })
  },
  "a passkey is removed": ({ auth }, _, token) => auth.flows.passkey.remove({ passkey: "key" }, { token }),
  "an app is removed": ({ auth }, _, token) => auth.flows.mfa.remove({ factor: "totp" }, { token }),
}

test.each(Object.keys(removals))("%s", async (name) => {
  const { beforeNext, stores } = withTurns(memoryStores())
  const host = oauthApp(remote, { stores, oauth: { onEmailMatch: "link" } })
  const user = await account(host, { verified: true })
  const browser = await signedInByPassword(host)
  await signInThrough(browser, remote, { link: true })
  const now = host.clock()
  const secret = JSON.stringify({ publicKey: "AA", counter: 0, transports: [], use: "sign_in", name: "key" })
  const dates = { createdAt: now, changedAt: now, revision: 0 }
  await stores.credentials.insert({ kind: "passkey", handle: "key", userId: user.id, secret, ...dates })
  await enrolTotp(host, browser)
  const before = await waysInto(host, user.id)
  beforeNext(() => host.auth.sessions.endAll(user.id, "password_reset", {}))
  const outcome = await removals[name]?.(host, user.id, tokenOf(browser))
  expect(outcome).toMatchObject({ ok: false, reason: "not_signed_in" })
  expect(await waysInto(host, user.id)).toEqual(before)
})
