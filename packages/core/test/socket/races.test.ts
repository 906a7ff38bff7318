import { expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import type { SessionStore } from "../../src/stores/ports.js"
import { announced, memoryMessages } from "../../src/tiered.js"
import { authenticate, calm, fakeTime, pass, signIn, socketHost } from "./socket-host.js"

const sixteen = Array.from({ length: 16 }, (_, index) => index)

test("16 Authenticate at once on one socket: one after the other, one opening, and all are answered", async () => {
  const reading = { now: 0, most: 0 }
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  const sessions: SessionStore = {
    ...bare.sessions,
    async find(id) {
      reading.most = Math.max(reading.most, ++reading.now)
      await new Promise((resolve) => setImmediate(resolve))
      reading.now--
      return bare.sessions.find(id)
    },
  }
  const host = socketHost({ clock, stores: { ...bare, sessions } as never })
  const { token, userId } = await signIn(host)
  reading.most = 0
  const socket = await host.connect()
  for (const _ of sixteen) socket.say(authenticate(userId, token))
  for (let turn = 0; turn < 10; turn++) await calm()
  expect(socket.got.map(({ type }) => type)).toEqual(sixteen.map(() => "AuthSuccess"))
  expect(host.events.filter(({ type }) => type === "socket.opened")).toHaveLength(1)
  expect([host.sockets.size, reading.most]).toEqual([1, 1])
})

test("16 Authenticate at once of which the first is wrong: one refusal, and nothing after it", async () => {
  const host = socketHost()
  const { token, userId } = await signIn(host)
  const socket = await host.connect()
  for (const at of sixteen) socket.say(authenticate(userId, at === 0 ? "x" : token))
  await calm()
  expect(socket.got).toEqual([{ type: "AuthFailure", reason: "not_signed_in" }])
  expect([socket.closed?.code, host.sockets.size]).toEqual([4401, 0])
})

test("16 sockets, 16 tokens of one user, all sessions ended while they authenticate: none stays", async () => {
  const messages = memoryMessages()
  const clock = fakeTime()
  const bare = memoryStores({ clock })
  // What is read is from before; the answer comes after whatever happened meanwhile.
  const slow: SessionStore = {
    ...bare.sessions,
    async find(id) {
      const found = await bare.sessions.find(id)
      await new Promise((resolve) => setTimeout(resolve, 50))
      return found
    },
  }
  const stores = { ...bare, sessions: announced(slow, messages) } as never
  const here = socketHost({ clock, stores, sockets: { messages } })
  const there = socketHost({ clock, stores, sockets: { messages, recheck: "24h" } })
  const mine = await signInSlowly(here)
  const others = await Promise.all(sixteen.map(() => there.connect()))
  for (const socket of others) socket.say(authenticate(mine.userId, mine.token))
  await pass(25)
  const ending = here.auth.sessions.endAll(mine.userId, "revoked", {})
  await pass(1_000)
  await ending
  expect(others.map(({ closed }) => closed?.code)).toEqual(sixteen.map(() => 4401))
  expect(there.sockets.size).toBe(0)
  expect(there.heard).toEqual([])

  async function signInSlowly(host: typeof here) {
    const signing = signIn(host)
    for (let turn = 0; turn < 20; turn++) await pass(50)
    return signing
  }
})

test("a session that ends between the upgrade and the handshake opens no socket", async () => {
  const host = socketHost()
  const { browser, cookie } = await signIn(host)
  const incoming = {
    method: "GET",
    target: "/ws",
    peerAddress: "192.0.2.1",
    header: (name: string) => ({ cookie, upgrade: "websocket" })[name],
  }
  const admission = await host.sockets.admit(incoming)
  await browser.post("/auth/logout", { json: {} })
  if (admission.answer) throw new Error("refused")
  const got: string[] = []
  let code = 0
  admission.open({
    send: (text) => void got.push(text),
    close(given) {
      code = given
    },
  })
  await calm()
  expect(code).toBe(4401)
  expect(got).toEqual(['{"type":"AuthFailure","reason":"not_signed_in"}'])
  expect(host.sockets.size).toBe(0)
})

test("rotated by 16 callers while 16 sockets authenticate: whoever is in holds the token that is", async () => {
  const host = socketHost()
  const { token, userId } = await signIn(host)
  const sockets = await Promise.all(sixteen.map(() => host.connect()))
  for (const socket of sockets) socket.say(authenticate(userId, token))
  const rotated = (await Promise.all(sixteen.map(() => host.auth.sessions.rotate(token, {})))).filter(Boolean)
  await calm()
  expect(rotated).toHaveLength(1)
  expect(host.sockets.size).toBe(0)
  expect(sockets.map(({ closed }) => closed?.code)).toEqual(sixteen.map(() => 4401))
})
