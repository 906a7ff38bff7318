import { describe, expect, test } from "vitest"
import { opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import type { SessionListener, SessionMessages } from "../../src/stores/ports.js"
import { announced, memoryMessages } from "../../src/tiered.js"
import { eve } from "../app.js"
import { authenticate, calm, fakeTime, pass, type SocketHost, signIn, socketHost } from "./socket-host.js"

const minute = 60_000

/** Two servers over one store, and what they tell each other. */
function twoNodes(messages: SessionMessages, options: Parameters<typeof socketHost>[0] = {}) {
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  const stores = { ...bare, sessions: announced(bare.sessions, messages) }
  const node = (): SocketHost =>
    socketHost({ ...options, clock, stores, sockets: { messages, ...options.sockets } })
  return [node(), node()] as const
}

describe("what ends a session closes its sockets", () => {
  const endings: Readonly<
    Record<string, (host: SocketHost, userId: string, sessionId: string) => Promise<unknown>>
  > = {
    "one session ended": (host, userId, id) => host.auth.sessions.end(userId, id, "revoked", {}),
    "all of the user's ended": (host, userId) => host.auth.sessions.endAll(userId, "revoked", {}),
    "the user disabled": (host, userId) => host.auth.users.disable(userId),
    "permissions changed": (host, userId) => host.auth.users.permissionsChanged(userId),
    "endUser()": (host, userId) => host.sockets.endUser(userId),
  }

  describe.each(Object.entries(endings))("%s", (name, end) => {
    test("here: at once, and nobody else's", async () => {
      const host = socketHost()
      const [mine, hers] = [await signIn(host), await signIn(host, eve)]
      const sockets = [
        await host.connect({ cookie: mine.cookie }),
        await host.connect({ cookie: mine.cookie }),
        await host.connect(),
        await host.connect({ cookie: hers.cookie }),
      ]
      sockets[2]?.say(authenticate(mine.userId, mine.token))
      await calm()
      await end(host, mine.userId, String(sockets[0]?.got[0]?.["session_id"]))
      const ended = { code: 4401, reason: "session_ended" }
      expect(sockets.map(({ closed }) => closed)).toEqual([ended, ended, ended, undefined])
      expect(host.sockets.size).toBe(1)
      await calm()
      expect(host.events.filter(({ type }) => type === "socket.closed")).toMatchObject([
        { cause: "session_ended" },
        { cause: "session_ended" },
        { cause: "session_ended" },
      ])
    })

    test("on another node: as soon as it is told, without any timer", async () => {
      const [here, there] = twoNodes(memoryMessages())
      const mine = await signIn(here)
      const socket = await there.connect({ cookie: mine.cookie })
      expect(socket.got).toHaveLength(1)
      await end(here, mine.userId, String(socket.got[0]?.["session_id"]))
      await calm()
      // endUser() ends no session: the other node has looked, and found it alive.
      expect(socket.closed?.code).toBe(name === "endUser()" ? undefined : 4401)
    })
  })

  test("where messages are lost, after recheck at the latest", async () => {
    const deaf: SessionMessages = { publish: async () => {}, subscribe: async () => async () => {} }
    const [here, there] = twoNodes(deaf)
    const mine = await signIn(here)
    const sockets = await Promise.all(
      Array.from({ length: 20 }, () => there.connect({ cookie: mine.cookie })),
    )
    await mine.browser.post("/auth/logout", { json: {} })
    await pass(30_000)
    expect(sockets.map(({ closed }) => closed?.code)).toEqual(Array(20).fill(4401))
  })

  test("where a gap was noticed, after ten seconds at the latest, and not all at once", async () => {
    const listeners: SessionListener[] = []
    const lossy: SessionMessages = {
      publish: async () => {},
      subscribe: async (listener) => {
        listeners.push(listener)
        return async () => {}
      },
    }
    const [here, there] = twoNodes(lossy, { sockets: { recheck: "10m" } })
    const mine = await signIn(here)
    const sockets = await Promise.all(
      Array.from({ length: 64 }, () => there.connect({ cookie: mine.cookie })),
    )
    // The first gap was the subscription itself.
    await pass(10_000)
    await mine.browser.post("/auth/logout", { json: {} })
    expect(there.sockets.size).toBe(64)
    for (const listener of listeners) listener.gap()
    await pass(5_000)
    expect(there.sockets.size).toBeGreaterThan(0)
    expect(there.sockets.size).toBeLessThan(64)
    await pass(5_000)
    expect(sockets.every(({ closed }) => closed?.code === 4401)).toBe(true)
  })

  test("a subscription that fails is tried again, and whatever was told meanwhile is looked for", async () => {
    const messages = memoryMessages()
    let failures = 2
    const [here, there] = twoNodes({
      publish: (ids) => messages.publish(ids),
      subscribe(listener) {
        if (failures-- > 0) return Promise.reject(new Error("no connection"))
        return messages.subscribe(listener)
      },
    })
    const mine = await signIn(here)
    const socket = await there.connect({ cookie: mine.cookie })
    expect(there.faults).toHaveLength(1)
    await pass(10_000)
    expect(there.faults).toHaveLength(2)
    await mine.browser.post("/auth/logout", { json: {} })
    await calm()
    expect(socket.closed?.code).toBe(4401)
  })
})

test("told before a store that remembers answers has heard of it: closed within half a second all the same", async () => {
  const messages = memoryMessages()
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  const remembered = new Map<string, unknown>()
  const sessions = {
    ...bare.sessions,
    async find(id: string) {
      const found = remembered.get(id) ?? (await bare.sessions.find(id))
      remembered.set(id, found)
      return found
    },
  }
  const there = socketHost({
    ...{ clock, stores: { ...bare, sessions } as never },
    sockets: { messages, recheck: "24h" },
  })
  const mine = await signIn(there)
  const socket = await there.connect({ cookie: mine.cookie })
  const id = String(socket.got[0]?.["session_id"])
  await bare.sessions.delete(id)
  await messages.publish([id])
  await calm()
  expect(socket.closed).toBeUndefined()
  remembered.clear()
  await pass(500)
  expect(socket.closed).toEqual({ code: 4401, reason: "session_ended" })
})

describe("a session that is given another token", () => {
  test("closes the sockets of the old one, here and on another node; the new one opens", async () => {
    const [here, there] = twoNodes(memoryMessages())
    const mine = await signIn(here)
    const sockets = [
      await here.connect({ cookie: mine.cookie }),
      await there.connect({ cookie: mine.cookie }),
    ]
    const rotated = await here.auth.sessions.rotate(mine.token, {})
    await calm()
    expect(sockets.map(({ closed }) => closed)).toEqual(
      Array(2).fill({ code: 4401, reason: "session_ended" }),
    )
    const again = await there.connect()
    again.say(authenticate(mine.userId, rotated?.token ?? ""))
    await calm()
    expect(again.got).toMatchObject([{ type: "AuthSuccess" }])
  })

  test("a socket that has authenticated again before the message comes stays open", async () => {
    const listeners: SessionListener[] = []
    const messages: SessionMessages = {
      publish: async () => {},
      subscribe: async (listener) => {
        listeners.push(listener)
        return async () => {}
      },
    }
    const [here, there] = twoNodes(messages)
    const mine = await signIn(here)
    const socket = await there.connect({ cookie: mine.cookie })
    const rotated = await here.auth.sessions.rotate(mine.token, {})
    socket.say(authenticate(mine.userId, rotated?.token ?? ""))
    await calm()
    for (const listener of listeners) listener.changed([String(socket.got[0]?.["session_id"])])
    await calm()
    expect(socket.closed).toBeUndefined()
    expect(socket.got).toHaveLength(2)
  })
})

describe("activity", () => {
  const sessions = opaque({ idle: "10m", absolute: "1h" })

  test("an open socket keeps no session alive, however often it is looked at", async () => {
    const host = socketHost({ sessions })
    const { cookie } = await signIn(host)
    const socket = await host.connect({ cookie })
    const over = Number(socket.got[0]?.["expires_at"])
    await pass(over - host.clock() - 1)
    expect(socket.closed).toBeUndefined()
    await pass(1)
    expect(socket.closed).toEqual({ code: 4401, reason: "session_expired" })
  })

  test("nor does opening one again and again", async () => {
    const host = socketHost({ sessions })
    const { cookie } = await signIn(host)
    for (let round = 0; round < 9; round++) {
      const socket = await host.connect({ cookie })
      socket.leave()
      await pass(minute)
    }
    await pass(minute)
    const late = await host.connect({ cookie })
    expect(late.got).toEqual([])
  })

  test("nor does a request that says it only looks", async () => {
    const host = socketHost({ sessions })
    const { browser, userId } = await signIn(host)
    const end = async (): Promise<number> => (await host.auth.sessions.list(userId))[0]?.expiresAt ?? 0
    const before = await end()
    await pass(5 * minute)
    const peek = { headers: { "mortise-session": "peek" } }
    expect(await (await browser.get("/auth/session", peek)).json()).toMatchObject({ user: { id: userId } })
    expect(await end()).toBe(before)
    await browser.get("/auth/session")
    expect(await end()).toBe(before + 5 * minute)
  })

  test("a message does, with one write in a tenth of the idle time", async () => {
    const host = socketHost({ sessions })
    const { cookie, userId } = await signIn(host)
    const socket = await host.connect({ cookie })
    const lastSeen = async (): Promise<number> => (await host.auth.sessions.list(userId))[0]?.lastSeenAt ?? 0
    const begun = await lastSeen()
    await pass(minute - 1_000)
    socket.say("early")
    await calm()
    expect(await lastSeen()).toBe(begun)
    await pass(5 * minute)
    socket.say("late")
    await calm()
    expect(await lastSeen()).toBe(host.clock())
    const seen = host.clock()
    for (let said = 0; said < 9; said++) {
      await pass(5_000)
      socket.say("more")
      await calm()
    }
    expect(await lastSeen()).toBe(seen)
    await pass(9 * minute)
    expect(socket.closed).toBeUndefined()
    await pass(minute)
    expect(socket.closed?.reason).toBe("session_expired")
  })

  test("whatever happens, the session ends at its absolute limit", async () => {
    const host = socketHost({ sessions })
    const { cookie } = await signIn(host)
    const begun = host.clock()
    const socket = await host.connect({ cookie })
    while (!socket.closed && host.clock() < begun + 2 * 60 * minute) {
      socket.say("still here")
      await pass(minute)
    }
    expect(host.clock()).toBeLessThanOrEqual(begun + 61 * minute)
    expect(socket.closed?.reason).toBe("session_expired")
  })

  test("activity elsewhere keeps the socket: at the end that it knew, the session is read again", async () => {
    const host = socketHost({ sessions, sockets: { recheck: "24h" } })
    const { browser, cookie } = await signIn(host)
    const socket = await host.connect({ cookie })
    await pass(5 * minute)
    await browser.get("/auth/session")
    await pass(9 * minute)
    expect(socket.closed).toBeUndefined()
    const [live] = host.sockets
    expect(live?.principal.session.expiresAt).toBeGreaterThan(host.clock())
    await pass(minute)
    expect(socket.closed?.reason).toBe("session_expired")
  })

  test("nothing is handed on in either direction once it is over, even where no timer has run", async () => {
    const host = socketHost({ sessions })
    const { cookie } = await signIn(host)
    const socket = await host.connect({ cookie })
    const [live] = host.sockets
    host.clock.set(Number(socket.got[0]?.["expires_at"]))
    expect(live?.send("secret")).toBe(false)
    socket.say("too late")
    await calm()
    expect([host.heard, socket.got.length, socket.closed?.reason]).toEqual([[], 1, "session_expired"])
  })
})
