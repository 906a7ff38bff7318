/** What is kept for a while says nothing of anybody: the keys of the counters, and what waits to be linked. */
import { afterAll, beforeEach, expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import type { AtomicStore } from "../../src/stores/ports.js"
import { ada, eve } from "../app.js"
import { pendingIn } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { signInThrough, whoIs } from "../oauth/oauth-app.js"
import { everyFlow, mailed, signedInByPassword } from "../security/every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const writes = new Set(["set", "add", "swap", "increment"])

/** The same store, and everything that was ever written to it: keys and values. */
function noted(store: AtomicStore): {
  readonly store: AtomicStore
  readonly keys: Set<string>
  readonly text: string[]
} {
  const keys = new Set<string>()
  const text: string[] = []
  const watched = Object.fromEntries(
    Object.entries(store).map(([name, call]) => [
      name,
      (key: string, ...rest: unknown[]) => {
        keys.add(key)
        if (writes.has(name)) text.push(JSON.stringify([key, ...rest]))
        return Reflect.apply(call, store, [key, ...rest])
      },
    ]),
  )
  return { store: watched as unknown as AtomicStore, keys, text }
}

test("whatever is counted, the store sees digests and numbers", async () => {
  const stores = memoryStores()
  const { keys, store, text } = noted(stores.rateLimits)
  const host = await everyFlow(remote, {}, { stores: { ...stores, rateLimits: store } })
  const browser = await signedInByPassword(host, host.browser("198.51.100.7"))
  await browser.post("/auth/login", { json: { ...ada, password: "wrong" } })
  await browser.post("/auth/register", { json: eve })
  await mailed(host, browser)
  await browser.post("/auth/magic-link/code", { json: { code: "1" } })
  await browser.post("/auth/password/change", { json: { current_password: "x", new_password: "y" } })
  await signInThrough(host.browser("2001:db8:1:2::9"), remote)
  expect(keys.size).toBeGreaterThan(8)
  for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
  const all = text.join("\n")
  // None is so short that a digest has it by chance.
  for (const canary of ["198.51.100", "2001:db8", ada.email, eve.email, "example", host.user.id])
    expect([canary, all.includes(canary)]).toEqual([canary, false])
  // What is written beside the digests names nobody, nor what is counted.
  const beside = [...keys].reduce((rest, key) => rest.replaceAll(key, ""), all)
  for (const canary of ["ada", "eve", "sign", "mail"])
    expect([canary, beside.includes(canary)]).toEqual([canary, false])
  // They count all the same: the digests are the same each time.
  const before = keys.size
  await browser.post("/auth/login", { json: { ...ada, password: "wrong" } })
  expect(keys.size).toBe(before)
})

test("an identity that waits is sealed under what only its browser has, and is taken by it", async () => {
  const stores = memoryStores()
  const { store, text } = noted(stores.challenges)
  const host = await everyFlow(remote, {}, { stores: { ...stores, challenges: store } })
  const browser = host.browser()
  remote.user = { sub: "canary-subject", email: ada.email, email_verified: true }
  expect(await signInThrough(browser, remote)).toBe("/link-account?provider=remote")
  const all = text.join("\n")
  expect(all).toContain("oauth-pending:")
  for (const canary of [ada.email, "canary", remote.issuer, host.user.id])
    expect([canary, all.includes(canary)]).toEqual([canary, false])
  expect(all).not.toContain(pendingIn(browser).pending)
  expect(await host.auth.flows.oauth.pending(pendingIn(browser))).toMatchObject({
    email: ada.email,
    claimable: true,
  })
  expect((await browser.post("/auth/oauth/claim", { json: {} })).status).toBe(200)
  expect(await whoIs(browser)).toBe(host.user.id)
})
