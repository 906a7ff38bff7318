/** Each factor by itself: what it takes, what it refuses, and that nothing is good twice. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { type OAuthHost, oauthApp } from "../oauth/oauth-app.js"
import { mailed } from "../security/every-flow.js"
import { enrolTotp, methodsOf, mfaOf, post, refusalOf, whoIs, withTotp } from "./mfa-app.js"
import { noneSent, secondFactors } from "./second-factors.js"

/** Windows of throttles are aligned to the clock. */
const noon = Date.UTC(2026, 10, 22, 12)
const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const number = "+49 (151) 123-45678"

async function hosted(decided: Parameters<typeof secondFactors>[1] = {}) {
  const sent = noneSent()
  const host = oauthApp(remote, {
    clock: adjustableClock(noon),
    flows: { mfa: secondFactors(sent, decided) },
  })
  const user = await account(host, { verified: true })
  return { host, sent, user }
}

/** A browser that has said the right password. */
async function asked(host: OAuthHost): Promise<TestClient> {
  const browser = host.browser()
  await browser.post("/auth/login", { json: ada })
  return browser
}

const verify = (browser: TestClient, factor: string, code: string) =>
  browser.post("/auth/mfa/verify", { json: { factor, code } })

async function withPhone({ host, sent }: Awaited<ReturnType<typeof hosted>>): Promise<void> {
  const browser = await asked(host)
  await post(browser, "/auth/mfa/enrol", { factor: "phone", number })
  await settled()
  await post(browser, "/auth/mfa/enrol/confirm", { factor: "phone", code: sent.messages.at(-1)?.code })
  await settled()
}

