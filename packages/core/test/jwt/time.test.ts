/** When a token is good, to the millisecond; and what two servers with different clocks make of one. */
import { describe, expect, test } from "vitest"
import type { JwtOptions, JwtRevocation } from "../../src/jwt.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { ada, type Host } from "../app.js"
import {
  appWithAda,
  beside,
  day,
  hour,
  minute,
  partOf,
  revocations,
  type SignedIn,
  second,
  signIn,
  strategyOf,
  tokenIn,
  whoHas,
} from "./jwt-app.js"

async function started(
  revocation: JwtRevocation,
  options: JwtOptions = {},
): Promise<SignedIn & { host: Host }> {
  const host = await appWithAda({ sessions: strategyOf(revocation, options) })
  return { host, ...(await signIn(host)) }
}

async function causeOf(host: Host, token: string): Promise<unknown> {
  const before = host.events.length
  if (await whoHas(host, token)) return "taken"
  return host.events.slice(before).map((event) => "cause" in event && event.cause)[0]
}

/** The new cookie that the answer to a mere look brings, if any. */
async function successor(host: Host, token: string): Promise<string | undefined> {
  const resumed = await host.auth.sessions.resume(token)
  return resumed?.token
}

describe.each(revocations)("jwt({ revocation: %j })", (revocation) => {
  test.each<[string, JwtOptions, renewedFrom: number | undefined, over: number]>([
    ["lifetime and grace", { lifetime: "12h", grace: "1h" }, 12 * hour, 13 * hour],
    [
      "no grace: the leeway is all there is, and nothing is renewed",
      { lifetime: "12h", grace: 0 },
      undefined,
      12 * hour + 30 * second,
    ],
    ["neither", { lifetime: "12h", grace: 0, leeway: 0 }, undefined, 12 * hour],
    [
      "a grace shorter than the leeway lasts as long as that",
      { lifetime: "10m", grace: 10 },
      10 * minute,
      10 * minute + 30 * second,
    ],
    ["a grace longer than the life", { lifetime: "1m", grace: "10m" }, minute, 11 * minute],
    ["a second", { lifetime: 1, grace: 1, leeway: 0 }, second, 2 * second],
  ])("%s", async (_, options, renewedFrom, over) => {
    for (const [at, taken, renewed] of [
      [0, true, false],
      ...(renewedFrom === undefined
        ? []
        : ([
            [renewedFrom - 1, true, false],
            [renewedFrom, true, true],
          ] as const)),
      [over - 1, true, renewedFrom !== undefined],
      [over, false, false],
    ] as const) {
      const { host, token } = await started(revocation, options)
      host.clock.advance(at)
      const next = await successor(host, token)
      expect([at, await causeOf(host, token), next !== undefined]).toEqual([
        at,
        taken ? "taken" : "expired",
        renewed,
      ])
    }
  })

  test("absolute: renewed up to its last second, and over then, in every way there is", async () => {
    const options: JwtOptions = { lifetime: "12h", grace: "1h", absolute: "13h" }
    const { browser, host } = await started(revocation, options)
    const start = host.clock()
    host.clock.set(start + 12 * hour)
    await browser.get("/auth/session")
    const token = tokenIn(browser)
    expect(partOf(token, 1)).toMatchObject({
      exp: (start + 13 * hour) / 1000,
      absolute_exp: (start + 13 * hour) / 1000,
    })
    host.clock.set(start + 13 * hour - 1)
    expect(await causeOf(host, token)).toBe("taken")
    host.clock.set(start + 13 * hour)
    expect(await causeOf(host, token)).toBe("expired")
    expect(host.events.at(-1)).toMatchObject({
      userId: expect.any(String),
      sessionId: partOf(token, 1)["sid"],
    })
    expect(await host.auth.sessions.renew(token, {})).toBeUndefined()
    expect(await host.auth.sessions.rotate(token, {})).toBeUndefined()
    expect(
      await host.auth.flows.password.change(
        { current: ada.password, next: "a quite different phrase" },
        { token },
      ),
    ).toEqual({ ok: false, reason: "not_signed_in" })
  })

  test("a token that was renewed and is renewed again never goes beyond its absolute end", async () => {
    const { browser, claims, host } = await started(revocation, {
      lifetime: "7h",
      grace: "3h",
      absolute: "2d",
    })
    for (let passed = 0; passed < 2 * day - 8 * hour; passed += 8 * hour) {
      host.clock.advance(8 * hour)
      await browser.get("/auth/session")
      expect(partOf(tokenIn(browser), 1)["absolute_exp"]).toBe(claims["absolute_exp"])
      expect(partOf(tokenIn(browser), 1)["auth_time"]).toBe(claims["auth_time"])
      expect(Number(partOf(tokenIn(browser), 1)["exp"])).toBeLessThanOrEqual(Number(claims["absolute_exp"]))
    }
  })

  test.each([0, 30, 300])(
    "two servers, leeway %i s: what the other's clock made is taken within it, and not beyond",
    async (leeway) => {
      const { host, token } = await started(revocation, { leeway, grace: 0 })
      const clock = adjustableClock(host.clock())
      const other = beside(host, { clock, sessions: strategyOf(revocation, { leeway, grace: 0 }) })
      const made = host.clock()
      clock.set(made - leeway * second)
      expect(await causeOf(other, token)).toBe("taken")
      clock.set(made - leeway * second - 1)
      expect(await causeOf(other, token)).toBe("not_yet_valid")
      clock.set(made + 12 * hour + leeway * second - 1)
      expect(await causeOf(other, token)).toBe("taken")
      clock.set(made + 12 * hour + leeway * second)
      expect(await causeOf(other, token)).toBe("expired")
    },
  )

  test("a server whose clock is ahead renews early, and its token is taken by the other one", async () => {
    const { host, token } = await started(revocation)
    const clock = adjustableClock(host.clock() + 12 * hour + 20 * second)
    const other = beside(host, { clock, sessions: strategyOf(revocation) })
    host.clock.advance(12 * hour)
    const next = (await successor(other, token)) ?? ""
    expect(await causeOf(host, next)).toBe("taken")
    host.clock.advance(-20 * second)
    expect(await causeOf(host, next)).toBe("not_yet_valid")
  })
})
