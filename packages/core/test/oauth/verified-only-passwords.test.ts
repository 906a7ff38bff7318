/** `password({ requireVerifiedEmail: true })` beside providers: it closes passwords, and nothing else. That all refusals look alike is in security/enumeration.test.ts. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { password } from "../../src/password.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada } from "../app.js"
import { account, causesOf } from "./accounts.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { oauthApp, signInThrough, whoIs } from "./oauth-app.js"

let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const verifiedOnly = { password: { requireVerifiedEmail: true } }

test("a provider's users get in all the same, verified or not", async () => {
  for (const email_verified of [true, false]) {
    const host = oauthApp(remote, verifiedOnly)
    remote.user = { sub: "1", email: ada.email, email_verified }
    for (let round = 0; round < 2; round++) {
      const browser = host.browser()
      expect(await signInThrough(browser, remote)).toBe("/workspace")
      expect(await whoIs(browser)).toBeDefined()
    }
    const [user] = await host.stores.users.list({ limit: 1 })
    await host.auth.flows.password.set(user?.id ?? "", ada.password)
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(email_verified)
  }
})

test("whoever registered first and never verified is never in; the owner claims the account", async () => {
  const host = oauthApp(remote, verifiedOnly)
  await host.auth.flows.password.register(ada)
  const squatter = host.browser()
  const answer = await squatter.post("/auth/login", { json: ada })
  expect([answer.status, (await answer.json()).reason]).toEqual([401, "invalid_credentials"])
  expect(causesOf(host.events)).toEqual(["email_unverified"])
  const browser = host.browser()
  await signInThrough(browser, remote)
  expect((await browser.post("/auth/oauth/claim", { json: {} })).status).toBe(200)
  expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
})

test("a right password that is refused counts as a failure, as a wrong one does", async () => {
  const host = oauthApp(remote, verifiedOnly)
  const user = await account(host)
  for (let n = 0; n < 5; n++) expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
  await host.stores.users.update(user.id, { emailVerifiedAt: host.clock() })
  expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
  expect(causesOf(host.events).at(-1)).toBe("backing_off")
  host.clock.advance(30_000)
  expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
})

test("a session that is open when the address is changed to an unverified one stays; the password does not open another", async () => {
  const host = oauthApp(remote, verifiedOnly)
  const user = await account(host, { verified: true })
  const browser = host.browser()
  expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
  await host.stores.users.update(user.id, { emailVerifiedAt: null })
  expect(await whoIs(browser)).toBe(user.id)
  expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
})

test("with immediate registration it is refused at construction, with what to write", () => {
  const make = (): unknown =>
    password({ hasher: testHasher(), requireVerifiedEmail: true, registration: "immediate" })
  expect(make).toThrow(expect.objectContaining({ code: "ERR_CONFIG_POLICY" }))
  expect(make).toThrow(/registration: "immediate".*private, closed/)
})
