/** Tries are counted per user over all factors and challenges, before anything is looked at. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import type { Stores } from "../../src/stores/ports.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { type OAuthHost, oauthApp } from "../oauth/oauth-app.js"
import { mfaOf, refusalOf, whoIs, withTotp } from "./mfa-app.js"
import { noneSent, secondFactors } from "./second-factors.js"

/** Windows of throttles are aligned to the clock. */
const noon = Date.UTC(2026, 10, 22, 12)
const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

async function hosted() {
  const sent = noneSent()
  const host = oauthApp(remote, { clock: adjustableClock(noon), flows: { mfa: secondFactors(sent) } })
  const user = await account(host, { verified: true })
  return { host, user, ...(await withTotp(host)) }
}

async function asked(host: OAuthHost): Promise<TestClient> {
  const browser = host.browser()
  await browser.post("/auth/login", { json: ada })
  return browser
}

const verify = (browser: TestClient, factor: string, code: string) =>
  browser.post("/auth/mfa/verify", { json: { factor, code } })

test("16 wrong codes at once, of all factors: five are looked at, then the right one waits", async () => {
  const { app, host } = await hosted()
  const browser = await asked(host)
  const reasons = await race(16, [
    async () => (await refusalOf(await verify(browser, "totp", app.wrongCode())))[1],
    async () => (await refusalOf(await verify(browser, "recovery_code", "0000-0000-0000-0000")))[1],
  ])
  expect(reasons.filter((reason) => reason === "code_invalid")).toHaveLength(5)
  expect(reasons.filter((reason) => reason === "rate_limited")).toHaveLength(11)
  expect(await refusalOf(await verify(browser, "totp", app.code()))).toEqual([429, "rate_limited"])
  expect(await whoIs(browser)).toBeNull()
})

test("a new challenge resets nothing", async () => {
  const { app, host } = await hosted()
  for (let round = 0; round < 5; round++) await verify(await asked(host), "totp", app.wrongCode())
  const answer = await verify(await asked(host), "totp", app.code())
  expect(answer.headers.get("retry-after")).toBe("30")
  expect(await refusalOf(answer)).toEqual([429, "rate_limited"])
  host.clock.advance(30_000)
  expect((await verify(await asked(host), "totp", app.code())).status).toBe(200)
})

test("waits double up to a quarter of an hour; who gets in starts anew", async () => {
  const { app, host } = await hosted()
  const guess = async () => verify(await asked(host), "totp", app.wrongCode())
  for (let free = 0; free < 4; free++) expect((await guess()).status).toBe(401)
  const waits: string[] = []
  while (waits.length < 8) {
    expect((await guess()).status).toBe(401)
    const wait = (await guess()).headers.get("retry-after") ?? "none"
    waits.push(wait)
    host.clock.advance(Number(wait) * 1000)
  }
  expect(waits).toEqual(["30", "60", "120", "240", "480", "900", "900", "900"])
  expect((await verify(await asked(host), "totp", app.code())).status).toBe(200)
  host.clock.advance(60_000)
  for (let free = 0; free < 4; free++) await guess()
  expect((await verify(await asked(host), "totp", app.code())).status).toBe(200)
})

describe("one challenge", () => {
  test("16 right answers at once, by five factors' worth of codes: one session", async () => {
    const { app, codes, host, user } = await hosted()
    const browser = await asked(host)
    const challenge = browser.cookies.get("__Host-mfa")
    const answers = [app.code(), ...codes.slice(0, 3)]
    const outcomes = await race(4, [
      (n) =>
        mfaOf(host).verify({
          challenge,
          factor: n === 0 ? "totp" : "recovery_code",
          answer: answers[n] ?? "",
        }),
    ])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await host.stores.sessions.listByUser(user.id)).toHaveLength(1)
    expect(host.events.filter(({ type }) => type === "sign_in.succeeded").length).toBeGreaterThan(0)
  })

  test.each([undefined, "", "x", "A".repeat(43), "../..", "\u0000"])("%j is none", async (challenge) => {
    const { app, host } = await hosted()
    const steps = mfaOf(host)
    expect(await steps.verify({ challenge, factor: "totp", answer: app.code() })).toMatchObject({
      reason: "mfa_challenge_invalid",
    })
    expect(await steps.begin({ challenge, factor: "totp" })).toMatchObject({
      reason: "mfa_challenge_invalid",
    })
    expect(await steps.challenge({ challenge })).toBeUndefined()
  })

  test("another realm's is none", async () => {
    const { host } = await hosted()
    const other = oauthApp(remote, {
      stores: host.stores,
      clock: host.clock,
      realm: "other",
      flows: { mfa: secondFactors(noneSent()) },
    })
    const challenge = (await asked(host)).cookies.get("__Host-mfa")
    expect(await mfaOf(host).challenge({ challenge })).toBeDefined()
    expect(await mfaOf(other).challenge({ challenge })).toBeUndefined()
  })

  const endings: Readonly<Record<string, (scene: Awaited<ReturnType<typeof hosted>>) => Promise<unknown>>> = {
    "every session ended": ({ host, user }) => host.auth.sessions.endAll(user.id, "revoked", {}),
    "the user was disabled": ({ host, user }) => host.auth.users.disable(user.id),
    "the password was set": ({ host, user }) =>
      host.auth.flows.password.set(user.id, "a quite different phrase"),
    "the user is gone": ({ host, user }) => host.stores.users.delete(user.id),
  }

  test.each(Object.keys(endings))("is over once %s", async (ending) => {
    const scene = await hosted()
    const { app, host } = scene
    const browser = await asked(host)
    await endings[ending]?.(scene)
    const answer = await verify(browser, "totp", app.code())
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await whoIs(browser)).toBeNull()
  })
})

test("a fault of ours costs no try, and lets nobody in", async () => {
  const stores = memoryStores()
  let down = false
  const failing: Stores = {
    ...stores,
    challenges: {
      ...stores.challenges,
      add: (...input) => (down ? Promise.reject(new Error("down")) : stores.challenges.add(...input)),
    },
  }
  const host = oauthApp(remote, { stores: failing, flows: { mfa: secondFactors(noneSent()) } })
  await account(host, { verified: true })
  const { app } = await withTotp(host)
  const browser = await asked(host)
  for (let round = 0; round < 10; round++) {
    down = true
    expect((await verify(browser, "totp", app.code())).status).toBe(503)
    down = false
  }
  expect(await whoIs(browser)).toBeNull()
  expect((await verify(browser, "totp", app.code())).status).toBe(200)
})
