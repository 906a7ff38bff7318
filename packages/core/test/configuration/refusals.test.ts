import { describe, expect, test } from "vitest"
import { ConfigError, createAuth, opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"

type Options = Parameters<typeof createAuth>[0]

function build(changes: object): unknown {
  const options = {
    origin,
    secret,
    stores: memoryStores(),
    sessions: opaque(),
    flows: { password: password({ hasher: testHasher() }) },
    ...changes,
  }
  return createAuth(options as unknown as Options)
}

function without(slot: string): object {
  return { stores: Object.fromEntries(Object.entries(memoryStores()).filter(([name]) => name !== slot)) }
}

/** A namespace of Workers KV behind the methods that it could honestly offer: no add, swap, take or increment. */
const keyValue = { get: async () => undefined, set: async () => {}, delete: async () => {} }

describe("what cannot work is refused while it is built, with what to write instead", () => {
  test.each<[string, object, string, RegExp]>([
    ["no origin", { origin: undefined }, "ERR_CONFIG_ORIGIN", /https:\/\/app\.example\.com/],
    ["http", { origin: "http://app.example.com" }, "ERR_CONFIG_ORIGIN", /https/],
    [
      "a trusted origin with a path",
      { trustedOrigins: [`${origin}/x`] },
      "ERR_CONFIG_ORIGIN",
      /trustedOrigins/,
    ],
    ["no secret", { secret: undefined }, "ERR_CONFIG_SECRET", /openssl rand/],
    ["a weak secret", { secret: "password" }, "ERR_CONFIG_SECRET", /32/],
    ["no stores", { stores: undefined }, "ERR_CONFIG_STORES", /stores\.users is missing/],
    ["no users", without("users"), "ERR_CONFIG_STORES", /stores\.users is missing/],
    ["no sessions", without("sessions"), "ERR_CONFIG_STORES", /stores\.sessions is missing/],
    ["no credentials", without("credentials"), "ERR_CONFIG_STORES", /stores\.credentials/],
    ["no rate limits", without("rateLimits"), "ERR_CONFIG_STORES", /redisStores/],
    [
      "key-value for counters",
      { stores: { ...memoryStores(), rateLimits: keyValue } },
      "ERR_CONFIG_STORES",
      /no add\(\)\. Workers KV/,
    ],
    [
      "key-value for challenges",
      { stores: { ...memoryStores(), challenges: keyValue } },
      "ERR_CONFIG_STORES",
      /not atomic/,
    ],
    [
      "a session store of no staleness",
      { stores: { ...memoryStores(), sessions: { ...memoryStores().sessions, staleness: undefined } } },
      "ERR_CONFIG_STORES",
      /staleness/,
    ],
    [
      "a session store that lags, unaccepted",
      { stores: { ...memoryStores(), sessions: { ...memoryStores().sessions, staleness: 60 } } },
      "ERR_CONFIG_STALENESS",
      /acceptStaleness: 60/,
    ],
    [
      "__Host- with a path",
      { cookie: { name: "__Host-x", path: "/admin" } },
      "ERR_CONFIG_COOKIE",
      /__Secure-x/,
    ],
    [
      "a cookie for a domain that the site is not in",
      { cookie: { domain: "example.org" } },
      "ERR_CONFIG_COOKIE",
      /"app\.example\.com", or a domain above it/,
    ],
    [
      "a cookie for a domain below the site",
      { cookie: { domain: "www.app.example.com" } },
      "ERR_CONFIG_COOKIE",
      /domain above/,
    ],
    [
      "a cookie for a domain that only ends alike",
      { cookie: { domain: "pp.example.com" } },
      "ERR_CONFIG_COOKIE",
      /domain above/,
    ],
    [
      "a cookie that never reaches the routes",
      { cookie: { path: "/admin" }, basePath: "/auth" },
      "ERR_CONFIG_COOKIE",
      /basePath: "\/admin\/auth"/,
    ],
    ["a realm that is no name", { realm: "Admin Area" }, "ERR_CONFIG_REALM", /"admin"/],
    ["a base path that is none", { basePath: "auth" }, "ERR_CONFIG_PATH", /\/auth/],
    ["a route that is none", { paths: { signin: "x" } }, "ERR_CONFIG_PATH", /one of session, .*login/],
    ["a page on another site", { pages: { home: "https://evil.example" } }, "ERR_CONFIG_PATH", /pages\.home/],
    ["a page that is not there", { pages: { home: undefined } }, "ERR_CONFIG_PATH", /pages\.home/],
    ["a page that no header can name", { pages: { signIn: "/登录" } }, "ERR_CONFIG_PATH", /pages\.signIn/],
    ["a page with a line in it", { pages: { signIn: "/a\r\nb: c" } }, "ERR_CONFIG_PATH", /pages\.signIn/],
    ["half a proxy", { trustedProxies: 0.5 }, "ERR_CONFIG_PROXY", /0, 1, 2/],
    ["all proxies", { trustedProxies: true }, "ERR_CONFIG_PROXY", /trustedProxies/],
  ])("%s", (_, changes, code, message) => {
    expect(() => build(changes)).toThrow(ConfigError)
    expect(() => build(changes)).toThrow(expect.objectContaining({ code }))
    expect(() => build(changes)).toThrow(message)
  })

  test.each<[string, () => unknown, string]>([
    [
      "an unknown way to register",
      () => password({ hasher: testHasher(), registration: "Closed" as "closed" }),
      "ERR_CONFIG_POLICY",
    ],
    ["no hasher", () => password({} as Parameters<typeof password>[0]), "ERR_CONFIG_HASHER"],
    [
      "a policy under 8",
      () => password({ hasher: testHasher(), policy: { minLength: 7 } }),
      "ERR_CONFIG_POLICY",
    ],
    [
      "a negative limit",
      () => password({ hasher: testHasher(), limits: { account: { free: -1 } } }),
      "ERR_CONFIG_LIMIT",
    ],
    [
      "a wait that is none",
      () => password({ hasher: testHasher(), limits: { account: { first: "soon" as "1s" } } }),
      "ERR_CONFIG_DURATION",
    ],
    ["idle over absolute", () => opaque({ idle: "31d" }), "ERR_CONFIG_DURATION"],
    ["idle of nothing", () => opaque({ idle: 0 }), "ERR_CONFIG_DURATION"],
    ["idle for ever", () => opaque({ idle: Number.POSITIVE_INFINITY }), "ERR_CONFIG_DURATION"],
  ])("%s", (_, make, code) => expect(make).toThrow(expect.objectContaining({ code })))

  test("what is right is built and frozen", () => {
    expect(Object.isFrozen(build({}))).toBe(true)
    expect(() =>
      build({
        stores: { ...memoryStores(), sessions: { ...memoryStores().sessions, staleness: 60 } },
        sessions: opaque({ acceptStaleness: 60 }),
      }),
    ).not.toThrow()
  })
})
