import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import type { Principal } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { journal } from "../../src/socket/journal.js"
import { ownCounters } from "../../src/socket/own-counters.js"
import { socketIndex } from "../../src/socket/socket-index.js"
import { unauthenticated } from "../../src/socket/unauthenticated.js"
import { authenticate, calm, fakeTime, pass, signIn, socketHost } from "./socket-host.js"

describe("before authentication", () => {
  test("so many sockets of one address, an IPv6 /64 counting as one; places are given back", async () => {
    const host = socketHost({ sockets: { unauthenticatedPerAddress: 4 } })
    const { token, userId } = await signIn(host)
    const from = (peer: string) => host.connect({}, { peer })
    const waiting = await Promise.all([1, 2, 3, 4].map((last) => from(`2001:db8::${last}`)))
    await expect(from("2001:db8::ffff")).rejects.toMatchObject({ status: 429 })
    expect((await from("2001:db8:0:1::1")).closed).toBeUndefined()
    waiting[0]?.leave()
    await from("2001:db8::5")
    await expect(from("2001:db8::6")).rejects.toMatchObject({ status: 429 })
    waiting[1]?.say(authenticate(userId, token))
    await calm()
    await from("2001:db8::6")
    await expect(from("2001:db8::7")).rejects.toMatchObject({ status: 429 })
    await pass(10_000)
    expect((await from("2001:db8::7")).closed).toBeUndefined()
  })

  test("those that shake hands at the same moment are counted again: the others are closed with 4429", async () => {
    const host = socketHost({ sockets: { unauthenticatedPerAddress: 4 } })
    const header = (name: string) => (name === "upgrade" ? "websocket" : undefined)
    const admissions = await Promise.all(
      Array.from({ length: 16 }, () =>
        host.sockets.admit({ method: "GET", target: "/ws", peerAddress: "192.0.2.1", header }),
      ),
    )
    const codes: number[] = []
    for (const admission of admissions) {
      if (!admission.answer) admission.open({ send() {}, close: (code) => void codes.push(code) })
    }
    expect(codes).toEqual(Array(12).fill(4429))
  })

  test("so many attempts of one address, over all servers where they share a store; the wait is told", async () => {
    const clock = fakeTime()
    const stores = memoryStores({ clock })
    const node = (shared: boolean) =>
      socketHost({
        ...{ clock, stores },
        sockets: { attempts: { limit: 3, window: "1m" }, ...(shared && { rateLimits: stores.rateLimits }) },
      })
    for (const shared of [true, false]) {
      const nodes = [node(shared), node(shared)]
      const codes: (number | undefined)[] = []
      for (let attempt = 0; attempt < 8; attempt++) {
        const socket = await nodes[attempt % 2]?.connect()
        socket?.say(authenticate("x", "x"))
        await calm()
        codes.push(socket?.closed?.code)
        if (socket?.closed?.code === 4429) {
          const { retry_after } = socket.got[0] ?? {}
          expect(socket.got).toEqual([{ type: "AuthFailure", reason: "rate_limited", retry_after }])
          expect(retry_after).toBeGreaterThan(0)
          expect(retry_after).toBeLessThanOrEqual(60)
        }
      }
      expect(codes.filter((code) => code === 4401)).toHaveLength(shared ? 3 : 6)
      expect(codes.filter((code) => code === 4429)).toHaveLength(shared ? 5 : 2)
      await pass(60_000)
    }
  })

  test("a neighbour who has used up the attempts of an address keeps nobody who is known from going on", async () => {
    const host = socketHost({ sockets: { attempts: { limit: 3, window: "1m" } } })
    const { cookie, token, userId } = await signIn(host)
    const mine = await host.connect({ cookie })
    for (let attempt = 0; attempt < 4; attempt++) {
      ;(await host.connect()).say(authenticate("x", "x"))
      await calm()
    }
    for (let again = 0; again < 3; again++) mine.say(authenticate(userId, token))
    await calm()
    expect([mine.closed, mine.got.length]).toEqual([undefined, 4])
    mine.say(authenticate(userId, token))
    await calm()
    expect(mine.closed).toEqual({ code: 4429, reason: "rate_limited" })
  })

  test("a flood of messages is cut off after sixteen, and reads the store once", async () => {
    const clock = fakeTime()
    const stores = memoryStores({ clock })
    let reads = 0
    const find = (id: string) => {
      reads++
      return new Promise((resolve) => setTimeout(resolve, 1_000)).then(() => stores.sessions.find(id))
    }
    const host = socketHost({ clock, stores: { ...stores, sessions: { ...stores.sessions, find } } as never })
    const socket = await host.connect()
    for (let said = 0; said < 100; said++)
      socket.say(authenticate("x", `${"x".repeat(22)}.${"y".repeat(43)}`))
    await calm()
    expect(socket.closed).toEqual({ code: 4429, reason: "rate_limited" })
    await pass(5_000)
    expect([reads, socket.got.length]).toEqual([1, 1])
  })

  test("refusals that anybody can cause are told sixty times a minute", async () => {
    const host = socketHost({ sockets: { unauthenticatedPerAddress: 100 } })
    const refuse = async (times: number) => {
      for (let at = 0; at < times; at++) (await host.connect()).say("x")
      await calm()
      return host.events.filter(({ type }) => type === "socket.refused").length
    }
    expect(await refuse(70)).toBe(60)
    await pass(60_000)
    expect(await refuse(5)).toBe(65)
  })
})

