/** Whatever breaks, nobody is authenticated by it (promise 6). */
import { describe, expect, test } from "vitest"
import { type AuthEvent, opaque, type SessionStrategy, StoreError } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { refreshTokens } from "../../src/refresh.js"
import { liveSockets } from "../../src/socket.js"
import { type FaultMoment, failingStores } from "../../src/testing/intercept.js"
import { strategyOf } from "../jwt/jwt-app.js"
import {
  authenticate,
  calm,
  fakeTime,
  pass,
  type SocketHost,
  signIn,
  socketHost,
  until,
} from "./socket-host.js"

const strategies = {
  opaque: () => opaque(),
  jwt: () => strategyOf("session"),
  "jwt by user": () => strategyOf("user"),
  refresh: () => refreshTokens({ beside: opaque() }),
}

interface Tried {
  /** How many calls both ways have made. */
  readonly calls: number
  /** The way whose call was the one that fails, and the slot. */
  readonly failed: { readonly way: "message" | "upgrade"; readonly slot: string } | undefined
  /** What each way has come to. */
  readonly message: unknown
  readonly upgrade: unknown
}

/** Authenticates by message, then by the upgrade, while the call of this number fails. */
async function tryBoth(
  strategy: () => SessionStrategy,
  moment: FaultMoment,
  failing: number,
): Promise<Tried & { readonly host: SocketHost }> {
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  const mine = await signIn(socketHost({ clock, stores: bare, sessions: strategy() }))
  const { calls, watched } = failingStores(bare, (call) => call.number === failing, { moment })
  const host = socketHost({
    ...{ clock, stores: watched, sessions: strategy() },
    sockets: { rateLimits: watched.rateLimits },
  })
  const socket = await host.connect()
  socket.say(authenticate(mine.userId, mine.token))
  await until(() => socket.got.length)
  const way = calls.length >= failing ? "message" : "upgrade"
  const upgrade = await host.connect({ cookie: mine.cookie }).then(
    ({ closed, got }) => [got[0]?.["type"], closed?.code],
    (refused: { status: number }) => refused.status,
  )
  const slot = calls[failing - 1]?.slot
  return {
    host,
    calls: calls.length,
    failed: slot === undefined ? undefined : { way, slot },
    message: [socket.got.at(-1)?.["type"], socket.closed?.code],
    upgrade,
  }
}

describe.each(Object.entries(strategies))("each store call in turn, %s", (_, strategy) => {
  test.each(["before", "after"] as const)("fails %s it took effect", async (moment) => {
    const inside = ["AuthSuccess", undefined]
    const refused = ["AuthFailure", 1011]
    const { calls } = await tryBoth(strategy, moment, Infinity)
    expect(calls).toBeGreaterThan(3)
    for (let failing = 1; failing <= calls; failing++) {
      const { failed, host, message, upgrade } = await tryBoth(strategy, moment, failing)
      const byMessage = failed?.way === "message"
      // The event of an upgrade is written when the handshake is done.
      const notUpgraded = failed?.slot === "audit" ? refused : 503
      expect([failing, message, upgrade]).toEqual([
        failing,
        byMessage ? refused : inside,
        byMessage ? inside : notUpgraded,
      ])
      expect([host.faults.length, host.sockets.size]).toEqual([1, 1])
    }
  })
})

test("a store that fails when the session is read again closes the socket with 1011", async () => {
  const broken = { now: false }
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  const { watched } = failingStores(bare, ({ slot }) => broken.now && slot === "sessions")
  const host = socketHost({ clock, stores: watched })
  const { cookie, userId } = await signIn(host)
  const socket = await host.connect({ cookie })
  broken.now = true
  await pass(30_000)
  expect(socket.closed).toEqual({ code: 1011, reason: "unavailable" })
  expect(host.faults).toHaveLength(1)
  expect(host.faults[0]).toBeInstanceOf(StoreError)
  expect(host.events.at(-1)).toMatchObject({ type: "socket.closed", cause: "unavailable", userId })
})

