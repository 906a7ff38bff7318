import { describe, expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import { closeCodes } from "../../src/socket.js"
import { eve } from "../app.js"
import {
  authenticate,
  calm,
  pass,
  type SignedIn,
  type SocketHost,
  signIn,
  socketHost,
} from "./socket-host.js"

interface Refusal {
  readonly what: string
  /** What the client sends first, if anything. */
  readonly says: (mine: SignedIn, host: SocketHost) => unknown
  readonly reason: keyof typeof closeCodes
  /** Whether an `AuthFailure` comes before the close frame. */
  readonly told: boolean
  readonly cause: string
  readonly after?: number
}

const long = "x".repeat(4_097)
const table: readonly Refusal[] = [
  {
    what: "says nothing",
    says: () => undefined,
    reason: "not_authenticated_in_time",
    told: false,
    cause: "not_authenticated_in_time",
    after: 10_000,
  },
  { what: "sends bytes", says: () => new Uint8Array(3), reason: "binary", told: false, cause: "binary" },
  ...["hello", "", "[]", "null", "{", '{"type":"Chat"}', '{"type":["Authenticate"]}', '["Authenticate"]'].map(
    (says) => ({
      what: `says ${JSON.stringify(says)}`,
      says: () => says,
      reason: "invalid_request" as const,
      told: true,
      cause: "invalid_request",
    }),
  ),
  ...[
    {},
    { user_id: "", session_token: "x" },
    { user_id: "x", session_token: "" },
    { user_id: 1, session_token: "x" },
    { user_id: "x", session_token: ["x"] },
    { user_id: "x".repeat(129), session_token: "x" },
  ].map((fields) => ({
    what: `authenticates with ${JSON.stringify(fields).slice(0, 40)}`,
    says: () => ({ type: "Authenticate", ...fields }),
    reason: "invalid_request" as const,
    told: true,
    cause: "invalid_request",
  })),
  {
    what: "sends 4,097 bytes",
    says: () => long,
    reason: "payload_too_large",
    told: true,
    cause: "payload_too_large",
  },
  {
    what: "sends 4,097 bytes in fewer characters",
    says: () => "ü".repeat(2_049),
    reason: "payload_too_large",
    told: true,
    cause: "payload_too_large",
  },
  ...[
    ["no token", () => "x"],
    [
      "a token with another secret",
      ({ token }: SignedIn) => `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
    ],
    ["a session's id alone", ({ token }: SignedIn) => token.slice(0, 22)],
    ["the token of another realm's shape", () => "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30."],
  ].map(([what, tokenOf]) => ({
    what: `authenticates with ${what}`,
    says: (mine: SignedIn) => authenticate(mine.userId, (tokenOf as (mine: SignedIn) => string)(mine)),
    reason: "not_signed_in" as const,
    told: true,
    cause: "token_refused",
  })),
  {
    what: "authenticates as somebody else with its own token",
    says: ({ token }) => authenticate("00000000-0000-4000-8000-000000000000", token),
    reason: "not_signed_in",
    told: true,
    cause: "wrong_user",
  },
]

test.each(table)("who $what is closed with $reason", async ({ after = 0, cause, reason, says, told }) => {
  const host = socketHost()
  const mine = await signIn(host)
  const socket = await host.connect()
  const first = says(mine, host)
  if (first !== undefined) socket.say(first)
  // Nothing more is read, and nothing reaches the host.
  if (first !== undefined) socket.say(authenticate(mine.userId, mine.token))
  if (after > 0) {
    await pass(after - 1)
    expect(socket.closed).toBeUndefined()
    await pass(1)
  }
  await calm()
  expect(socket.closed).toEqual({ code: closeCodes[reason], reason })
  expect(socket.got).toEqual(told ? [{ type: "AuthFailure", reason }] : [])
  expect(host.events.at(-1)).toMatchObject({ type: "socket.refused", cause, address: "192.0.2.1" })
  expect([host.heard, host.sockets.size, host.faults]).toEqual([[], 0, []])
})

test("a message that spells the word by escapes, and one of 4,096 bytes, authenticate", async () => {
  const host = socketHost()
  const { token, userId } = await signIn(host)
  for (const text of [
    JSON.stringify(authenticate(userId, token)).replace("Auth", "\\u0041uth"),
    JSON.stringify(authenticate(userId, token)).padEnd(4_096),
  ]) {
    const socket = await host.connect()
    socket.say(text)
    await calm()
    expect(socket.got).toMatchObject([{ type: "AuthSuccess", user_id: userId }])
  }
})

test("messages of the host's that come behind Authenticate are heard once it has succeeded, and never else", async () => {
  const host = socketHost()
  const { token, userId } = await signIn(host)
  const good = await host.connect()
  good.say(authenticate(userId, token))
  good.say("early")
  expect(host.heard).toEqual([])
  await calm()
  expect(host.heard).toEqual(["early"])
  const bad = await host.connect()
  bad.say(authenticate(userId, "x"))
  bad.say("never")
  await calm()
  expect([host.heard, bad.closed?.code]).toEqual([["early"], 4401])
})

describe("after authentication", () => {
  test.each([
    ["bytes", new Uint8Array(1), "binary"],
    ["a message above maxBytes", "x".repeat(65_537), "payload_too_large"],
    ["an Authenticate without its texts", { type: "Authenticate" }, "invalid_request"],
    ["a token that is none", authenticate("x", "x"), "not_signed_in"],
  ] as const)("%s close it", async (_, says, reason) => {
    const { audit, ...stores } = memoryStores()
    const host = socketHost({ stores: { ...stores, audit } })
    const { cookie, userId } = await signIn(host)
    const socket = await host.connect({ cookie })
    socket.say("x".repeat(65_536))
    socket.say(says)
    await calm()
    socket.say("after")
    expect(socket.closed).toEqual({ code: closeCodes[reason], reason })
    expect(host.heard.map(({ length }) => length)).toEqual([65_536])
    expect(host.events.at(-1)).toMatchObject({ type: "socket.closed", userId, cause: reason })
    expect((await audit.list({ userId, limit: 1 }))[0]?.event).toEqual(host.events.at(-1))
    expect(host.sockets.size).toBe(0)
  })

  test("authenticated again with a token of another session of the same user, it is that one's", async () => {
    const host = socketHost()
    const first = await signIn(host)
    const second = await signIn(host)
    const socket = await host.connect({ cookie: first.cookie })
    socket.say(authenticate(second.userId, second.token))
    await calm()
    expect(socket.got.map(({ type }) => type)).toEqual(["AuthSuccess", "AuthSuccess"])
    expect(host.events.slice(-2)).toMatchObject([
      { type: "socket.closed", cause: "replaced", sessionId: socket.got[0]?.["session_id"] },
      { type: "socket.opened", sessionId: socket.got[1]?.["session_id"] },
    ])
    await first.browser.post("/auth/logout", { json: {} })
    expect(socket.closed).toBeUndefined()
    await second.browser.post("/auth/logout", { json: {} })
    expect(socket.closed?.code).toBe(4401)
  })

  test("authenticated again with a good token of somebody else, it is closed", async () => {
    const host = socketHost()
    const [mine, hers] = [await signIn(host), await signIn(host, eve)]
    for (const named of [mine.userId, hers.userId]) {
      const socket = await host.connect({ cookie: mine.cookie })
      socket.say(authenticate(named, hers.token))
      await calm()
      expect(socket.closed).toEqual({ code: 4401, reason: "not_signed_in" })
      expect(socket.got.at(-1)).toEqual({ type: "AuthFailure", reason: "not_signed_in" })
    }
    expect(host.sockets.size).toBe(0)
  })
})

describe("at the upgrade", () => {
  test.each([
    ["a page of another site", { origin: "https://evil.example" }, 403],
    ["a page that hides where it is from", { origin: "null" }, 403],
    ["a neighbour's subdomain", { origin: "https://blog.example.com", "sec-fetch-site": "same-site" }, 403],
    ["a request that is no upgrade", { upgrade: "" }, 426],
    ["an upgrade to something else", { upgrade: "h2c" }, 426],
  ])("%s is refused, with the cookie and without", async (_, headers, status) => {
    const host = socketHost()
    const { cookie } = await signIn(host)
    for (const own of [{}, { cookie }]) {
      await expect(host.connect({ ...own, ...headers })).rejects.toMatchObject({ status })
    }
    if (status === 403)
      expect(host.events.at(-1)).toMatchObject({ type: "request.cross_origin", path: "/ws" })
    expect(host.sockets.size).toBe(0)
  })

  test("a client that sends no origin is no browser", async () => {
    const host = socketHost()
    const { cookie } = await signIn(host)
    expect((await host.connect({ cookie, origin: "" })).got).toMatchObject([{ type: "AuthSuccess" }])
  })

  test("ways: by the message alone a cookie counts nothing; by the upgrade alone nobody is 401", async () => {
    const byMessage = socketHost({ sockets: { ways: ["message"] } })
    const { cookie } = await signIn(byMessage)
    expect((await byMessage.connect({ cookie })).got).toEqual([])
    const byUpgrade = socketHost({ sockets: { ways: ["upgrade"] } })
    await expect(byUpgrade.connect()).rejects.toMatchObject({ status: 401 })
    expect(byUpgrade.events.at(-1)).toMatchObject({ type: "guard.refused", cause: "not_signed_in" })
    const mine = await signIn(byUpgrade)
    expect((await byUpgrade.connect({ cookie: mine.cookie })).got).toHaveLength(1)
  })

  test("a rule: 403 at the upgrade, 4403 by message, and when it refuses later", async () => {
    const allowed = { now: true }
    const isAllowed = (): boolean => allowed.now
    const host = socketHost({ sockets: { rule: isAllowed } })
    const { cookie, token, userId } = await signIn(host)
    const socket = await host.connect({ cookie })
    allowed.now = false
    await expect(host.connect({ cookie })).rejects.toMatchObject({ status: 403 })
    const other = await host.connect()
    other.say(authenticate(userId, token))
    await calm()
    expect(other.closed).toEqual({ code: 4403, reason: "forbidden" })
    await pass(30_000)
    expect(socket.closed).toEqual({ code: 4403, reason: "forbidden" })
    const types = host.events.map(({ type }) => type)
    expect(types.filter((type) => type === "guard.refused")).toHaveLength(3)
  })
})

test("a rule that is no function, and options that will not do, are refused at construction", () => {
  for (const sockets of [
    { maxBytes: 0 },
    { maxBytes: 1.5 },
    { maxBuffered: -1 },
    { unauthenticatedPerAddress: Number.NaN },
    { attempts: { limit: 0, window: "1m" as const } },
    { attempts: { limit: 1, window: 0 } },
    { authenticateWithin: 0 },
    { recheck: "2d" as const },
    { ways: [] },
    { ways: ["cookie" as never] },
    { rule: true as never },
  ]) {
    expect(() => socketHost({ sockets })).toThrow(/will not do/)
  }
})
