import { describe, expect, test } from "vitest"
import { ada, app, appWithAda, eve } from "../app.js"

const wrong = { ...ada, password: "not the right phrase" }

function evaluated(host: { events: readonly { type: string }[] }, cause: string): number {
  return host.events.filter(
    (event) => event.type === "sign_in.refused" && "cause" in event && event.cause === cause,
  ).length
}

describe("back-off of an account", () => {
  test("four free failures; the fifth costs 30 s, then twice as much each, up to 15 min", async () => {
    const host = await appWithAda()
    const tryOnce = async () => (await host.auth.flows.password.signIn(wrong)).ok
    for (let n = 0; n < 5; n++) await tryOnce()
    for (const wait of [30, 60, 120, 240, 480, 900, 900]) {
      const before = evaluated(host, "wrong_password")
      host.clock.advance(wait * 1000 - 1)
      await tryOnce()
      expect(evaluated(host, "wrong_password")).toBe(before)
      host.clock.advance(1)
      await tryOnce()
      expect(evaluated(host, "wrong_password")).toBe(before + 1)
    }
  })

  test("200 at once, over two instances and many addresses: five are evaluated, then even the right one is refused", async () => {
    const host = await appWithAda()
    const twin = app({ stores: host.stores, clock: host.clock })
    await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        [host, twin][n % 2]?.auth.flows.password.signIn(wrong, { address: `198.51.100.${n}` }),
      ),
    )
    expect(evaluated(host, "wrong_password") + evaluated(twin, "wrong_password")).toBe(5)
    expect((await host.auth.flows.password.signIn(ada, { address: "203.0.113.1" })).ok).toBe(false)
    host.clock.advance(30_000)
    expect((await host.auth.flows.password.signIn(ada, { address: "203.0.113.1" })).ok).toBe(true)
  })

  test("success clears it", async () => {
    const host = await appWithAda()
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 4; n++) await host.auth.flows.password.signIn(wrong)
      expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
    }
  })

  test("spellings of one address share the counter", async () => {
    const host = await appWithAda()
    for (const email of [
      "ada@example.com",
      "ADA@example.com",
      " ada@EXAMPLE.com",
      "Ada@example.com ",
      "aDa@example.com",
    ]) {
      await host.auth.flows.password.signIn({ ...wrong, email })
    }
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
  })

  test("an unknown address backs off alike", async () => {
    const host = await appWithAda()
    for (let n = 0; n < 9; n++) await host.auth.flows.password.signIn({ ...ada, email: "nobody@example.com" })
    expect([evaluated(host, "unknown_email"), evaluated(host, "backing_off")]).toEqual([5, 4])
  })
})

describe("back-off of a network address", () => {
  const limits = { limits: { address: { free: 9 }, account: { free: 1000 } } }

  test("limit 10: of 200 parallel logins over two instances exactly 10 are evaluated, the rest hear 429", async () => {
    const host = await appWithAda({ password: limits })
    const twin = app({ stores: host.stores, clock: host.clock, password: limits })
    const before = host.hasher.computed() + twin.hasher.computed()
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        (n % 2 ? host : twin)
          .browser("203.0.113.5")
          .post("/auth/login", { json: { ...wrong, email: `u${n}@example.com` } }),
      ),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(190)
    expect(host.hasher.computed() + twin.hasher.computed() - before).toBe(10)
    expect(Number(answers.find(({ status }) => status === 429)?.headers.get("retry-after"))).toBe(30)
  })

  test("addresses of one IPv6 /64 are one", async () => {
    const host = await appWithAda({ password: limits })
    for (let n = 0; n < 10; n++) {
      await host
        .browser(`2001:db8:1:2::${n}`)
        .post("/auth/login", { json: { ...wrong, email: `u${n}@example.com` } })
    }
    expect((await host.browser("2001:db8:1:2:ffff::1").post("/auth/login", { json: ada })).status).toBe(429)
    expect((await host.browser("2001:db8:1:3::1").post("/auth/login", { json: ada })).status).toBe(200)
  })

  test("a forged X-Forwarded-For is no way round it", async () => {
    for (const trustedProxies of [0, 1]) {
      const host = await appWithAda({ password: limits, auth: { trustedProxies } })
      const statuses: number[] = []
      for (let n = 0; n < 11; n++) {
        const forged = trustedProxies === 0 ? `198.51.100.${n}` : `198.51.100.${n}, 203.0.113.5`
        const request = {
          json: { ...wrong, email: `u${n}@example.com` },
          headers: { "x-forwarded-for": forged },
        }
        statuses.push((await host.browser("203.0.113.6").post("/auth/login", request)).status)
      }
      expect(statuses).toEqual([...Array<number>(10).fill(401), 429])
    }
  })

  test("signing in to one's own account does not clear the failures against others", async () => {
    const host = await appWithAda({ password: limits })
    await host.auth.flows.password.register(eve)
    const attacker = { address: "203.0.113.5" }
    for (let n = 0; n < 9; n++) {
      await host.auth.flows.password.signIn({ ...wrong, email: `u${n}@example.com` }, attacker)
      expect((await host.auth.flows.password.signIn(eve, attacker)).ok).toBe(true)
    }
    await host.auth.flows.password.signIn({ ...wrong, email: "u9@example.com" }, attacker)
    expect(await host.auth.flows.password.signIn(eve, attacker)).toMatchObject({ reason: "rate_limited" })
  })

  test("a busy office that signs in rightly is never stopped", async () => {
    const host = await appWithAda()
    for (let n = 0; n < 200; n++)
      expect((await host.auth.flows.password.signIn(ada, { address: "203.0.113.5" })).ok).toBe(true)
  })
})
