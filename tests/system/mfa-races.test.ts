import { race } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import { asked, at, type MfaCluster, type MfaServer, mfaCluster } from "./mfa-servers.js"
import { wirings } from "./servers.js"

let opened: MfaCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

function tally(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

function reasonOf(outcome: { readonly ok: boolean; readonly reason?: string }): string {
  return outcome.ok ? "ok" : (outcome.reason ?? "")
}

/** Ada adds a telephone number in a session that her app has opened; answers how its code is said. */
async function enrolledPhone(
  all: MfaCluster,
): Promise<(server: MfaServer) => () => Promise<{ readonly ok: boolean; readonly reason?: string }>> {
  const { browser } = await asked(all.a)
  await browser.post("/auth/mfa/verify", { json: { factor: "totp", code: all.appCode() } })
  await browser.post("/auth/mfa/enrol", { json: { factor: "phone", number: "+4915112345678" } })
  await new Promise((resolve) => setTimeout(resolve, 0))
  const answer = all.a.messages.at(-1)?.code ?? ""
  const context = { token: browser.cookies.get("__Host-session") }
  return ({ auth }) =>
    () =>
      auth.flows.mfa.confirmEnrolment({ factor: "phone", answer }, context)
}

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(options?: Parameters<typeof mfaCluster>[1]): Promise<MfaCluster> {
    opened = await mfaCluster(wiring, options)
    return opened
  }

  /** Of 16 calls at once at both servers; the try counter lets five be looked at. */
  async function onlyOne(
    { a, b, events, userId }: MfaCluster,
    call: (
      server: MfaServer,
    ) => (index: number) => Promise<{ readonly ok: boolean; readonly reason?: string }>,
  ): Promise<void> {
    const before = events("sign_in.succeeded").length
    const outcomes = await race(16, [call(a), call(b)])
    expect(tally(outcomes.map(reasonOf))["ok"]).toBe(1)
    expect(await b.auth.sessions.list(userId)).toHaveLength(1)
    expect(events("sign_in.succeeded").length - before).toBe(1)
    expect([...a.faults, ...b.faults]).toEqual([])
  }

  test("16 uses of one code of the app, for one sign-in: one gets in", async () => {
    const all = await open()
    const { challenge } = await asked(all.a)
    const answer = all.appCode()
    await onlyOne(
      all,
      ({ auth }) =>
        () =>
          auth.flows.mfa.verify({ challenge, factor: "totp", answer }),
    )
  })

  test("16 sign-ins with one code of the app: one gets in", async () => {
    const all = await open()
    const challenges: string[] = []
    for (let n = 0; n < 16; n++) challenges.push((await asked(n % 2 ? all.a : all.b)).challenge)
    const answer = all.appCode()
    await onlyOne(
      all,
      ({ auth }) =>
        (n) =>
          auth.flows.mfa.verify({ challenge: challenges[n], factor: "totp", answer }),
    )
  })

  test("16 sign-ins with one recovery code: one gets in", async () => {
    const all = await open()
    const challenges: string[] = []
    for (let n = 0; n < 16; n++) challenges.push((await asked(n % 2 ? all.a : all.b)).challenge)
    const [answer = ""] = all.codes
    await onlyOne(
      all,
      ({ auth }) =>
        (n) =>
          auth.flows.mfa.verify({ challenge: challenges[n], factor: "recovery_code", answer }),
    )
    expect(await all.a.auth.flows.mfa.factors(all.userId)).toMatchObject({ recoveryCodes: 9 })
  })

  test("16 uses of one code in the mail: one gets in", async () => {
    const all = await open({ enrolled: false })
    const { browser, challenge } = await asked(all.a)
    await browser.post("/auth/mfa/begin", { json: { factor: "email" } })
    await new Promise((resolve) => setTimeout(resolve, 0))
    const mail = all.a.mails.at(-1)
    const answer = mail?.kind === "second_factor" ? mail.code : ""
    await onlyOne(
      all,
      ({ auth }) =>
        () =>
          auth.flows.mfa.verify({ challenge, factor: "email", answer }),
    )
  })

  test("16 uses of one code in a text message: one enrols the number, one gets in", async () => {
    const all = await open()
    const confirm = await enrolledPhone(all)
    const enrolled = await race(16, [confirm(all.a), confirm(all.b)])
    expect(tally(enrolled.map(reasonOf))["ok"]).toBe(1)
    expect(
      all.events("factor.enrolled").filter((event) => "factor" in event && event.factor === "phone"),
    ).toHaveLength(1)
    await all.a.auth.sessions.endAll(all.userId, "revoked", {})
    // The wrong ones of the race are counted.
    all.advance(3_700_000)
    const { browser, challenge } = await asked(all.a)
    await browser.post("/auth/mfa/begin", { json: { factor: "phone" } })
    await new Promise((resolve) => setTimeout(resolve, 0))
    const answer = all.a.messages.at(-1)?.code ?? ""
    await onlyOne(
      all,
      ({ auth }) =>
        () =>
          auth.flows.mfa.verify({ challenge, factor: "phone", answer }),
    )
  })

  test("64 wrong codes of all factors at once: five are looked at, then the right one waits, whatever challenge", async () => {
    const all = await open()
    const { a, b } = all
    const confirm = await enrolledPhone(all)
    expect(reasonOf(await confirm(a)())).toBe("ok")
    all.advance(60_000)
    const { browser, challenge } = await asked(a)
    await browser.post("/auth/mfa/begin", { json: { factor: "phone" } })
    const wrong = [
      ["totp", all.wrongAppCode()],
      ["recovery_code", "0000-0000-0000-0000"],
      ["phone", "00000000"],
    ] as const
    const guess = (server: MfaServer) => (n: number) => {
      const [factor, answer] = wrong[n % 3] ?? wrong[0]
      return server.auth.flows.mfa.verify({ challenge, factor, answer })
    }
    const outcomes = await race(64, [guess(a), guess(b)])
    expect(tally(outcomes.map(reasonOf))).toEqual({ code_invalid: 5, rate_limited: 59 })
    const again = await asked(b)
    const right = { challenge: again.challenge, factor: "totp", answer: all.appCode() } as const
    expect(reasonOf(await a.auth.flows.mfa.verify(right))).toBe("rate_limited")
    all.advance(30_000)
    expect(reasonOf(await a.auth.flows.mfa.verify({ ...right, answer: all.appCode() }))).toBe("ok")
  })

  test("ending all sessions beats every second factor that is under way", async () => {
    const all = await open()
    const { a, b, codes, userId } = all
    const challenges: string[] = []
    for (let n = 0; n < 8; n++) challenges.push((await asked(n % 2 ? a : b)).challenge)
    const revoked = b.auth.sessions.endAll(userId, "revoked", {})
    const enter = (server: MfaServer) => (n: number) =>
      server.auth.flows.mfa.verify({
        challenge: challenges[n],
        factor: "recovery_code",
        answer: codes[n] ?? "",
      })
    await race(8, [enter(a), enter(b)])
    await revoked
    const live = await a.auth.sessions.list(userId)
    // Whoever was quicker than the end was ended by it; whoever was slower met another epoch.
    expect(live).toEqual([])
  })

  test("removing the factor 16 times at once: once", async () => {
    const all = await open()
    const { browser } = await asked(all.a)
    await browser.post("/auth/mfa/verify", { json: { factor: "totp", code: all.appCode() } })
    const clients = Array.from({ length: 16 }, (_, n) => at(n % 2 ? all.a : all.b, browser))
    const statuses = await race(16, [
      async (n) => `${(await clients[n]?.post("/auth/mfa/remove", { json: { factor: "totp" } }))?.status}`,
    ])
    expect(statuses.filter((status) => status === "200")).toHaveLength(1)
    expect(all.events("factor.removed")).toHaveLength(1)
  })

  test("a dump holds neither seed nor code, and everything that a first factor leaves opens nothing", async () => {
    const all = await open()
    const { browser } = await asked(all.a)
    await browser.post("/auth/mfa/begin", { json: { factor: "email" } })
    const text = await all.dump()
    expect(text).toContain("recovery_code")
    for (const canary of all.canaries) expect(text).not.toContain(canary)
    expect(text).not.toContain(browser.cookies.get("__Host-mfa") ?? "-")
  })
})