describe("an authenticator app", () => {
  test.each([
    [-2, 401],
    [-1, 200],
    [0, 200],
    [1, 200],
    [2, 401],
  ])("the code of %d steps from now: %d", async (steps, status) => {
    const { host } = await hosted()
    const { app } = await withTotp(host)
    host.clock.advance(120_000)
    expect((await verify(await asked(host), "totp", app.code(steps))).status).toBe(status)
  })

  test("a code is good once: not for another sign-in, nor after its enrolment", async () => {
    const { host } = await hosted()
    const { app } = await withTotp(host)
    const code = app.code()
    expect((await verify(await asked(host), "totp", code)).status).toBe(200)
    expect(await refusalOf(await verify(await asked(host), "totp", code))).toEqual([401, "code_invalid"])
    expect(host.events).toContainEqual(
      expect.objectContaining({ type: "factor.refused", cause: "code_used" }),
    )
  })

  test("the code that has enrolled it signs nobody in", async () => {
    const { host } = await hosted()
    const browser = await asked(host)
    const { app } = await enrolTotp(host, browser)
    expect(await refusalOf(await verify(await asked(host), "totp", app.code()))).toEqual([
      401,
      "code_invalid",
    ])
  })

  test("16 sign-ins with one code at once: one gets in", async () => {
    const { host } = await hosted()
    const { app } = await withTotp(host)
    const browsers = await Promise.all(Array.from({ length: 4 }, () => asked(host)))
    const code = app.code()
    const answers = await race(4, [
      async (n) => (await verify(browsers[n] as TestClient, "totp", code)).status,
    ])
    expect(answers.filter((status) => status === 200)).toHaveLength(1)
    expect((await Promise.all(browsers.map(whoIs))).filter(Boolean)).toHaveLength(1)
  })

  test("spaces and hyphens are how people group digits", async () => {
    const { host } = await hosted()
    const { app } = await withTotp(host)
    const code = app.code()
    expect((await verify(await asked(host), "totp", ` ${code.slice(0, 3)} ${code.slice(3)}-`)).status).toBe(
      200,
    )
  })

  test.each(["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "1".repeat(2000), "12345\u0000"])(
    "%j is no code",
    async (code) => {
      const { host } = await hosted()
      await withTotp(host)
      expect(await refusalOf(await verify(await asked(host), "totp", code))).toEqual([401, "code_invalid"])
    },
  )

  test("a seed of which nobody has the secret any more lets nobody in, and breaks nothing", async () => {
    const { host, user } = await hosted()
    const { app } = await withTotp(host)
    const stored = await host.stores.credentials.find("totp", user.id)
    if (!stored) throw new Error("not enrolled")
    await host.stores.credentials.replace({ ...stored, secret: "AAAA.AAAA", revision: 1 }, 0)
    expect(await refusalOf(await verify(await asked(host), "totp", app.code()))).toEqual([
      409,
      "factor_unavailable",
    ])
    expect(host.faults).toEqual([])
  })
})

describe("codes by mail and by text message", () => {
  async function sentFor(kind: "email" | "phone") {
    // By mail only where a second factor is required and there is no other.
    const all = await hosted({ required: kind === "email" })
    const { sent } = all
    if (kind === "phone") await withPhone(all)
    const begin = async (browser: TestClient) => {
      await post(browser, "/auth/mfa/begin", { factor: kind })
      await settled()
      const mail = sent.mails.filter((one) => one.kind === "second_factor").at(-1)
      return kind === "phone"
        ? (sent.messages.at(-1)?.code ?? "")
        : mail?.kind === "second_factor"
          ? mail.code
          : ""
    }
    return { ...all, begin }
  }

  test.each(["email", "phone"] as const)(
    "%s: eight digits, good once, for its own sign-in alone",
    async (kind) => {
      const { begin, host } = await sentFor(kind)
      const [one, other] = [await asked(host), await asked(host)]
      const code = await begin(one)
      expect(code).toMatch(/^\d{8}$/)
      expect(await refusalOf(await verify(other, kind, code))).toEqual([401, "code_invalid"])
      expect((await verify(one, kind, code)).status).toBe(200)
      expect(await methodsOf(one)).toEqual(["pwd", kind === "phone" ? "sms" : "email", "mfa"])
      expect(await refusalOf(await verify(one, kind, code))).toEqual([401, "mfa_challenge_invalid"])
    },
  )

  test.each(["email", "phone"] as const)("%s: asked again, the same code", async (kind) => {
    const { begin, host } = await sentFor(kind)
    const browser = await asked(host)
    expect(await begin(browser)).toBe(await begin(browser))
  })

  test.each(["email", "phone"] as const)("%s: over after ten minutes, to the millisecond", async (kind) => {
    const { begin, host } = await sentFor(kind)
    const [early, late] = [await asked(host), await asked(host)]
    const [codeOfEarly, codeOfLate] = [await begin(early), await begin(late)]
    host.clock.advance(599_999)
    expect((await verify(early, kind, codeOfEarly)).status).toBe(200)
    host.clock.advance(1)
    expect(await refusalOf(await verify(late, kind, codeOfLate))).toEqual([401, "mfa_challenge_invalid"])
  })

  test.each(["email", "phone"] as const)(
    "%s: five of them in a quarter of an hour, whatever asks",
    async (kind) => {
      const { host, sent } = await sentFor(kind)
      const before = sent.messages.length + sent.mails.length
      const statuses: number[] = []
      for (let round = 0; round < 7; round++) {
        const browser = await asked(host)
        statuses.push((await browser.post("/auth/mfa/begin", { json: { factor: kind } })).status)
      }
      await settled()
      // Enrolling a number has sent one.
      const most = kind === "phone" ? 4 : 5
      expect(statuses.filter((status) => status === 200)).toHaveLength(most)
      expect(statuses.slice(most).every((status) => status === 429)).toBe(true)
      expect(sent.messages.length + sent.mails.length - before).toBe(most)
      const hit = host.events.filter(({ type }) => type === "limit.hit")
      const limit = kind === "phone" ? "mfa_sms.user" : "mfa_email.user"
      expect(hit).toEqual(statuses.slice(most).map(() => expect.objectContaining({ limit, retryAfter: 900 })))
    },
  )

  test("who came by mail is not asked for a code by mail, and whose address nobody verified neither", async () => {
    const { host, user } = await hosted({ required: true })
    const browser = host.browser()
    const { token } = await mailed(host, browser)
    const answer = await browser.post("/auth/magic-link/confirm", { json: { token } })
    expect(await answer.json()).toMatchObject({ factors: [], enrol: ["totp", "phone"] })
    await host.stores.users.update(user.id, { emailVerifiedAt: null })
    const login = await host.browser().post("/auth/login", { json: ada })
    expect(await login.json()).toMatchObject({ factors: [], enrol: ["totp", "phone"] })
  })

  test("a message names the code, the host, and in its last line the page that it is for", async () => {
    const all = await hosted()
    await withPhone(all)
    const [message] = all.sent.messages
    expect(message?.to).toBe("+4915112345678")
    expect(message?.text).toBe(`Example: ${message?.code}\n\n@app.example.com #${message?.code}`)
  })

  test.each([
    "",
    "0151 1234567",
    "+0151123456",
    "+49",
    "+1234567890123456",
    "+49151\r\n1234567",
    ["+4915112345678"],
    null,
  ])("%j is no telephone number", async (typed) => {
    const { host } = await hosted()
    const browser = await asked(host)
    const answer = await browser.post("/auth/mfa/enrol", { json: { factor: "phone", number: typed } })
    expect(await refusalOf(answer)).toEqual([400, "invalid_request"])
  })

  test("a number is nowhere in the stores", async () => {
    const all = await hosted()
    await withPhone(all)
    const kept = JSON.stringify(await all.host.stores.credentials.listByUser(all.user.id))
    expect(kept).toContain('"kind":"phone"')
    expect(kept).not.toContain("15112345678")
    expect(await mfaOf(all.host).factors(all.user.id)).toMatchObject({
      factors: [{ factor: "phone", label: "+49…78" }],
    })
  })
})

describe("recovery codes", () => {
  test("ten, of 80 bits, all different; each good once, and the user is told", async () => {
    const { host, sent } = await hosted()
    const { codes } = await withTotp(host)
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
    const [code = ""] = codes
    const browser = await asked(host)
    expect((await verify(browser, "recovery_code", code.toLowerCase().replaceAll("-", " "))).status).toBe(200)
    expect(await methodsOf(browser)).toEqual(["pwd", "otp", "mfa"])
    await settled()
    expect(sent.mails).toContainEqual(
      expect.objectContaining({ kind: "notice", notice: "recovery_code_used" }),
    )
    expect(await refusalOf(await verify(await asked(host), "recovery_code", code))).toEqual([
      401,
      "code_invalid",
    ])
    expect((await post(browser, "/auth/mfa/recovery-codes", {}))["codes"]).toHaveLength(10)
  })

  test("of 4 uses of one at once one gets in", async () => {
    const { host } = await hosted()
    const [code = ""] = (await withTotp(host)).codes
    const browsers = await Promise.all(Array.from({ length: 4 }, () => asked(host)))
    const statuses = await race(4, [
      async (n) => (await verify(browsers[n] as TestClient, "recovery_code", code)).status,
    ])
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  })

  test("new ones end those before; nothing of them is in the stores", async () => {
    const { host, user } = await hosted()
    const { app, codes } = await withTotp(host)
    const browser = await asked(host)
    await verify(browser, "totp", app.code())
    const { codes: fresh } = await post(browser, "/auth/mfa/recovery-codes", {})
    const kept = JSON.stringify(await host.stores.credentials.listByUser(user.id))
    for (const code of [...codes, ...(fresh as string[])]) {
      expect(kept).not.toContain(code)
      expect(kept).not.toContain(code.replaceAll("-", ""))
    }
    expect(await refusalOf(await verify(await asked(host), "recovery_code", codes[0] ?? ""))).toEqual([
      401,
      "code_invalid",
    ])
    expect((await verify(await asked(host), "recovery_code", (fresh as string[])[0] ?? "")).status).toBe(200)
  })

  test("somebody else's code is wrong", async () => {
    const { host } = await hosted()
    const { codes } = await withTotp(host)
    const other = await account(host, { email: "eve@example.com", verified: true })
    const eve = { email: "eve@example.com", password: ada.password }
    const browser = host.browser()
    await post(browser, "/auth/login", eve)
    await enrolTotp(host, browser)
    host.clock.advance(60_000)
    const next = host.browser()
    await next.post("/auth/login", { json: eve })
    expect(await refusalOf(await verify(next, "recovery_code", codes[0] ?? ""))).toEqual([
      401,
      "code_invalid",
    ])
    expect(other.id).toBeTruthy()
  })

  test("without scripts they come as a file", async () => {
    const { host } = await hosted()
    const browser = await asked(host)
    await enrolTotp(host, browser)
    const answer = await browser.post("/auth/mfa/recovery-codes", { form: {} })
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="recovery-codes.txt"')
    expect((await answer.text()).trim().split("\n")).toHaveLength(10)
  })
})
