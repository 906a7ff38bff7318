import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { BreachCheckError, pwnedPasswords } from "../../src/breach.js"
import { ConfigError } from "../../src/errors.js"
import { passwordPolicy } from "../../src/flows/password/policy.js"
import { type Answer, type RangeServer, range, sha1, startRangeServer } from "./range-server.js"

const leaked = { "violin kettle zebra": 3, "grüner Otter am Ufer": 1, "only as padding": 0 }
let server: RangeServer

beforeAll(async () => {
  server = await startRangeServer(leaked)
})

afterAll(() => server.stop())

/** Answers with a body, as if it were the service. */
function body(text: string | Buffer, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers).end(text)
  }
}

describe("a service that answers", () => {
  test.each([
    ["a leaked password", "violin kettle zebra", true],
    ["a leaked password beyond ASCII", "grüner Otter am Ufer", true],
    ["a password that is not leaked", "violin kettle zebrb", false],
    ["a password that stands there as padding", "only as padding", false],
  ])("knows %s", async (_what, password, expected) => {
    expect(await pwnedPasswords({ endpoint: server.endpoint })(password)).toBe(expected)
  })

  test("learns five digits of the digest and nothing else, and is asked for padding", async () => {
    await pwnedPasswords({ endpoint: server.endpoint })("violin kettle zebra")
    const request = server.requests.at(-1)
    const digest = sha1("violin kettle zebra")
    expect(request?.line).toBe(`GET /range/${digest.slice(0, 5)}`)
    expect(request?.headers).toMatchObject({ "add-padding": "true", "user-agent": "mortise" })
    expect(JSON.stringify(request).toUpperCase()).not.toContain(digest.slice(5, 11))
    expect(request?.headers.cookie).toBeUndefined()
  })

  test.each([
    [3, true],
    [4, false],
  ])("that counts three leaks: a threshold of %i makes it %s", async (threshold, expected) => {
    expect(await pwnedPasswords({ endpoint: server.endpoint, threshold })("violin kettle zebra")).toBe(
      expected,
    )
  })

  test("may end its lines in either way, and the last one too", async () => {
    const check = pwnedPasswords({ endpoint: server.endpoint })
    const answers: ((text: string) => string)[] = [
      (text) => text.replaceAll("\r\n", "\n"),
      (text) => `${text}\r\n`,
      (text) => `${text}\n`,
    ]
    for (const change of answers) {
      server.answer((response, prefix) => response.end(change(range(leaked, prefix))))
      expect(await check("violin kettle zebra")).toBe(true)
      expect(await check("violin kettle zebrb")).toBe(false)
    }
  })

  test("may answer in small pieces", async () => {
    server.answer((response, prefix) => {
      const text = range(leaked, prefix)
      for (let at = 0; at < text.length; at += 1_001) response.write(text.slice(at, at + 1_001))
      response.end()
    })
    expect(await pwnedPasswords({ endpoint: server.endpoint })("violin kettle zebra")).toBe(true)
  })

  test("makes the policy refuse", async () => {
    server.answer((response, prefix) => response.end(range(leaked, prefix)))
    const policy = passwordPolicy({ breached: pwnedPasswords({ endpoint: server.endpoint }) })
    expect(await policy.check("violin kettle zebra", {})).toBe("password_breached")
    expect(await policy.check("violin kettle zebrb", {})).toBeUndefined()
  })
})

const line = `${"0".repeat(35)}:1`
const faults: readonly (readonly [string, Answer])[] = [
  ["fails", body("", 500)],
  ["is overloaded", body("slow down", 429, { "retry-after": "2" })],
  ["is not there", body("Not found", 404)],
  ["answers with nothing", body("")],
  ["has no content", body("", 204)],
  ["sends a page", body("<!doctype html><title>Sign in to the café's network</title>")],
  ["sends JSON", body("[]")],
  ["sends bytes", body(Buffer.from([0xff, 0xfe, 0x00, 0x80]))],
  ["ends in the middle of a line", body(`${line}\r\n${line.slice(0, 20)}`)],
  ["leaves out a count", body(`${line}\r\n${"0".repeat(35)}:`)],
  ["counts below zero", body(`${line}\r\n${"0".repeat(35)}:-1`)],
  ["counts without end", body(`${line}\r\n${"0".repeat(35)}:${"9".repeat(400)}`)],
  ["writes small letters", body(`${"a".repeat(35)}:1`)],
  ["has an empty line", body(`${line}\r\n\r\n${line}`)],
  ["hangs up", (response) => response.destroy()],
  [
    "hangs up in the middle",
    (response) => {
      response.writeHead(200, { "content-length": "100000" })
      response.write(`${line}\r\n`, () => response.destroy())
    },
  ],
  ["never answers", () => {}],
  [
    "never ends",
    (response) => {
      const timer = setInterval(() => response.write(`${line}\r\n`), 50)
      response.on("close", () => clearInterval(timer))
    },
  ],
]

