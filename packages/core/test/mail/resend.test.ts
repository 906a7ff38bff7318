import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { letterWriter } from "../../src/mail.js"
import { type ResendOptions, resend } from "../../src/mail-resend.js"
import { accountMail, accountMails } from "./account-mails.js"
import { type Answer, failing, type ResendStandIn, startResendStandIn } from "./resend-stand-in.js"
import { canaries, signInMail } from "./sign-in-mail.js"
import { mailFault } from "./thrown.js"

let standIn: ResendStandIn
beforeAll(async () => {
  standIn = await startResendStandIn()
})
beforeEach(() => standIn.reset())
afterAll(() => standIn.stop())

const appName = "Bücher & Söhne"

function sender(options: Partial<ResendOptions> = {}) {
  return resend({
    appName,
    apiKey: canaries.apiKey,
    from: "Bücher & Söhne <login@example.com>",
    baseUrl: standIn.origin,
    network: { loopback: [standIn.origin] },
    ...options,
  })
}

describe("what is asked of Resend", () => {
  test("one mail with both texts, to one address", async () => {
    const mail = signInMail({ locale: "de" })
    await sender({ replyTo: "help@example.com" })(mail)
    const { to, subject, text, html } = await letterWriter({ appName }).write(mail)
    expect(subject).toBe("Anmelden bei Bücher & Söhne")
    const [request, ...more] = standIn.requests
    expect(more).toEqual([])
    expect(request?.line).toBe("POST /emails")
    expect(request?.body).toEqual({
      from: "Bücher & Söhne <login@example.com>",
      reply_to: "help@example.com",
      to,
      subject,
      text,
      html,
      headers: { "Auto-Submitted": "auto-generated" },
    })
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${canaries.apiKey}`,
      "content-type": "application/json",
      "user-agent": "mortise",
    })
  })

  test("once per link: the key is a digest of it", async () => {
    const [one, other] = [signInMail(), signInMail({ url: "https://app.example.com/?token=other" })]
    const send = sender()
    for (const mail of [one, one, other]) await send(mail)
    const digest = createHash("sha256").update(one.url).digest("base64url")
    const keys = standIn.requests.map(({ headers }) => headers["idempotency-key"])
    expect(keys).toEqual([
      `magic-link/${digest}`,
      `magic-link/${digest}`,
      expect.stringMatching(/^magic-link\/[\w-]{43}$/),
    ])
    expect(standIn.delivered.size).toBe(2)
  })

  test.each(accountMails)("a mail about an account, once: %s", async (_what, mail) => {
    const send = sender()
    await send(mail)
    await send(mail)
    await send({ ...mail, to: "eve@example.com", ...("url" in mail && { url: `${mail.url}2` }) })
    const [first, again, other, ...more] = standIn.requests
    expect(more).toEqual([])
    expect(first?.body).toMatchObject(await letterWriter({ appName }).write(mail))
    const key = (request: typeof first): unknown => request?.headers["idempotency-key"]
    expect(key(first)).toMatch(new RegExp(`^${mail.kind.replaceAll("_", "-")}/[\\w-]{43}$`))
    expect(key(again)).toBe(key(first))
    expect(key(other)).not.toBe(key(first))
    expect(standIn.delivered.size).toBe(2)
  })

  test.each([
    ["second_factor", { code: "11111111" }],
    ["second_factor", { expiresAt: 1 }],
    ["notice", { notice: "factor_added" }],
    ["notice", { at: 1 }],
  ] as const)("another %s to the same address: %j", async (kind, changes) => {
    const send = sender()
    const mail = accountMail(kind)
    await send(mail)
    await send({ ...mail, ...changes } as typeof mail)
    expect(standIn.delivered.size).toBe(2)
  })

  test.each([
    ["login@example.com", "login@example.com"],
    ["My App <Login@Example.com>", "My App <login@example.com>"],
    ['"Söhne, Ltd." <login@example.com>', '"Söhne, Ltd." <login@example.com>'],
    ["Söhne, Ltd. <login@example.com>", '"Söhne, Ltd." <login@example.com>'],
    ["me@home <login@example.com>", '"me@home" <login@example.com>'],
    ["<login@example.com>", "login@example.com"],
    ["login@bücher.example", "login@xn--bcher-kva.example"],
  ])("from %s, written %s", async (from, written) => {
    await sender({ from })(signInMail())
    expect(standIn.requests[0]?.body["from"]).toBe(written)
  })

  test("by default at Resend's own address, by the host's own fetch", async () => {
    const asked: string[] = []
    const options = { appName, apiKey: canaries.apiKey, from: "login@example.com" }
    const network = {
      fetch: async (input: unknown) => {
        asked.push(String(input))
        return Response.json({ id: "1" })
      },
    }
    await resend({ ...options, network })(signInMail())
    await resend({ ...options, network, baseUrl: "https://proxy.example.com/resend/" })(signInMail())
    expect(asked).toEqual(["https://api.resend.com/emails", "https://proxy.example.com/resend/emails"])
  })

  test("in both languages at once, without mixing them up", async () => {
    const send = sender()
    const mails = Array.from({ length: 16 }, (_, at) =>
      signInMail({
        locale: at % 2 ? "de" : "en",
        to: `user${at}@example.com`,
        url: `https://app.example.com/?token=${at}-`,
      }),
    )
    await Promise.all(mails.map(send))
    expect(standIn.delivered.size).toBe(16)
    for (const { to, url, locale } of mails) {
      const request = standIn.requests.find(({ body }) => body["to"] === to)
      expect(request?.body["text"]).toContain(url)
      expect(request?.body["subject"]).toMatch(locale === "de" ? /^Anmelden/ : /^Sign in/)
    }
  })
})

