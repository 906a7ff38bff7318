import type { CreationOptions } from "@mortise/core/passkey"
import { race, type TestClient } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import { insisting } from "../../packages/core/test/insisting.js"
import type { SoftwareAuthenticator } from "../../packages/core/test/passkey/authenticator.js"
import {
  asked,
  at,
  authenticator,
  creationOptions,
  type PasskeyCluster,
  type PasskeyServer,
  passkeyCluster,
  registered,
  requestOptions,
  signedInAda,
  signInWith,
} from "./passkey-servers.js"
import { ada, wirings } from "./servers.js"

let opened: PasskeyCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

/** How often each answer came. */
function tally(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

/** A passkey whose user was verified is a second factor as well: who signs in by it may change both. */
async function strongAda(
  server: PasskeyServer,
  mine: TestClient,
  key: SoftwareAuthenticator = authenticator(),
): Promise<TestClient> {
  expect(await registered(mine, key)).toBe("ok")
  const strong = at(server)
  expect(await signInWith(strong, key.get(await requestOptions(strong)))).toBe("ok")
  return strong
}

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(): Promise<PasskeyCluster> {
    opened = await passkeyCluster(wiring)
    return opened
  }

  function expectNoFaults({ a, b }: PasskeyCluster): void {
    expect([...a.faults, ...b.faults]).toEqual([])
  }

  test("16 uses of one answer at once: one session, one success, 15 refusals", async () => {
    const all = await open()
    const { a, b, events } = all
    const { mine, userId } = await signedInAda(a)
    const key = authenticator({ synced: true })
    expect(await registered(mine, key)).toBe("ok")
    await a.auth.sessions.endAll(userId, "revoked", {})
    const browser = at(a)
    const response = key.get(await requestOptions(browser))
    const before = events("sign_in.succeeded").length
    const outcomes = await race(16, [
      () => signInWith(at(a, browser), response),
      () => signInWith(at(b, browser), response),
    ])
    expect(tally(outcomes)).toEqual({ ok: 1, passkey_invalid: 15 })
    expect(await b.auth.sessions.list(userId)).toHaveLength(1)
    expect(events("sign_in.succeeded").length - before).toBe(1)
    expectNoFaults(all)
  })

  test("16 registrations by one answer: one passkey; 32 by their own: twenty", async () => {
    const all = await open()
    const { a, b } = all
    const { mine: first, userId } = await signedInAda(a)
    const mine = await strongAda(a, first)
    const one = authenticator().create(await creationOptions(mine))
    const register = (server: PasskeyServer) => () =>
      insisting(
        mine,
        (browser) => at(server, browser),
        async (there) => (await asked(there, "/auth/passkey/register", { response: one })).outcome,
      )
    expect(tally(await race(16, [register(a), register(b)]))).toEqual({ ok: 1, passkey_invalid: 15 })
    const registerAnother = (server: PasskeyServer) => () =>
      insisting(
        mine,
        (browser) => at(server, browser),
        async (there) => {
          const { json, outcome } = await asked(there, "/auth/passkey/register/options", {})
          if (outcome !== "ok") return outcome
          const response = authenticator().create(json["options"] as CreationOptions)
          return (await asked(there, "/auth/passkey/register", { response })).outcome
        },
      )
    const outcomes = await race(32, [registerAnother(a), registerAnother(b)])
    expect(tally(outcomes)).toEqual({ ok: 18, too_many_passkeys: 14 })
    expect(await b.auth.flows.passkey.passkeys(userId)).toHaveLength(20)
    expectNoFaults(all)
  })

  test("16 copies of one authenticator, all at the same count: one gets in, and the others are told as copies", async () => {
    const all = await open()
    const { a, b, events } = all
    const { mine } = await signedInAda(a)
    const key = authenticator()
    await registered(mine, key)
    const visits: { browser: TestClient; response: unknown }[] = []
    for (let n = 0; n < 16; n++) {
      const browser = at(n % 2 ? b : a)
      visits.push({ browser, response: key.get(await requestOptions(browser), { counter: 5 }) })
    }
    const outcomes = await race(16, [
      (n) => signInWith(visits[n]?.browser as TestClient, visits[n]?.response),
    ])
    expect(tally(outcomes)).toEqual({ ok: 1, passkey_invalid: 15 })
    expect(events("factor.refused")).toHaveLength(15)
    expect(events("factor.refused")[0]).toMatchObject({ cause: "passkey_copied" })
    expectNoFaults(all)
  })

  test("16 removals of all that is left: one stays", async () => {
    const all = await open()
    const { a, b } = all
    const { mine, userId } = await signedInAda(a)
    const first = authenticator()
    const strong = await strongAda(a, mine, first)
    const keys = [first]
    for (let n = 1; n < 16; n++) {
      const key = authenticator()
      keys.push(key)
      expect(await registered(strong, key)).toBe("ok")
    }
    await a.stores.credentials.delete("password", userId)
    const remove = (server: PasskeyServer) => (n: number) =>
      insisting(
        strong,
        (browser) => at(server, browser),
        async (there) =>
          (await asked(there, "/auth/passkeys/remove", { passkey: keys[n]?.keys[0]?.id })).outcome,
      )
    expect(tally(await race(16, [remove(a), remove(b)]))).toEqual({ ok: 15, last_way_in: 1 })
    expect(await b.auth.flows.passkey.passkeys(userId)).toHaveLength(1)
    expectNoFaults(all)
  })

  test("16 answers to one second factor at once: one session", async () => {
    const all = await open()
    const { a, b, events } = all
    const { mine, userId } = await signedInAda(a)
    const key = authenticator({ verifies: false })
    expect(await registered(mine, key, { use: "second_factor" })).toBe("ok")
    await a.auth.sessions.endAll(userId, "revoked", {})
    const browser = at(a)
    expect((await asked(browser, "/auth/login", ada)).outcome).toBe("mfa_required")
    const { json } = await asked(at(b, browser), "/auth/mfa/begin", { factor: "passkey" })
    const response = key.get(json["options"] as Parameters<typeof key.get>[0])
    const verify = (server: PasskeyServer) => async () =>
      (await asked(at(server, browser), "/auth/mfa/verify", { factor: "passkey", response })).outcome
    const outcomes = await race(16, [verify(a), verify(b)])
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(1)
    expect(await b.auth.sessions.list(userId)).toHaveLength(1)
    expect(events("factor.passed")).toHaveLength(1)
    expectNoFaults(all)
  })

  test("a dump of the stores has no challenge and no browser's secret in it", async () => {
    const { a, dump } = await open()
    const { mine } = await signedInAda(a)
    const key = authenticator()
    const creation = await creationOptions(mine)
    await registered(mine, key)
    const browser = at(a)
    const { challenge } = await requestOptions(browser)
    const held = browser.cookies.get("__Host-passkey") ?? ""
    const text = await dump()
    expect(text).toContain(key.keys[0]?.id)
    for (const secret of [challenge, creation.challenge, held]) {
      expect(secret).not.toBe("")
      expect(text).not.toContain(secret)
    }
  })
})