describe.each(faults)("a service that %s", (_what, answer) => {
  test("throws, unless the host accepts what is unchecked", async () => {
    server.answer(answer)
    const options = { endpoint: server.endpoint, timeout: "1s" } as const
    const startedAt = performance.now()
    const [refused, accepted] = await Promise.allSettled([
      pwnedPasswords(options)("violin kettle zebra"),
      pwnedPasswords({ ...options, whenDown: "accept" })("violin kettle zebra"),
    ])
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    expect(accepted).toEqual({ status: "fulfilled", value: false })
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "ERR_BREACH_CHECK" } })
    const fault: unknown = "reason" in refused ? refused.reason : undefined
    expect(fault).toBeInstanceOf(BreachCheckError)
    const digest = sha1("violin kettle zebra")
    for (const secret of ["violin", "kettle", digest.slice(5), digest.slice(5).toLowerCase()]) {
      expect(inspect(fault, { depth: 9, showHidden: true })).not.toContain(secret)
    }
  })
})

describe("what a service cannot do", () => {
  test("keep sending: the line is cut at half a megabyte", async () => {
    let sent = 0
    let cut = false
    server.answer((response) => {
      response.on("close", () => {
        cut = !response.writableFinished
      })
      const chunk = `${line}\r\n`.repeat(1_000)
      function more(): void {
        while (!response.destroyed && sent < 200_000_000) {
          sent += chunk.length
          if (!response.write(chunk)) {
            response.once("drain", more)
            return
          }
        }
        response.end()
      }
      more()
    })
    await expect(pwnedPasswords({ endpoint: server.endpoint })("x")).rejects.toMatchObject({
      code: "ERR_BREACH_CHECK",
      cause: { message: "The answer is too large." },
    })
    await expect.poll(() => cut).toBe(true)
    expect(sent).toBeLessThan(50_000_000)
  })

  test("send the question elsewhere", async () => {
    const elsewhere = await startRangeServer(leaked)
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        server.answer((response, prefix) =>
          response.writeHead(status, { location: `${elsewhere.endpoint}/range/${prefix}` }).end(),
        )
        await expect(pwnedPasswords({ endpoint: server.endpoint })("x")).rejects.toThrow(BreachCheckError)
      }
      expect(elsewhere.requests).toEqual([])
    } finally {
      await elsewhere.stop()
    }
  })

  test("be down without being noticed", async () => {
    const gone = await startRangeServer(leaked)
    await gone.stop()
    await expect(pwnedPasswords({ endpoint: gone.endpoint })("x")).rejects.toThrow(BreachCheckError)
    expect(await pwnedPasswords({ endpoint: gone.endpoint, whenDown: "accept" })("x")).toBe(false)
  })
})

test("the host's own fetch is used, for the public service by default", async () => {
  const asked: string[] = []
  const check = pwnedPasswords({
    fetch: async (input) => {
      asked.push(String(input))
      return new Response(range(leaked, sha1("violin kettle zebra").slice(0, 5)))
    },
  })
  expect(await check("violin kettle zebra")).toBe(true)
  const prefix = sha1("violin kettle zebra").slice(0, 5)
  expect(asked).toEqual([`https://api.pwnedpasswords.com/range/${prefix}`])
})

test.each(["http://localhost:8080", "http://[::1]:8080/", "https://pwned.example.com/mirror/"])(
  "asks %s",
  async (endpoint) => {
    const asked: string[] = []
    const check = pwnedPasswords({
      endpoint,
      fetch: async (input) => {
        asked.push(String(input))
        return new Response(line)
      },
    })
    await check("x")
    expect(asked).toEqual([`${endpoint.replace(/\/$/, "")}/range/${sha1("x").slice(0, 5)}`])
  },
)

test.each([
  { endpoint: "http://pwned.example.com" },
  { endpoint: "http://localhost.example.com" },
  { endpoint: "ftp://127.0.0.1" },
  { endpoint: "pwned.example.com" },
  { endpoint: "" },
  { threshold: 0 },
  { threshold: 1.5 },
  { threshold: Number.NaN },
  { timeout: 0 },
  { timeout: "soon" as "1s" },
  { whenDown: "ignore" as "accept" },
])("is not made with %o", (options) => {
  expect(() => pwnedPasswords(options)).toThrow(ConfigError)
})
