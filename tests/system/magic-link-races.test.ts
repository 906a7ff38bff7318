import { createHash } from "node:crypto"
import { race } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import {
  at,
  type MailCluster,
  type Mailed,
  type MailServer,
  mailCluster,
  mailed,
  whoIs,
} from "./magic-link-servers.js"
import { ada, wirings } from "./servers.js"

let opened: MailCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

const many = { limit: 1000, window: "1d" } as const
const lenient = { network: many, address: many, mailbox: many, codes: many }

/** How often each answer came. */
function tally(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

function reasonOf(outcome: { readonly ok: boolean; readonly reason?: string }): string {
  return outcome.ok ? "ok" : (outcome.reason ?? "")
}

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(limits: Parameters<typeof mailCluster>[1] = { limits: lenient }): Promise<MailCluster> {
    opened = await mailCluster(wiring, limits)
    return opened
  }

  function expectNoFaults({ a, b }: MailCluster): void {
    expect([...a.faults, ...b.faults]).toEqual([])
  }

  test("16 clicks on one link at once: one user, one session, one success, 15 refusals", async () => {
    const all = await open()
    const { a, b, events } = all
    const { browser, token } = await mailed(a)
    const browsers = Array.from({ length: 16 }, (_, n) => at(n % 2 ? a : b, browser))
    const answers = await race(16, [async (n) => browsers[n]?.get(`/auth/magic-link/confirm?token=${token}`)])
    expect(tally(answers.map((answer) => `${answer?.status}`))).toEqual({ "303": 1, "410": 15 })
    expect((await Promise.all(browsers.map(whoIs))).filter(Boolean)).toHaveLength(1)
    const [user, ...more] = await a.stores.users.list({ limit: 9 })
    expect([user?.email, more]).toEqual([ada.email, []])
    expect(await b.auth.sessions.list(user?.id ?? "")).toHaveLength(1)
    expect([
      events("user.registered").length,
      events("sign_in.succeeded").length,
      events("session.opened").length,
    ]).toEqual([1, 1, 1])
    expectNoFaults(all)
  })

  test("16 links to one new address at once: one user, 16 sessions, registered once", async () => {
    const all = await open()
    const { a, b, events } = all
    const mails: Mailed[] = []
    for (let n = 0; n < 16; n++) mails.push(await mailed(n % 2 ? a : b))
    const confirm = (server: MailServer) => (n: number) =>
      server.auth.flows.magicLink.confirm({ token: mails[n]?.token })
    const outcomes = await race(16, [confirm(a), confirm(b)])
    expect(tally(outcomes.map(reasonOf))).toEqual({ ok: 16 })
    const users = await a.stores.users.list({ limit: 9 })
    expect(users).toHaveLength(1)
    expect(new Set(outcomes.map((one) => one.ok && one.user.id))).toEqual(new Set([users[0]?.id]))
    expect(await b.auth.sessions.list(users[0]?.id ?? "")).toHaveLength(16)
    expect([events("user.registered").length, events("sign_in.succeeded").length]).toEqual([1, 16])
    expectNoFaults(all)
  })

  test("link and code of one mail, 16 uses at once: one gets in", async () => {
    const all = await open()
    const { a, b, events } = all
    const { attempt, code, token } = await mailed(a)
    const use = (server: MailServer) => (n: number) =>
      n < 4
        ? server.auth.flows.magicLink.confirmCode({ attempt, code })
        : server.auth.flows.magicLink.confirm({ token })
    const reasons = tally((await race(16, [use(a), use(b)])).map(reasonOf))
    const { code_expired: late = 0, link_used: used = 0, ok } = reasons
    expect([ok, late + used]).toEqual([1, 15])
    expect(events("sign_in.succeeded")).toHaveLength(1)
    expectNoFaults(all)
  })

  test("64 wrong codes at once: five are looked at, then the right one is refused, and the link still works", async () => {
    const all = await open()
    const { a, b, events } = all
    const { attempt, code, token } = await mailed(a)
    const guess = (server: MailServer) => () =>
      server.auth.flows.magicLink.confirmCode({ attempt, code: "wrong" })
    const outcomes = await race(64, [guess(a), guess(b)])
    expect(tally(outcomes.map(reasonOf))).toEqual({ code_invalid: 5, code_exhausted: 59 })
    expect(reasonOf(await b.auth.flows.magicLink.confirmCode({ attempt, code }))).toBe("code_exhausted")
    expect(reasonOf(await a.auth.flows.magicLink.confirm({ token }))).toBe("ok")
    const causes = events("sign_in.refused").map((event) => (event as { cause?: string }).cause ?? "")
    expect(tally(causes)["code_wrong"]).toBe(5)
    expectNoFaults(all)
  })

  test("codes of 32 mails to one address at once, limit 7: seven are looked at", async () => {
    const { a, b } = await open({ limits: { ...lenient, codes: { limit: 7, window: "1d" } } })
    const mails: Mailed[] = []
    for (let n = 0; n < 32; n++) mails.push(await mailed(n % 2 ? a : b))
    const guess = (server: MailServer) => (n: number) =>
      server.auth.flows.magicLink.confirmCode({ attempt: mails[n]?.attempt, code: "wrong" })
    const outcomes = await race(32, [guess(a), guess(b)])
    expect(tally(outcomes.map(reasonOf))).toEqual({ code_invalid: 7, code_exhausted: 25 })
  })

  test.each(["network", "address", "mailbox"] as const)(
    "limit 10 of %s: of 200 mails asked for at once exactly 10 are sent",
    async (name) => {
      const all = await open({ limits: { ...lenient, [name]: { limit: 10, window: "1d" } } })
      const { a, b, events } = all
      const emailOf = (n: number): string =>
        ({ network: `u${n}@example.com`, address: ada.email, mailbox: `ada+${n}@example.com` })[name]
      const start = (server: MailServer) => (n: number) =>
        server.auth.flows.magicLink.start({ email: emailOf(n), locale: "en" }, { address: "203.0.113.5" })
      const outcomes = await race(200, [start(a), start(b)])
      await new Promise((resolve) => setTimeout(resolve, 0))
      expect(tally(outcomes.map(reasonOf))).toEqual({ ok: 10, rate_limited: 190 })
      expect([...a.mails, ...b.mails]).toHaveLength(10)
      expect(events("magic_link.requested")).toHaveLength(10)
      expectNoFaults(all)
    },
  )

  test("16 claims at once of an account that nobody verified, while its squatter signs in: one owner, nobody else", async () => {
    const all = await open()
    const { a, b, events } = all
    await a.auth.flows.password.register(ada)
    const squatters = await Promise.all([a, b].map(({ auth }) => auth.flows.password.signIn(ada)))
    const tokens = squatters.flatMap((one) => (one.ok ? [one.session.token] : []))
    expect(tokens).toHaveLength(2)
    const { token } = await mailed(a)
    const claim = (server: MailServer) => async () => {
      const outcome = await server.auth.flows.magicLink.confirm({ token, claim: true })
      return { claimed: outcome.ok, squatters: undefined }
    }
    const signIn = (server: MailServer) => async () => {
      const outcome = await server.auth.flows.password.signIn(ada)
      return { claimed: false, squatters: outcome.ok ? outcome.session.token : undefined }
    }
    const outcomes = await race(32, [claim(a), claim(b), signIn(a), signIn(b)])
    expect(outcomes.filter(({ claimed }) => claimed)).toHaveLength(1)
    for (const { squatters: got } of outcomes) if (got !== undefined) tokens.push(got)
    for (const each of tokens) expect(await b.auth.sessions.read(each)).toBeUndefined()
    const [user] = await a.stores.users.list({ limit: 9 })
    expect(user?.emailVerifiedAt).toEqual(expect.any(Number))
    expect(await a.stores.credentials.listByUser(user?.id ?? "")).toEqual([])
    expect(await b.auth.sessions.list(user?.id ?? "")).toHaveLength(1)
    expect(events("user.claimed")).toHaveLength(1)
    expect((await b.auth.flows.password.signIn(ada)).ok).toBe(false)
    expectNoFaults(all)
  })

  test("16 registrations and 16 links to one new address at once: whoever comes by mail is in alone", async () => {
    for (let round = 0; round < 3; round++) {
      const { a, b } = await open()
      const mails: Mailed[] = []
      for (let n = 0; n < 8; n++) mails.push(await mailed(n % 2 ? a : b))
      const outcomes = await race(16, [
        async (n) => a.auth.flows.magicLink.confirm({ token: mails[Math.floor(n / 2)]?.token, claim: true }),
        // Whoever registers what was claimed meanwhile hears of a fault; that they have nothing is what counts.
        async () => b.auth.flows.password.register(ada).catch(() => ({ ok: false })),
      ])
      const arrived = outcomes.filter((one) => "locale" in one)
      expect(await a.stores.users.list({ limit: 9 })).toHaveLength(1)
      if (arrived.length > 0) expect((await b.auth.flows.password.signIn(ada)).ok).toBe(false)
      await opened?.close()
      opened = undefined
    }
  })

  test("revoke-all beats every link and code that is on its way", async () => {
    const { a, b } = await open()
    expect(reasonOf(await a.auth.flows.magicLink.confirm({ token: (await mailed(a)).token }))).toBe("ok")
    const [user] = await a.stores.users.list({ limit: 9 })
    const id = user?.id ?? ""
    const mails: Mailed[] = []
    for (let n = 0; n < 16; n++) mails.push(await mailed(n % 2 ? a : b))
    const confirms = mails.map(({ attempt, code, token }, n) =>
      n % 3 === 0
        ? () => b.auth.flows.magicLink.confirmCode({ attempt, code })
        : () => a.auth.flows.magicLink.confirm({ token }),
    )
    const [, ...outcomes] = await Promise.all([
      a.auth.sessions.endAll(id, "revoked", {}),
      ...confirms.map((confirm) => confirm()),
    ])
    for (const one of outcomes) {
      expect(["ok", "link_expired"]).toContain(reasonOf(one))
      if (one.ok) expect(await b.auth.sessions.read(one.session.token)).toBeUndefined()
    }
    expect(await a.auth.sessions.list(id)).toEqual([])
  })

  test("before a link is confirmed no store has a trace of the address, and nothing in a dump lets in", async () => {
    const { a, b, dump } = await open({ limits: { ...lenient, codes: { limit: 100_000, window: "1d" } } })
    const email = "canary.person@example.com"
    const { attempt, browser, code, token } = await mailed(a, email)
    await b.auth.flows.magicLink.confirmCode({ attempt, code: "wrong" })
    await at(b).get(`/auth/magic-link/confirm?token=${token}`)
    const text = await dump()
    expect(text.length).toBeGreaterThan(100)
    const [payload = "", mac = ""] = token.split(".")
    const bytes = Buffer.from(email)
    const digests = ["sha1", "sha256", "sha512", "md5"].flatMap((name) =>
      (["hex", "base64", "base64url"] as const).map((form) => createHash(name).update(email).digest(form)),
    )
    const traces = [
      ...[email, "canary", bytes.toString("hex"), bytes.toString("base64").replace(/=+$/, "")],
      ...[...digests.map((digest) => digest.replace(/=+$/, "")), payload, mac, code],
      ...(browser.cookies.get("__Host-magic-link") ?? "").split("."),
    ]
    for (const trace of traces) expect([trace, text.includes(trace)]).toEqual([trace, false])
    expect(await a.stores.users.list({ limit: 9 })).toEqual([])

    const words = [...new Set(text.match(/[\w-]{16,}/g))]
    expect(words.length).toBeGreaterThan(3)
    for (const word of words) {
      for (const each of [word, `${payload}.${word}`]) {
        expect((await b.auth.flows.magicLink.confirm({ token: each })).ok).toBe(false)
        expect((await b.auth.flows.magicLink.confirmCode({ attempt: each, code })).ok).toBe(false)
      }
    }
    expect(reasonOf(await b.auth.flows.magicLink.confirm({ token }))).toBe("ok")
    expect(await dump()).toContain(email)
  })
})