describe("after authentication", () => {
  test("who does not read is closed with 1008 before more is kept for it", async () => {
    const host = socketHost({ sockets: { maxBuffered: 1_000 } })
    const { cookie, userId } = await signIn(host)
    const socket = await host.connect({ cookie })
    socket.bufferedAmount = 1_000
    expect(host.sockets.send({ userId }, "fits")).toBe(1)
    socket.bufferedAmount = 1_001
    expect(host.sockets.send({ userId }, "does not")).toBe(0)
    expect(socket.closed).toEqual({ code: 1008, reason: "too_slow" })
    expect(host.events.at(-1)).toMatchObject({ type: "socket.closed", cause: "too_slow" })
  })

  test("each is sent to by user and by session, and found by both", async () => {
    const host = socketHost()
    const [one, two] = [await signIn(host), await signIn(host)]
    const sockets = [
      await host.connect({ cookie: one.cookie }),
      await host.connect({ cookie: two.cookie }),
      await host.connect({ cookie: two.cookie }),
    ]
    const sessionId = String(sockets[1]?.got[0]?.["session_id"])
    expect(host.sockets.send({ userId: one.userId }, "to all")).toBe(3)
    expect(host.sockets.send({ sessionId }, "to two")).toBe(2)
    expect(host.sockets.send({ userId: "nobody" }, "x")).toBe(0)
    expect(sockets.map(({ got }) => got.length)).toEqual([2, 3, 3])
    expect([host.sockets.ofUser(one.userId).length, host.sockets.ofSession(sessionId).length]).toEqual([3, 2])
    expect([...host.sockets].every(({ principal }) => principal.claims.email === "ada@example.com")).toBe(
      true,
    )
  })

  test("handlers hear of a socket once: opened, and closed with why", async () => {
    const told: unknown[] = []
    const host = socketHost({
      sockets: {
        onOpen: ({ principal: { userId } }) => void told.push(["open", userId]),
        onClose: ({ isOpen, principal: { userId } }, why) => void told.push(["close", userId, isOpen, why]),
      },
    })
    const { cookie, userId } = await signIn(host)
    const gone = await host.connect({ cookie })
    gone.leave()
    gone.leave()
    await host.connect({ cookie })
    const [mine] = host.sockets
    mine?.close(4_999, "bye")
    mine?.close()
    ;(await host.connect()).say("x")
    expect(told).toEqual([
      ["open", userId],
      ["close", userId, false, { code: undefined, reason: "" }],
      ["open", userId],
      ["close", userId, false, { code: 4_999, reason: "bye" }],
    ])
  })
})

test("close(): all are closed with 1001, those that wait too, and nobody comes in any more", async () => {
  const host = socketHost()
  const { browser, cookie } = await signIn(host)
  const sockets = [await host.connect({ cookie }), await host.connect()]
  const header = (name: string) => (name === "upgrade" ? "websocket" : undefined)
  const half = await host.sockets.admit({ method: "GET", target: "/ws", header })
  await host.sockets.close()
  const away = { code: 1001, reason: "going_away" }
  expect(sockets.map(({ closed }) => closed)).toEqual([away, away])
  const codes: number[] = []
  if (!half.answer) half.open({ send() {}, close: (code) => void codes.push(code) })
  expect(codes).toEqual([1001])
  await expect(host.connect({ cookie })).rejects.toMatchObject({ status: 404 })
  expect(host.sockets.size).toBe(0)
  // It hears no more either.
  expect((await browser.post("/auth/logout", { json: {} })).status).toBe(200)
  expect(host.auth.gate.heardBy.size).toBe(0)
})

