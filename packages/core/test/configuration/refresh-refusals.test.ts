import { describe, expect, test } from "vitest"
import { ConfigError, createAuth, opaque } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { type RefreshOptions, refreshTokens } from "../../src/refresh.js"
import { origin, secret } from "../app.js"

const beside = opaque()

const refused: readonly (readonly [string, object, string])[] = [
  ["nothing beside", {}, "ERR_CONFIG_REFRESH"],
  ["no strategy beside", { beside: "opaque" }, "ERR_CONFIG_REFRESH"],
  ["another word for dpop", { beside, dpop: "always" }, "ERR_CONFIG_REFRESH"],
  ["an audience that is no name", { beside, audience: "" }, "ERR_CONFIG_JWT"],
  ["access tokens of more than an hour", { beside, access: "61m" }, "ERR_CONFIG_DURATION"],
  ["access tokens that outlive idling", { beside, access: "5m", idle: "4m" }, "ERR_CONFIG_DURATION"],
  ["idling that outlives all", { beside, idle: "91d" }, "ERR_CONFIG_DURATION"],
  ["no duration", { beside, idle: "a while" }, "ERR_CONFIG_DURATION"],
  ["no access tokens at all", { beside, access: 0 }, "ERR_CONFIG_DURATION"],
  ["more than a minute of grace", { beside, grace: { native: "61s" } }, "ERR_CONFIG_DURATION"],
  ["a negative grace", { beside, grace: -1 }, "ERR_CONFIG_DURATION"],
  ["a part of a second", { beside, acceptStaleness: 0.5 }, "ERR_CONFIG_STALENESS"],
  ["no keys", { beside, keys: [] }, "ERR_CONFIG_JWT"],
]

function build(options: object, stores: object = memoryStores()): unknown {
  const sessions = refreshTokens(options as RefreshOptions<"sessions">)
  return createAuth({
    origin,
    secret,
    flows: {},
    stores: stores as ReturnType<typeof memoryStores>,
    sessions,
  })
}

describe("refreshTokens() refuses at construction", () => {
  test.each(refused)("%s", (_, options, code) => {
    expect(() => build(options)).toThrow(ConfigError)
    expect(() => build(options)).toThrow(expect.objectContaining({ code }))
  })

  test.each(["sessions", "challenges", "users"])("without %s", (slot) => {
    const { [slot as "users"]: _, ...stores } = memoryStores()
    expect(() => build({ beside }, stores)).toThrow(expect.objectContaining({ code: "ERR_CONFIG_STORES" }))
  })

  test("a store that lags, until its seconds are accepted", () => {
    const stores = memoryStores()
    const lagging = { ...stores, sessions: { ...stores.sessions, staleness: 60 } }
    const lenient = opaque({ acceptStaleness: 60 })
    expect(() => build({ beside: lenient }, lagging)).toThrow(/refreshTokens\(\{ acceptStaleness: 60 \}\)/)
    expect(build({ beside: lenient, acceptStaleness: 60 }, lagging)).toBeDefined()
  })

  test("what is right is taken", () => {
    for (const options of [
      { beside },
      { beside: jwt() },
      { beside, grace: 0 },
      { beside, grace: { browser: 0, native: "60s" }, dpop: "required", access: "1h" },
    ])
      expect(build(options)).toBeDefined()
  })
})

test("published keys: ours and those beside, at one address, each once", async () => {
  const { generateKeyPair, exportJWK } = await import("jose")
  const keyOf = async (kid: string) => {
    const { privateKey } = await generateKeyPair("EdDSA", { extractable: true })
    return { alg: "EdDSA" as const, kid, key: { ...(await exportJWK(privateKey)) } }
  }
  const [one, two] = [await keyOf("one"), await keyOf("two")]
  const kids = async (sessions: Parameters<typeof createAuth>[0]["sessions"]): Promise<unknown> => {
    const auth = createAuth({ origin, secret, flows: {}, stores: memoryStores(), sessions })
    const answer = await auth.handle(new Request(`${origin}/auth/jwks`))
    const text = await answer.text()
    expect(text).not.toContain('"d"')
    return answer.status === 200
      ? JSON.parse(text).keys.map(({ kid }: { kid: string }) => kid)
      : answer.status
  }
  expect(await kids(refreshTokens({ beside }))).toBe(404)
  expect(await kids(refreshTokens({ beside, keys: [one] }))).toEqual(["one"])
  expect(await kids(refreshTokens({ beside: jwt({ keys: [two] }) }))).toEqual(["two"])
  expect(await kids(refreshTokens({ beside: jwt({ keys: [two] }), keys: [one] }))).toEqual(["one", "two"])
  expect(await kids(refreshTokens({ beside: jwt({ keys: [one, two] }), keys: [one] }))).toEqual([
    "one",
    "two",
  ])
})
