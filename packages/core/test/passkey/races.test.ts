/** What meets at one moment: two `Auth` instances over one set of stores, and every order of two that change the same account. */
import { describe, expect, test } from "vitest"
import type { CreationOptions } from "../../src/passkey.js"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { insisting } from "../insisting.js"
import type { SoftwareAuthenticator } from "./authenticator.js"
import {
  authenticator,
  creationOptions,
  outcomeOf,
  type PasskeyHost,
  passkeyApp,
  passkeyAppWithAda,
  registered,
  registerWith,
  requestOptions,
  signedInByPassword,
  signInWith,
  whoIs,
} from "./passkey-app.js"

/** A second server over the same stores, and the same browser as it comes to it. */
function twin(host: PasskeyHost): PasskeyHost {
  return passkeyApp({ stores: host.stores, clock: host.clock, passkeys: unlimited })
}

/** For those who try again and again. */
const unlimited = {
  limits: { options: { limit: 100_000, window: "1h" }, attempts: { limit: 100_000, window: "1h" } },
} as const

function at(server: PasskeyHost, browser: TestClient): TestClient {
  const there = server.browser()
  for (const [name, value] of browser.cookies) there.cookies.set(name, value)
  return there
}

function tally(outcomes: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const one of outcomes) counts[one] = (counts[one] ?? 0) + 1
  return counts
}

describe("16 at once, on two servers", () => {
  test("one answer to a sign-in: one session", async () => {
    const host = await passkeyAppWithAda()
    const other = twin(host)
    const key = authenticator({ synced: true })
    await registered(host.mine, key)
    await host.mine.post("/auth/logout", { json: {} })
    const browser = host.browser()
    const response = key.get(await requestOptions(browser))
    const outcomes = await race(16, [
      () => signInWith(at(host, browser), response),
      () => signInWith(at(other, browser), response),
    ])
    expect(tally(outcomes)).toEqual({ ok: 1, passkey_invalid: 15 })
    expect(await host.auth.sessions.list(host.user.id)).toHaveLength(1)
    const succeeded = [...host.events, ...other.events].filter(
      (event) => event.type === "sign_in.succeeded" && event.flow === "passkey",
    )
    expect(succeeded).toHaveLength(1)
  })

  test("one answer to a registration: one passkey", async () => {
    const host = await passkeyAppWithAda()
    const other = twin(host)
    const response = authenticator().create(await creationOptions(host.mine))
    const tried = (server: PasskeyHost) => () =>
      insisting(
        host.mine,
        (mine) => at(server, mine),
        (there) => registerWith(there, response),
      )
    const outcomes = await race(16, [tried(host), tried(other)])
    expect(tally(outcomes)).toEqual({ ok: 1, passkey_invalid: 15 })
    expect(await host.auth.flows.passkey.passkeys(host.user.id)).toHaveLength(1)
  })

  test("32 registrations in one session: one, which takes the others' token away", async () => {
    const host = await passkeyAppWithAda()
    const other = twin(host)
    const responses: unknown[] = []
    for (let n = 0; n < 32; n++) responses.push(authenticator().create(await creationOptions(host.mine)))
    const outcomes = await race(32, [
      (n) => registerWith(at(host, host.mine), responses[n]),
      (n) => registerWith(at(other, host.mine), responses[n]),
    ])
    expect(tally(outcomes)).toEqual({ ok: 1, not_signed_in: 31 })
    expect(await host.auth.flows.passkey.passkeys(host.user.id)).toHaveLength(1)
    expect(await host.auth.sessions.list(host.user.id)).toHaveLength(1)
  })

  test("32 registrations by whoever tries again with the new token: twenty passkeys", async () => {
    const host = await passkeyAppWithAda({ passkeys: unlimited })
    const other = twin(host)
    const insist = (server: PasskeyHost) => () =>
      insisting(
        host.mine,
        (mine) => at(server, mine),
        async (there) => {
          const asked = await outcomeOf(await there.post("/auth/passkey/register/options", { json: {} }))
          if (asked.outcome !== "ok") return asked.outcome
          return registerWith(there, authenticator().create(asked.json["options"] as CreationOptions))
        },
      )
    const outcomes = await race(32, [insist(host), insist(other)])
    expect(tally(outcomes)).toEqual({ ok: 20, too_many_passkeys: 12 })
    expect(await host.auth.flows.passkey.passkeys(host.user.id)).toHaveLength(20)
  })

  test.each([
    ["copies of one authenticator, the same count: one gets in", { ok: 1, passkey_invalid: 15 }, false],
    ["a synced passkey, which counts nothing: all get in", { ok: 16 }, true],
  ])("%s", async (_, expected, synced) => {
    const host = await passkeyAppWithAda()
    const other = twin(host)
    const key = authenticator({ synced })
    await registered(host.mine, key)
    const visits: { browser: TestClient; response: unknown }[] = []
    for (let n = 0; n < 16; n++) {
      const browser = (n % 2 ? other : host).browser()
      visits.push({ browser, response: key.get(await requestOptions(browser), { counter: synced ? 0 : 5 }) })
    }
    const outcomes = await race(16, [
      (n) => signInWith(visits[n]?.browser as TestClient, visits[n]?.response),
    ])
    expect(tally(outcomes)).toEqual(expected)
  })

  test("removals of all that is left: one stays", async () => {
    const host = await passkeyAppWithAda()
    const other = twin(host)
    const keys: SoftwareAuthenticator[] = []
    for (let n = 0; n < 16; n++) {
      const key = authenticator()
      keys.push(key)
      await registered(host.mine, key)
    }
    await host.stores.credentials.delete("password", host.user.id)
    const removed = (server: PasskeyHost) => (n: number) => {
      const json = { passkey: keys[n]?.keys[0]?.id }
      return insisting(
        host.mine,
        (mine) => at(server, mine),
        async (there) => (await outcomeOf(await there.post("/auth/passkeys/remove", { json }))).outcome,
      )
    }
    expect(tally(await race(16, [removed(host), removed(other)]))).toEqual({ ok: 15, last_way_in: 1 })
    expect(await host.auth.flows.passkey.passkeys(host.user.id)).toHaveLength(1)
  })

  test("a use and a new name: both are kept", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const browser = host.browser()
    const response = key.get(await requestOptions(browser), { counter: 9 })
    await race(2, [
      () => signInWith(browser, response),
      async () => {
        const json = { passkey: key.keys[0]?.id, name: "Renamed" }
        return (await outcomeOf(await host.mine.post("/auth/passkeys/rename", { json }))).outcome
      },
    ])
    const stored = await host.stores.credentials.find("passkey", key.keys[0]?.id ?? "")
    expect(JSON.parse(stored?.secret ?? "")).toMatchObject({ name: "Renamed", counter: 9 })
  })
})

