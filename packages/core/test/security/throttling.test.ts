import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { recordingStores } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import { ada, app, appWithAda, eve } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { type OAuthAppOptions, oauthApp } from "../oauth/oauth-app.js"
import { everyFlow, type Mailed, mailed, signedInByPassword, tokenOf } from "./every-flow.js"

/** Windows are aligned to the clock, and no test may begin near the end of one; the provider has the same clock. */
const clock = adjustableClock()
const remote = await startHostileProvider({ clock })
beforeEach(() => clock.set(Math.ceil(Date.now() / 600_000) * 600_000))
afterAll(() => remote.stop())

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

describe("starts of an address at providers", () => {
  const limits = { oauth: { limits: { starts: { limit: 10, window: "10m" } } } } as const
  const start = (host: Pick<ReturnType<typeof oauthApp>, "auth">, address: string) =>
    host.auth.flows.oauth.start({ provider: "remote" }, { address })

  const limited = () => oauthApp(remote, { ...limits, clock })

  test("limit 10: of 200 parallel ones over two instances exactly 10 go on, the rest hear 429", async () => {
    const host = limited()
    const twin = oauthApp(remote, { ...limits, stores: host.stores, clock })
    const answers = await race(200, [
      () => host.browser("203.0.113.5").post("/auth/oauth/remote", { json: {} }),
      () => twin.browser("203.0.113.5").post("/auth/oauth/remote", { json: {} }),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(190)
    for (const answer of refused) {
      expect(answer.headers.get("retry-after")).toBe("600")
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    const hits = [...host.events, ...twin.events].filter(({ type }) => type === "limit.hit")
    expect(hits).toHaveLength(190)
    expect(hits[0]).toMatchObject({ limit: "oauth.start", retryAfter: 600, address: "203.0.113.5" })
  })

  test("whoever is stopped is not asked for at the provider, and what stands in the stores does not grow", async () => {
    const host = limited()
    for (let n = 0; n < 10; n++) await start(host, "203.0.113.5")
    remote.reset()
    const { challenges } = host.stores
    const writes: string[] = []
    const watching = oauthApp(remote, {
      ...limits,
      clock,
      stores: {
        ...host.stores,
        challenges: {
          ...challenges,
          set: async (key, ...rest) => void writes.push(key, ...rest.map(String)),
        },
      },
    })
    for (let n = 0; n < 5; n++)
      expect(await start(watching, "203.0.113.5")).toEqual({
        ok: false,
        reason: "rate_limited",
        retryAfter: 600,
      })
    expect([remote.requests.all, writes]).toEqual([[], []])
  })

  test("form, link, script and linking share one count; another address has its own", async () => {
    const host = await everyFlow(remote, {}, { ...limits, clock })
    const browser = await signedInByPassword(host)
    const told: string[] = []
    for (let round = 0; round < 3; round++) {
      for (const answer of [
        await browser.post("/auth/oauth/remote", { form: {} }),
        await browser.get("/auth/oauth/remote"),
        await browser.post("/auth/oauth/remote", { json: {} }),
        await browser.post("/auth/oauth/remote/link", { form: {} }),
      ])
        told.push(
          `${answer.status} ${answer.headers.get("location")?.replace(/^http.*/, "out") ?? ""}`.trim(),
        )
    }
    const sent = ["303 out", "303 out", "200", "303 out"]
    expect(told).toEqual([
      ...sent,
      ...sent,
      "303 out",
      "303 out",
      "429",
      "303 /account?error=rate_limited&provider=remote&retry_after=600",
    ])
    expect((await start(host, "203.0.113.6")).ok).toBe(true)
  })

  test("a window ends to the millisecond", async () => {
    const host = limited()
    for (let n = 0; n < 10; n++) await start(host, "203.0.113.5")
    host.clock.advance(599_999)
    expect(await start(host, "203.0.113.5")).toMatchObject({ reason: "rate_limited", retryAfter: 1 })
    host.clock.advance(1)
    expect((await start(host, "203.0.113.5")).ok).toBe(true)
  })

  test("one bucket per IPv6 /64, whatever is forged, however an unknown provider is named", async () => {
    const host = limited()
    for (let n = 0; n < 10; n++) {
      await start(host, `2001:db8:1:2::${n}`)
      expect(
        await host.auth.flows.oauth.start({ provider: `p${n}` }, { address: "2001:db8:1:3::1" }),
      ).toEqual({
        ok: false,
        reason: "not_found",
      })
    }
    expect((await start(host, "2001:db8:1:2:ffff::1")).ok).toBe(false)
    expect((await start(host, "2001:db8:1:3::1")).ok).toBe(true)
    const browser = host.browser("2001:db8:1:2::5")
    const headers = { "x-forwarded-for": "198.51.100.1", forwarded: "for=198.51.100.1" }
    expect((await browser.post("/auth/oauth/remote", { json: {}, headers })).status).toBe(429)
  })

  test("the default is 100 in ten minutes", async () => {
    const host = oauthApp(remote, { clock })
    const starts = await Promise.all(Array.from({ length: 130 }, () => start(host, "203.0.113.5")))
    expect(starts.filter(({ ok }) => ok)).toHaveLength(100)
  })

  test("coming back is not counted: who was let out is let in", async () => {
    const host = limited()
    const browser = host.browser("203.0.113.5")
    const answer = await browser.post("/auth/oauth/remote", { form: {} })
    const parameters = remote.authorize(answer.headers.get("location") ?? "")
    for (let n = 0; n < 20; n++) await start(host, "203.0.113.5")
    await browser.get(`/auth/oauth/remote/callback?${parameters}`)
    expect(await host.auth.sessions.read(tokenOf(browser))).toBeDefined()
  })
})

describe("mails that are asked for", () => {
  type Limits = NonNullable<NonNullable<OAuthAppOptions["magicLink"]>["limits"]>
  const lenient: Limits = {
    network: { limit: 1000, window: "10m" },
    address: { limit: 1000, window: "15m" },
    mailbox: { limit: 1000, window: "1h" },
  }
  const hostWith = (limits: Limits, options: OAuthAppOptions = {}) =>
    oauthApp(remote, { clock, magicLink: { limits: { ...lenient, ...limits } }, ...options })
  type MailHost = ReturnType<typeof hostWith>

  // A whole hour, in which no window that is counted here ends.
  beforeEach(() => clock.set(Math.ceil(Date.now() / 3_600_000) * 3_600_000))

  async function statusOf(
    host: MailHost,
    peer: string,
    email: string = ada.email,
    headers = {},
  ): Promise<number> {
    return (await host.browser(peer).post("/auth/magic-link", { json: { email }, headers })).status
  }

  /** What each limit counts, and two hundred requests that it takes for the same. */
  const rows: Readonly<Record<string, (n: number) => readonly [peer: string, email: string]>> = {
    network: (n) => ["203.0.113.5", `u${n}@example.com`],
    address: (n) => [`198.51.100.${n}`, ada.email],
    mailbox: (n) => [`198.51.100.${n}`, `ada+${n}@example.com`],
  }

  test.each(Object.keys(rows))(
    "%s, limit 10: of 200 parallel ones over two instances exactly 10 are mailed, the rest hear 429",
    async (name) => {
      const host = hostWith({ [name]: { limit: 10, window: "10m" } })
      const twin = hostWith({ [name]: { limit: 10, window: "10m" } }, { stores: host.stores })
      const ask = (one: MailHost) => (n: number) => {
        const [peer, email] = rows[name]?.(n) ?? ["", ""]
        return one.browser(peer).post("/auth/magic-link", { json: { email } })
      }
      const answers = await race(200, [ask(host), ask(twin)])
      await settled()
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(10)
      expect([...host.mails, ...twin.mails]).toHaveLength(10)
      const refused = answers.filter(({ status }) => status === 429)
      expect(refused).toHaveLength(190)
      for (const answer of refused) {
        expect(answer.headers.get("retry-after")).toBe("600")
        expect(answer.headers.getSetCookie()).toEqual([])
      }
      const hits = [...host.events, ...twin.events].filter(({ type }) => type === "limit.hit")
      expect(hits).toHaveLength(190)
      expect(hits[0]).toMatchObject({ limit: `magic_link.${name}`, retryAfter: 600 })
    },
  )

  test("whoever is stopped causes no look-up and no mail, only a count and an entry of the audit", async () => {
    const host = hostWith({ network: { limit: 1, window: "10m" } })
    expect(await statusOf(host, "203.0.113.5")).toBe(202)
    const { calls, watched } = recordingStores(host.stores)
    const watching = hostWith({ network: { limit: 1, window: "10m" } }, { stores: watched })
    for (let n = 0; n < 5; n++) expect(await statusOf(watching, "203.0.113.5")).toBe(429)
    const touched = calls.map(({ method, slot }) => `${slot}.${method}`)
    expect(new Set(touched)).toEqual(new Set(["rateLimits.increment", "audit.append"]))
    expect(watching.mails).toEqual([])
  })

  test("one bucket per IPv6 /64; what is no address counts too", async () => {
    const host = hostWith({ network: { limit: 10, window: "10m" } })
    for (let n = 0; n < 10; n++) expect(await statusOf(host, `2001:db8:1:2::${n}`, "no address")).toBe(422)
    expect(await statusOf(host, "2001:db8:1:2:ffff::1")).toBe(429)
    expect(await statusOf(host, "2001:db8:1:3::1")).toBe(202)
    expect(await statusOf(host, "::ffff:203.0.113.5")).toBe(202)
  })

  test("a forged X-Forwarded-For is no way round it", async () => {
    for (const trustedProxies of [0, 1]) {
      const host = hostWith({ network: { limit: 10, window: "10m" } }, { trustedProxies })
      const statuses: number[] = []
      for (let n = 0; n < 11; n++) {
        const forged = trustedProxies === 0 ? `198.51.100.${n}` : `198.51.100.${n}, 203.0.113.5`
        const headers = { "x-forwarded-for": forged, forwarded: `for=198.51.100.${n}` }
        statuses.push(await statusOf(host, "203.0.113.6", `u${n}@example.com`, headers))
      }
      expect(statuses).toEqual([...Array<number>(10).fill(202), 429])
    }
  })

  test("spellings of one address share the counter, and so do forms and scripts", async () => {
    const host = hostWith({ address: { limit: 4, window: "15m" } })
    for (const email of ["ada@example.com", "ADA@example.com", " ada@EXAMPLE.com"])
      expect(await statusOf(host, "203.0.113.5", email)).toBe(202)
    const form = { email: "Ada@example.com " }
    const told: (string | null)[] = []
    for (let n = 0; n < 2; n++) {
      const answer = await host.browser(`198.51.100.${n}`).post("/auth/magic-link", { form })
      told.push(answer.headers.get("location"))
    }
    expect(told).toEqual(["/sign-in?notice=link_sent", "/sign-in?error=rate_limited&retry_after=900"])
  })

  test("a window ends to the millisecond", async () => {
    const host = hostWith({ address: { limit: 1, window: "15m" } })
    expect(await statusOf(host, "203.0.113.5")).toBe(202)
    clock.advance(899_999)
    expect(await statusOf(host, "203.0.113.5")).toBe(429)
    clock.advance(1)
    expect(await statusOf(host, "203.0.113.5")).toBe(202)
  })

  test("signing in gives nothing back", async () => {
    const host = hostWith({ address: { limit: 2, window: "15m" } })
    for (let n = 0; n < 2; n++) {
      const { browser, token } = await mailed(host)
      expect((await browser.post("/auth/magic-link/confirm", { json: { token } })).status).toBe(200)
    }
    expect(await statusOf(host, "203.0.113.5")).toBe(429)
  })
})

describe("tries of a code", () => {
  const reasonOf = async (answer: Promise<{ ok: boolean; reason?: string }>): Promise<string> =>
    (await answer).reason ?? "ok"

  test("200 at once over two instances and many addresses: five are evaluated, then the right one is refused too", async () => {
    const host = oauthApp(remote, { clock })
    const twin = oauthApp(remote, { clock, stores: host.stores })
    const { attempt, code, token } = await mailed(host)
    const guess = (one: typeof host) => (n: number) =>
      reasonOf(
        one.auth.flows.magicLink.confirmCode({ attempt, code: "wrong" }, { address: `198.51.100.${n}` }),
      )
    const reasons = await race(200, [guess(host), guess(twin)])
    expect(reasons.filter((reason) => reason === "code_invalid")).toHaveLength(5)
    expect(reasons.filter((reason) => reason === "code_exhausted")).toHaveLength(195)
    expect(evaluated(host, "code_wrong") + evaluated(twin, "code_wrong")).toBe(5)
    expect(await reasonOf(twin.auth.flows.magicLink.confirmCode({ attempt, code }))).toBe("code_exhausted")
    expect((await host.auth.flows.magicLink.confirm({ token })).ok).toBe(true)
  })

  test("200 at once, each with a mail of its own: as many are evaluated as an address has in an hour", async () => {
    const many = { limit: 1000, window: "1h" } as const
    const magicLink = {
      limits: { address: many, mailbox: many, network: many, codes: { ...many, limit: 10 } },
    }
    const host = oauthApp(remote, { clock, magicLink })
    const twin = oauthApp(remote, { clock, magicLink, stores: host.stores })
    const mails: Mailed[] = []
    for (let n = 0; n < 200; n++) mails.push(await mailed(host))
    const guess = (one: typeof host) => (n: number) =>
      reasonOf(one.auth.flows.magicLink.confirmCode({ attempt: mails[n]?.attempt, code: "wrong" }))
    const reasons = await race(200, [guess(host), guess(twin)])
    expect(reasons.filter((reason) => reason === "code_invalid")).toHaveLength(10)
    const last = mails[199]
    const right = { attempt: last?.attempt, code: last?.code ?? "" }
    expect(await reasonOf(host.auth.flows.magicLink.confirmCode(right))).toBe("code_exhausted")
  })
})
