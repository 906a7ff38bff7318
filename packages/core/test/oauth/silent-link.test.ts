/** `onEmailMatch: "link"` meets accounts that have no way in yet, as a host's own or a migrated one: nothing that goes wrong may cost them anything. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import type { Stores, User } from "../../src/stores/ports.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { type OAuthHost, oauthApp, signInThrough, whoIs } from "./oauth-app.js"

let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

/** A host whose own account has ada's address, verified, and no credential; its stores may fail as told. */
async function host(
  breaking: (stores: Stores, user: () => User) => Partial<Stores>,
): Promise<OAuthHost & { user: User }> {
  const clock = adjustableClock(Date.now())
  const stores = memoryStores({ clock })
  let user: User | undefined
  const found = (): User => user as User
  const app = oauthApp(remote, {
    clock,
    stores: { ...stores, ...breaking(stores, found) },
    oauth: { onEmailMatch: "link" },
  })
  user = await stores.users.create({ email: "ada@example.com", emailVerifiedAt: clock(), createdAt: clock() })
  return { ...app, user: found() }
}

test("it is linked, and stays the same user", async () => {
  const app = await host(() => ({}))
  const browser = app.browser()
  expect(await signInThrough(browser, remote)).toBe("/workspace")
  expect(await whoIs(browser)).toBe(app.user.id)
})

test("an insert that fails leaves the account where it was", async () => {
  const app = await host(({ credentials }) => ({
    credentials: { ...credentials, insert: () => Promise.reject(new Error("down")) },
  }))
  await signInThrough(app.browser(), remote).catch(() => {})
  expect(await app.stores.users.find(app.user.id)).toBeDefined()
})

test("an identity that somebody is just linking elsewhere leaves it there as well", async () => {
  const app = await host(({ credentials }) => ({
    credentials: { ...credentials, insert: () => Promise.resolve(false) },
  }))
  expect(await signInThrough(app.browser(), remote)).toBe("/sign-in?error=conflict&provider=remote")
  expect(await app.stores.users.find(app.user.id)).toBeDefined()
})

test("an account that is disabled just before its epoch is read gets no identity", async () => {
  const app: OAuthHost & { user: User } = await host(({ sessions, users }, user) => ({
    sessions: {
      ...sessions,
      async epoch(userId) {
        await users.update(user().id, { disabledAt: 1 })
        return sessions.epoch(userId)
      },
    },
  }))
  await signInThrough(app.browser(), remote)
  expect(await app.stores.credentials.listByUser(app.user.id)).toEqual([])
})
