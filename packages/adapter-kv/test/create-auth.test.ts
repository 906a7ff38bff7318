import { type AtomicStore, type Auth, createAuth, type Json, opaque, type SessionStore } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { adjustableClock, testClient, testHasher } from "@mortise/core/testing"
import { expect, test } from "vitest"
import { type KeyValueNamespace, kvSessions } from "../src/index.js"
import { laggingLocations } from "./locations/lagging-locations.js"
import { memoryNamespace } from "./locations/memory-namespace.js"

/* What a host meets: refusals at construction, and a site whose locations see each other late. */

const origin = "https://app.example.com"
const basics = { origin, secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u" }
const flows = { password: password({ hasher: testHasher() }) }

test("staleness that is not accepted by number is refused, and the refusal explains the number", () => {
  const stores = { ...memoryStores(), sessions: kvSessions(memoryNamespace()) }
  for (const options of [undefined, { acceptStaleness: 0 }, { acceptStaleness: 59 }]) {
    expect(() => createAuth({ ...basics, flows, stores, sessions: opaque(options) })).toThrow(
      expect.objectContaining({
        code: "ERR_CONFIG_STALENESS",
        message:
          "Reads of this store lag 60 s, and so do revocations. Write opaque({ acceptStaleness: 60 }).",
      }),
    )
  }
  for (const acceptStaleness of [60, 61]) {
    expect(createAuth({ ...basics, flows, stores, sessions: opaque({ acceptStaleness }) })).toBeDefined()
  }
  const lagging = { ...memoryStores(), sessions: kvSessions(memoryNamespace(), { staleness: 300 }) }
  expect(() =>
    createAuth({ ...basics, flows, stores: lagging, sessions: opaque({ acceptStaleness: 60 }) }),
  ).toThrow("acceptStaleness: 300")
})

test("KV for challenges or rate limits is refused, with what to use", () => {
  const sessions = opaque({ acceptStaleness: 60 })
  const unfit: Record<string, unknown> = {
    namespace: memoryNamespace(),
    "its sessions": kvSessions(memoryNamespace()),
  }
  for (const [name, store] of Object.entries(unfit)) {
    for (const slot of ["challenges", "rateLimits"] as const) {
      const stores = { ...memoryStores(), [slot]: store as AtomicStore }
      expect(() => createAuth({ ...basics, flows, stores, sessions }), name).toThrow(
        expect.objectContaining({
          code: "ERR_CONFIG_STORES",
          message: expect.stringMatching(
            new RegExp(`^stores\\.${slot} has no \\w+\\(\\)\\. Workers KV is not atomic; Durable Objects`),
          ),
        }),
      )
    }
  }
})

/** Two locations of one site; users and limits are strict, sessions on KV. */
function site(lag: number) {
  const clock = adjustableClock()
  const stores = memoryStores({ clock })
  const openLocation = laggingLocations(memoryNamespace(), { clock })
  const at = (namespace: KeyValueNamespace) => {
    const sessions: SessionStore<never> = kvSessions(namespace, { clock })
    const auth = createAuth({
      ...basics,
      clock,
      flows,
      stores: { ...stores, sessions },
      sessions: opaque({ acceptStaleness: 60 }),
      claims: (user): { email: Json } => ({ email: user.email }),
    })
    return auth
  }
  return { clock, here: at(openLocation(() => 0)), there: at(openLocation(() => lag)) }
}

/** Whether the cookies of a browser sign it in there. */
async function isSignedIn(auth: Auth, cookies: ReadonlyMap<string, string>): Promise<boolean> {
  const browser = testClient(auth, { origin })
  for (const [name, value] of cookies) browser.cookies.set(name, value)
  return (await (await browser.get("/auth/session")).json()).user !== null
}

const person = { email: "ada@example.com", password: "correct horse battery staple" }

test("signed in at one location, signed out there: the other refuses a minute later at the latest", async () => {
  const { clock, here, there } = site(60_000)
  const browser = testClient(here, { origin })
  await browser.post("/auth/register", { json: person })
  expect((await browser.post("/auth/login", { json: person })).status).toBe(200)
  const token = new Map(browser.cookies)
  expect(await isSignedIn(here, token), "on the very next request").toBe(true)
  clock.advance(60_000)
  expect(await isSignedIn(there, token)).toBe(true)

  await browser.post("/auth/logout")
  expect(await isSignedIn(here, token), "here at once").toBe(false)
  clock.advance(59_999)
  expect(await isSignedIn(there, token), "there not yet").toBe(true)
  clock.advance(1)
  expect(await isSignedIn(there, token), "there now").toBe(false)
})

test("a changed password ends the old token and the other sessions within a minute, its own goes on", async () => {
  const { clock, here, there } = site(60_000)
  const [owner, other] = [testClient(here, { origin }), testClient(here, { origin })]
  await owner.post("/auth/register", { json: person })
  await owner.post("/auth/login", { json: person })
  clock.advance(60_000)
  await other.post("/auth/login", { json: person })
  const [stolen, others] = [new Map(owner.cookies), new Map(other.cookies)]
  clock.advance(1)

  const json = { current_password: person.password, new_password: "another horse battery staple" }
  expect((await owner.post("/auth/password/change", { json })).status).toBe(200)
  expect(await isSignedIn(there, stolen), "the old token, for the moment").toBe(true)
  for (let minutes = 1; minutes < 6; minutes += 1) {
    clock.advance(60_000)
    for (const auth of [here, there]) {
      expect(await isSignedIn(auth, stolen), `the old token, ${minutes} min`).toBe(false)
      expect(await isSignedIn(auth, others), `the other session, ${minutes} min`).toBe(false)
      expect(await isSignedIn(auth, owner.cookies), `the new token, ${minutes} min`).toBe(true)
    }
  }
})