/** Runs before each call of a store. */
interface Hook {
  before?: (() => Promise<void>) | undefined
}

/** A server whose every store call a test may come before. */
function watchedServer(quiet: PasskeyHost): { host: PasskeyHost; hook: Hook } {
  const hook: Hook = {}
  const stores = Object.fromEntries(
    Object.entries(quiet.stores).map(([slot, store]) => [
      slot,
      Object.fromEntries(
        Object.entries(store as object).map(([name, method]) => [
          name,
          typeof method === "function"
            ? async (...input: unknown[]) => {
                await hook.before?.()
                return method.apply(store, input)
              }
            : method,
        ]),
      ),
    ]),
  )
  return {
    host: passkeyApp({ stores: stores as unknown as PasskeyHost["stores"], clock: quiet.clock }),
    hook,
  }
}

/**
 * Lets something happen just before one store call of `work`, each call in turn, until there are no more: every order that two can come in.
 * Answers how many there were.
 */
async function beforeEachCall(
  prepare: () => Promise<{
    readonly hook: Hook
    readonly work: () => Promise<string>
    readonly meanwhile: () => Promise<unknown>
    readonly check: (outcome: string) => Promise<void>
  }>,
): Promise<number> {
  for (let chosen = 1; ; chosen++) {
    const { check, hook, meanwhile, work } = await prepare()
    let calls = 0
    hook.before = async () => {
      if (++calls === chosen) await meanwhile()
    }
    const outcome = await work()
    hook.before = undefined
    if (calls < chosen) return chosen - 1
    await check(outcome)
  }
}

async function prepared(): Promise<{
  host: PasskeyHost
  hook: Hook
  quiet: PasskeyHost
  mine: TestClient
  key: SoftwareAuthenticator
  userId: string
}> {
  const quiet = await passkeyAppWithAda()
  const key = authenticator()
  await registered(quiet.mine, key)
  return { ...watchedServer(quiet), quiet, mine: quiet.mine, key, userId: quiet.user.id }
}