test("nothing is left of a thousand sockets, whichever way they went", async () => {
  const host = socketHost({ sockets: { unauthenticatedPerAddress: 2_000 } })
  const { cookie, token, userId } = await signIn(host)
  const ways = [
    async () => (await host.connect({ cookie })).leave(),
    async () => (await host.connect()).leave(),
    async () => (await host.connect()).say(new Uint8Array(1)),
    async () => (await host.connect()).say(authenticate(userId, "x")),
    async () => {
      const socket = await host.connect()
      socket.say(authenticate(userId, token))
      socket.leave()
    },
  ]
  for (let at = 0; at < 200; at++) for (const way of ways) await way()
  await calm()
  expect([host.sockets.size, host.sockets.ofUser(userId), [...host.sockets]]).toEqual([0, [], []])
  const { vi } = await import("vitest")
  expect(vi.getTimerCount()).toBe(0)
}, 60_000)

describe("the parts that remember", () => {
  const principal = (sessionId: string, userId: string) =>
    ({ userId, session: { id: sessionId } }) as Principal<object>

  test("an index forgets its keys", () => {
    const index = socketIndex<string>()
    const [one, two] = [principal("s1", "u"), principal("s2", "u")]
    index.add("a", one)
    index.add("b", two)
    expect([index.ofUser("u"), index.ofSession("s1")]).toEqual([["a", "b"], ["a"]])
    index.remove("a", one)
    index.remove("a", one)
    index.remove("b", two)
    expect([index.all.size, index.ofUser("u"), index.ofSession("s2")]).toEqual([0, [], []])
  })

  test("a journal: of this session, of this user, of anybody, and of what it has forgotten", () => {
    const told = journal()
    const mark = told.mark()
    told.note("other")
    expect(told.hasSince(mark, principal("s", "u"))).toBe(false)
    told.note("s")
    expect(told.hasSince(mark, principal("s", "u"))).toBe(true)
    expect(told.hasSince(told.mark(), principal("s", "u"))).toBe(false)
    const later = told.mark()
    told.note("u")
    expect(told.hasSince(later, principal("s2", "u"))).toBe(true)
    const last = told.mark()
    told.noteAll()
    expect(told.hasSince(last, principal("x", "y"))).toBe(true)
    const full = told.mark()
    for (let at = 0; at < 1_024; at++) told.note(`n${at}`)
    expect(told.hasSince(full, principal("x", "y"))).toBe(false)
    told.note("one more")
    expect(told.hasSince(full, principal("x", "y"))).toBe(true)
  })

  test("counters of one process: bounded, and over with their window", async () => {
    let now = 0
    const { increment } = ownCounters(() => now)
    expect([await increment("a", 10), await increment("a", 10)]).toEqual([1, 2])
    now = 10
    expect(await increment("a", 20)).toBe(1)
    for (let at = 0; at < 10_000; at++) await increment(`k${at}`, 20)
    expect(await increment("a", 20)).toBe(1)
  })

  test("places: each is given back once", () => {
    const places = unauthenticated(1)
    const back = places.take("x")
    expect([places.take("x"), places.admits("y")]).toEqual([undefined, true])
    back?.()
    back?.()
    expect([places.admits("x"), typeof places.take("x"), places.take("x")]).toEqual([
      true,
      "function",
      undefined,
    ])
  })
})

test("no token stands in an event, an error or in what is printed of sockets", async () => {
  const host = socketHost()
  const { cookie, token, userId } = await signIn(host)
  const secret = token.slice(23)
  await host.connect({ cookie })
  const socket = await host.connect()
  socket.say(authenticate(userId, token))
  const bad = await host.connect()
  bad.say(authenticate(userId, `${token.slice(0, 23)}${"x".repeat(43)}`))
  await calm()
  const printed = inspect(
    [
      host.sockets,
      [...host.sockets],
      host.sockets.ofUser(userId),
      host.events,
      host.faults,
      host.auth,
      bad,
      socket,
    ],
    { depth: 12, showHidden: true, getters: true },
  )
  expect(host.sockets.size).toBe(2)
  expect(printed).toContain(userId)
  expect(printed).not.toContain(secret)
  expect(printed).not.toContain("x".repeat(43))
})
