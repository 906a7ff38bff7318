/** What cannot work is refused when it is built; what a token cannot carry is an error, and leaves nothing behind. */
import { describe, expect, test } from "vitest"
import { createAuth } from "../../src/index.js"
import { type JwtOptions, jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { ed, revocations, strategyOf, tokenIn } from "./jwt-app.js"

function build(options: JwtOptions, stores = memoryStores()): unknown {
  return createAuth({ origin, secret, stores, sessions: jwt(options), flows: {} })
}

test.each<[string, JwtOptions, string, RegExp]>([
  ["no revocation, unaccepted", { revocation: "none" }, "ERR_CONFIG_STALENESS", /acceptStaleness: 2592000 /],
  [
    "no revocation, accepted for less",
    { revocation: "none", absolute: "1d", acceptStaleness: 86_399 },
    "ERR_CONFIG_STALENESS",
    /acceptStaleness: 86400 /,
  ],
  [
    "a revocation that is none",
    { revocation: "token" as "user" },
    "ERR_CONFIG_JWT",
    /"session", "user" or "none"/,
  ],
  ["staleness below zero", { acceptStaleness: -1 }, "ERR_CONFIG_STALENESS", /0 or more/],
  ["staleness that is no number", { acceptStaleness: Number.NaN }, "ERR_CONFIG_STALENESS", /0 or more/],
  [
    "a life longer than the absolute one",
    { lifetime: "31d" },
    "ERR_CONFIG_DURATION",
    /less than sessions.absolute/,
  ],
  [
    "a life longer than a cookie's",
    { lifetime: "400d", absolute: "500d" },
    "ERR_CONFIG_DURATION",
    /400 days/,
  ],
  ["no life", { lifetime: 0 }, "ERR_CONFIG_DURATION", /sessions.lifetime/],
  ["a grace below zero", { grace: -1 }, "ERR_CONFIG_DURATION", /sessions.grace/],
  ["leeway below zero", { leeway: -1 }, "ERR_CONFIG_JWT", /0 to 300/],
  ["leeway over five minutes", { leeway: 301 }, "ERR_CONFIG_JWT", /0 to 300/],
  ["leeway that is no number", { leeway: Number.NaN }, "ERR_CONFIG_JWT", /0 to 300/],
  ["no audience", { audience: "" }, "ERR_CONFIG_JWT", /audience/],
  ["an audience that is a list", { audience: [origin] as unknown as string }, "ERR_CONFIG_JWT", /audience/],
])("%s is refused", (_, options, code, message) => {
  expect(() => build(options)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  )
})

test.each<JwtOptions>([{}, { revocation: "user" }])(
  "a store that lags is refused until its seconds are accepted: %j",
  (options) => {
    const lagging = { ...memoryStores(), sessions: { ...memoryStores().sessions, staleness: 60 } }
    expect(() => build(options, lagging)).toThrow(
      expect.objectContaining({
        code: "ERR_CONFIG_STALENESS",
        message: expect.stringContaining("jwt({ acceptStaleness: 60 })"),
      }),
    )
    expect(build({ ...options, acceptStaleness: 60 }, lagging)).toBeDefined()
  },
)

test.each(["sessions", "users"])("without %s it is not built", (slot) => {
  const stores = Object.fromEntries(Object.entries(memoryStores()).filter(([name]) => name !== slot))
  expect(() => build({}, stores as ReturnType<typeof memoryStores>)).toThrow(
    expect.objectContaining({ code: "ERR_CONFIG_STORES" }),
  )
})

describe.each(revocations)("claims, revocation: %s", (revocation) => {
  function host(claims: object, options: JwtOptions = {}) {
    const clock = adjustableClock(Date.UTC(2026, 10, 20))
    const stores = memoryStores({ clock })
    const faults: unknown[] = []
    const types: string[] = []
    const auth = createAuth({
      ...{ origin, secret, stores, clock },
      sessions: strategyOf(revocation, options),
      flows: { password: password({ hasher: testHasher() }) },
      claims: () => claims as { readonly [name: string]: string },
      on: ({ type }) => {
        types.push(type)
      },
      onFault: (fault) => {
        faults.push(fault)
      },
    })
    return { auth, faults, stores, types, browser: testClient(auth, { origin }) }
  }

  test.each([undefined, [{ alg: "EdDSA", key: ed.pem }] as const])(
    "of 2 KiB fit a cookie (%j)",
    async (keys) => {
      const claims = { text: "x".repeat(2048 - '{"text":""}'.length) }
      const { auth, browser } = host(claims, keys ? { keys } : {})
      await auth.flows.password.register(ada)
      expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
      expect(await auth.sessions.read(tokenIn(browser))).toMatchObject({ claims })
    },
  )

  test.each<[string, object, string]>([
    ["over 2 KiB", { text: "x".repeat(2049) }, "SizeError"],
    ["under it in letters, over it in bytes", { text: "語".repeat(1500) }, "SizeError"],
    ...[
      "iss",
      "aud",
      "sub",
      "exp",
      "nbf",
      "iat",
      "jti",
      "sid",
      "realm",
      "epoch",
      "ver",
      "absolute_exp",
      "auth_time",
      "amr",
      "cnf",
      "scope",
      "client_id",
    ].map((name): [string, object, string] => [`called ${name}`, { [name]: "x" }, "TypeError"]),
  ])("%s are an error, and leave nothing behind", async (_, claims, name) => {
    const { auth, browser, faults, stores, types } = host(claims)
    await auth.flows.password.register(ada)
    const answer = await browser.post("/auth/login", { json: ada })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []])
    expect(faults).toMatchObject([{ name }])
    expect(types).not.toContain("session.opened")
    const user = await stores.users.findByEmail(ada.email)
    expect(await stores.sessions.listByUser(user?.id ?? "")).toEqual([])
  })

  test("with names of the language's own are claims like others", async () => {
    const claims = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":"c","toString":"t","hasOwnProperty":"h"}',
    )
    const { auth, browser } = host(claims)
    await auth.flows.password.register(ada)
    expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
    const principal = await auth.sessions.read(tokenIn(browser))
    expect(JSON.stringify(principal?.claims)).toBe(JSON.stringify(claims))
    expect((principal?.claims as { admin?: unknown } | undefined)?.admin).toBeUndefined()
  })
})