test("a store that never answers: 4408 before authentication, 1011 after", async () => {
  const hung = { now: false }
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  const sessions = {
    ...bare.sessions,
    find: (id: string) => (hung.now ? new Promise<never>(() => {}) : bare.sessions.find(id)),
  }
  const host = socketHost({ clock, stores: { ...bare, sessions } as never })
  const { cookie, token, userId } = await signIn(host)
  const open = await host.connect({ cookie })
  hung.now = true
  const waiting = await host.connect()
  waiting.say(authenticate(userId, token))
  await pass(10_000)
  expect(waiting.closed).toEqual({ code: 4408, reason: "not_authenticated_in_time" })
  await pass(30_000)
  expect(open.closed).toEqual({ code: 1011, reason: "unavailable" })
  expect(host.sockets.size).toBe(0)
})

test("an event that cannot be recorded opens no socket", async () => {
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  const failing = { now: false }
  const host = socketHost({
    ...{ clock, stores: bare },
    auth: {
      on(event: AuthEvent) {
        if (failing.now && event.type === "socket.opened") throw new Error("the log is full")
      },
    } as never,
  })
  const { cookie, token, userId } = await signIn(host)
  failing.now = true
  const sockets = [await host.connect({ cookie }), await host.connect()]
  sockets[1]?.say(authenticate(userId, token))
  await calm()
  expect(sockets.map(({ closed }) => closed?.code)).toEqual([1011, 1011])
  const refused = { type: "AuthFailure", reason: "unavailable" }
  expect(sockets.map(({ got }) => got)).toEqual([[refused], [refused]])
  expect([host.sockets.size, host.faults.length]).toEqual([0, 2])
})

describe("the host's own code", () => {
  const broken = new Error("of the host")
  test.each([
    ["onOpen throws", { onOpen: () => raise(broken) }],
    ["onOpen rejects", { onOpen: () => Promise.reject(broken) }],
    ["onMessage throws", { onMessage: () => raise(broken) }],
    ["onMessage rejects", { onMessage: () => Promise.reject(broken) }],
  ])("%s: 1011, and the fault is in the log", async (_, sockets) => {
    const host = socketHost({ sockets })
    const { cookie } = await signIn(host)
    const socket = await host.connect({ cookie })
    socket.say("hello")
    await calm()
    expect(socket.closed).toEqual({ code: 1011, reason: "unavailable" })
    expect(host.faults).toEqual([broken])
  })

  test("a rule that throws refuses; one whose store is down is a fault", async () => {
    for (const [thrown, status, code] of [
      [broken, 403, 4403],
      [new StoreError("users", broken), 503, 1011],
    ] as const) {
      const host = socketHost({ sockets: { rule: () => raise(thrown) } })
      const { cookie, token, userId } = await signIn(host)
      await expect(host.connect({ cookie })).rejects.toMatchObject({ status })
      const socket = await host.connect()
      socket.say(authenticate(userId, token))
      await calm()
      expect([socket.closed?.code, host.sockets.size]).toEqual([code, 0])
    }
  })

  test("a wire that throws loses nothing but itself; a close frame that cannot be sent becomes 1011", async () => {
    const host = socketHost()
    const { cookie } = await signIn(host)
    const header = (name: string) => ({ cookie, upgrade: "websocket" })[name]
    const admission = await host.sockets.admit({ method: "GET", target: "/ws", header })
    if (admission.answer) throw new Error("refused")
    const closed: number[] = []
    admission.open({
      send: () => raise(broken),
      close(code) {
        closed.push(code)
        if (code < 1011) throw new RangeError("no such code")
      },
    })
    await calm()
    const [socket] = host.sockets
    expect(socket?.send("x")).toBe(false)
    socket?.close(7)
    expect([closed, host.sockets.size, socket?.isOpen]).toEqual([[7, 1011], 0, false])
  })
})

test("messages that cannot be published: the host hears of it, and here all is closed", async () => {
  const clock = fakeTime()
  const host = socketHost({ clock })
  const failing = { publish: () => Promise.reject(new Error("cut")), subscribe: async () => async () => {} }
  const sockets = liveSockets(host.auth, { messages: failing })
  await expect(sockets.endUser("somebody")).rejects.toThrow("cut")
  await sockets.close()
})

function raise(fault: Error): never {
  throw fault
}