describe("a no is final", () => {
  test.each([
    [400, "validation_error", "refused: 400 validation_error"],
    [401, "missing_api_key", "refused: 401 missing_api_key"],
    [403, "invalid_api_key", "refused: 403 invalid_api_key"],
    [404, "not_found", "refused: 404 not_found"],
    [422, "invalid_from_address", "refused: 422 invalid_from_address"],
    [409, "concurrent_idempotent_requests", "unavailable: 409 concurrent_idempotent_requests"],
    [422, canaries.token, "refused: 422 unknown"],
    [422, canaries.code, "refused: 422 unknown"],
    [422, canaries.address, "refused: 422 unknown"],
    [422, "a".repeat(49), "refused: 422 unknown"],
  ])("%i %s", async (status, name, expected) => {
    standIn.next(failing(status, name))
    expect(await mailFault(sender()(signInMail()))).toBe(expected)
    expect(standIn.requests).toHaveLength(1)
  })

  test.each(["<h1>Forbidden</h1>", "null", "[]", "", '{"name":{}}'])("403 with the body %j", async (body) => {
    standIn.next((response) => response.writeHead(403).end(body))
    expect(await mailFault(sender()(signInMail()))).toBe("refused: 403 unknown")
  })

  test("a redirect is not followed, and the link not sent along", async () => {
    const elsewhere = await startResendStandIn()
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        standIn.next((response) =>
          response.writeHead(status, { location: `${elsewhere.origin}/emails` }).end(),
        )
        expect(await mailFault(sender()(signInMail()))).toBe("unavailable: redirected")
      }
      expect(elsewhere.requests).toEqual([])
      expect(standIn.requests).toHaveLength(5)
    } finally {
      await elsewhere.stop()
    }
  })

  test("an answer without end is cut", async () => {
    standIn.next((response) => response.writeHead(200).end("x".repeat(600_000)))
    expect(await mailFault(sender()(signInMail()))).toBe("unavailable: too_large")
  })
})

const downs: readonly (readonly [string, Answer])[] = [
  ["is overrun", failing(429, "rate_limit_exceeded")],
  ["fails", failing(500, "internal_server_error")],
  ["is being mended", failing(503, "service_unavailable")],
  ["hangs up", (response) => void response.destroy()],
]

describe.each(downs)("a service that %s", (_what, answer) => {
  test("is asked once more, with the same key and the same mail", async () => {
    standIn.next(answer)
    const startedAt = performance.now()
    await sender()(signInMail())
    expect(performance.now() - startedAt).toBeGreaterThan(990)
    const [first, second, ...more] = standIn.requests
    expect(more).toEqual([])
    expect(second?.headers["idempotency-key"]).toBe(first?.headers["idempotency-key"])
    expect(second?.body).toEqual(first?.body)
    expect(standIn.delivered.size).toBe(1)
  })

  test("and fails again is left alone", async () => {
    standIn.next(answer, answer, answer)
    expect(await mailFault(sender()(signInMail()))).toMatch(/^unavailable: (?:unavailable|unreachable)$/)
    expect(standIn.requests).toHaveLength(2)
  })
})

test("a mail whose answer was lost on the way does not arrive twice", async () => {
  standIn.next(standIn.takeInSilence)
  await sender()(signInMail())
  expect(standIn.requests).toHaveLength(2)
  expect(standIn.delivered.size).toBe(1)
})

test("a no after the first failure is the last word", async () => {
  standIn.next(failing(500, "internal_server_error"), failing(422, "validation_error"))
  expect(await mailFault(sender()(signInMail()))).toBe("refused: 422 validation_error")
  expect(standIn.requests).toHaveLength(2)
})

test("a service that is silent is given up after five seconds, and asked once more", async () => {
  standIn.next(() => {})
  const startedAt = performance.now()
  await sender()(signInMail())
  const took = performance.now() - startedAt
  expect(took).toBeGreaterThan(5_900)
  expect(took).toBeLessThan(9_000)
  expect(standIn.requests).toHaveLength(2)
})

test("a service that is not there", async () => {
  const gone = await startResendStandIn()
  await gone.stop()
  const send = sender({ baseUrl: gone.origin, network: { loopback: [gone.origin] } })
  expect(await mailFault(send(signInMail()))).toBe("unavailable: unreachable")
})

test("nothing is asked for a mail that cannot be written", async () => {
  const send = sender()
  for (const changes of [
    { to: "a@example.com, b@example.com" },
    { locale: "fr" },
    { url: "javascript:alert(1)" },
  ]) {
    expect(await mailFault(send(signInMail(changes)))).toMatch(/^invalid: (?:address|locale|link)$/)
  }
  expect(standIn.requests).toEqual([])
})