describe("whatever comes between two steps of a sign-in", () => {
  test.each<[string, (all: Awaited<ReturnType<typeof prepared>>) => Promise<unknown>]>([
    ["the user is disabled", ({ quiet, userId }) => quiet.auth.users.disable(userId)],
    [
      "the passkey is removed",
      ({ key, mine }) => mine.post("/auth/passkeys/remove", { json: { passkey: key.keys[0]?.id } }),
    ],
    ["everything is signed out", ({ quiet, userId }) => quiet.auth.sessions.endAll(userId, "revoked", {})],
    [
      "the password is changed",
      ({ quiet, userId }) => quiet.auth.flows.password.set(userId, "seven green kettles singing"),
    ],
  ])("%s: no session is left that was opened after it by what was proven before", async (name, happens) => {
    const points = await beforeEachCall(async () => {
      const all = await prepared()
      const { hook, host, key, quiet, userId } = all
      const browser = host.browser()
      const response = key.get(await requestOptions(browser))
      return {
        hook,
        work: () => signInWith(browser, response),
        meanwhile: async () => {
          await happens(all)
        },
        async check(outcome) {
          const inside = await whoIs(at(quiet, browser))
          const gone = name !== "everything is signed out" && name !== "the password is changed"
          // What was opened before is ended; what has begun after may open, unless user or passkey are gone.
          if (gone) expect([outcome !== "ok" || inside === undefined, inside]).toEqual([true, undefined])
          if (outcome !== "ok") expect(inside).toBeUndefined()
          const open = await quiet.auth.sessions.list(userId)
          expect(open.length).toBeLessThanOrEqual(gone ? 1 : 2)
        },
      }
    })
    expect(points).toBeGreaterThan(8)
  })
})

describe("whatever comes between two steps of a registration", () => {
  test("the account is claimed by its owner: no passkey of the squatter's is left", async () => {
    const points = await beforeEachCall(async () => {
      const quiet = await passkeyAppWithAda()
      const { hook, host } = watchedServer(quiet)
      const mine = at(host, quiet.mine)
      const response = authenticator().create(await creationOptions(quiet.mine))
      const userId = quiet.user.id
      return {
        hook,
        work: () => registerWith(mine, response),
        // As `removeWaysIn` does, without waiting for its turn: as if the lease of the registration had run out.
        async meanwhile() {
          await quiet.auth.sessions.endAll(userId, "claimed", {})
          await quiet.stores.credentials.deleteByUser(userId)
          await quiet.auth.sessions.endAll(userId, "claimed", {})
        },
        async check(outcome) {
          expect(await quiet.auth.flows.passkey.passkeys(userId)).toEqual([])
          expect(["ok", "not_signed_in", "conflict", "passkey_invalid"]).toContain(outcome)
        },
      }
    })
    expect(points).toBeGreaterThan(12)
  })

  test("the session ends: what is kept afterwards was asked for before, is told of, and leaves nobody signed in", async () => {
    const kept: number[] = []
    await beforeEachCall(async () => {
      const quiet = await passkeyAppWithAda()
      const { hook, host } = watchedServer(quiet)
      const mine = at(host, quiet.mine)
      const response = authenticator().create(await creationOptions(quiet.mine))
      return {
        hook,
        work: () => registerWith(mine, response),
        meanwhile: () => quiet.mine.post("/auth/logout", { json: {} }),
        async check(outcome) {
          const { length } = await quiet.auth.flows.passkey.passkeys(quiet.user.id)
          expect(["ok", "not_signed_in"]).toContain(outcome)
          expect(host.events.filter(({ type }) => type === "factor.enrolled")).toHaveLength(length)
          if (outcome !== "ok") expect(await quiet.auth.sessions.list(quiet.user.id)).toEqual([])
          kept.push(length)
        },
      }
    })
    // Until it is looked at for the last time who asks, nothing; from then on all of it.
    expect(kept.lastIndexOf(0)).toBeGreaterThan(3)
    expect(kept.indexOf(1)).toBe(kept.lastIndexOf(0) + 1)
  })
})

test("a reservation that was left behind opens nothing, is in no list, and is no second factor", async () => {
  const host = await passkeyAppWithAda()
  const key = authenticator()
  await registered(host.mine, key)
  const stored = await host.stores.credentials.find("passkey", key.keys[0]?.id ?? "")
  if (!stored) throw new Error("not stored")
  await host.stores.credentials.replace(
    { ...stored, secret: "", revision: stored.revision + 1 },
    stored.revision,
  )
  const browser = host.browser()
  expect(await signInWith(browser, key.get(await requestOptions(browser)))).toBe("passkey_invalid")
  expect(await host.auth.flows.passkey.passkeys(host.user.id)).toEqual([])
  expect((await creationOptions(await signedInByPassword(host, ada))).excludeCredentials).toEqual([])
})
