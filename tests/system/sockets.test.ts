/** Two servers on real stores, with real messages: what ends a session on one closes its sockets on the other, whatever they are doing. */
import { redisMessages } from "@mortise/adapter-redis"
import { type Auth, createAuth, opaque } from "@mortise/core"
import { type LiveSockets, liveSockets } from "@mortise/core/socket"
import { announced } from "@mortise/core/tiered"
import { createClient } from "redis"
import { afterEach, describe, expect, inject, test } from "vitest"
import { ada, type Cluster, cluster, origin, type Server, wirings } from "./servers.js"

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Node {
  readonly auth: Auth
  readonly sockets: LiveSockets<object>
}

interface Opened {
  readonly got: { readonly type: string; readonly reason?: string }[]
  /** When it was closed. */
  closedAt: number | undefined
  code: number | undefined
  say(message: object): void
}

async function redisClient() {
  const client = createClient({ url: inject("redisUrl") }).on("error", () => {})
  await client.connect()
  closing.push(() => client.destroy())
  return client
}

async function nodeOver({ stores }: Server, prefix: string, limit: number): Promise<Node> {
  const [client, subscriber] = [await redisClient(), await redisClient()]
  const messages = redisMessages(
    {
      publish: (channel, text) => client.publish(channel, text),
      async subscribe(channel, { gap, message }) {
        subscriber.on("ready", gap)
        await subscriber.subscribe(channel, message)
        return () => subscriber.unsubscribe(channel, message)
      },
    },
    { prefix },
  )
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores: { ...stores, sessions: announced(stores.sessions, messages) },
    sessions: opaque(),
    flows: {},
    onFault: () => {},
  })
  // So rarely read again that only a message can have closed it.
  const options = { messages, recheck: "24h", rateLimits: stores.rateLimits } as const
  const sockets = liveSockets<object>(auth, { ...options, attempts: { limit, window: "1d" } })
  closing.push(() => sockets.close())
  return { auth, sockets }
}

async function two(wiring: Parameters<typeof cluster>[0], attempts = 1_000) {
  const servers: Cluster = await cluster(wiring)
  closing.push(() => servers.close())
  const prefix = `sockets:${crypto.randomUUID()}:`
  await servers.a.auth.flows.password.register(ada)
  const user = await servers.a.stores.users.findByEmail(ada.email)
  if (!user) throw new Error("ada was not registered")
  const nodes = [
    await nodeOver(servers.a, prefix, attempts),
    await nodeOver(servers.b, prefix, attempts),
  ] as const
  const signIn = async ({ auth }: Node) => {
    const opened = await auth.sessions.open(await auth.sessions.begin(user.id), user, ["pwd"], {})
    if (!opened.ok) throw new Error(opened.reason)
    return opened.session
  }
  return { nodes, userId: user.id, signIn }
}

async function open({ sockets }: Node): Promise<Opened> {
  const headers: Readonly<Record<string, string>> = { upgrade: "websocket", origin }
  const admission = await sockets.admit({ method: "GET", target: "/ws", header: (name) => headers[name] })
  if (admission.answer) throw new Error(`refused ${admission.answer.status}`)
  const socket: Opened = { got: [], closedAt: undefined, code: undefined, say }
  const inlet = admission.open({
    send: (text) => void socket.got.push(JSON.parse(text)),
    close(code) {
      socket.code = code
      socket.closedAt = performance.now()
    },
  })
  function say(message: object): void {
    inlet.receive(JSON.stringify(message))
  }
  return socket
}

const authenticate = (userId: string, token: string): object => ({
  type: "Authenticate",
  user_id: userId,
  session_token: token,
})
const sixteen = Array.from({ length: 16 }, (_, index) => index)

describe.each(wirings)("%s", (wiring) => {
  // Again if it fails: a machine that is busy with something else takes longer for everything.
  test("16 sessions ended on one node, each on its own: their sockets on the other are closed within a second", {
    retry: 2,
  }, async () => {
    const { nodes, signIn, userId } = await two(wiring)
    const [here, there] = nodes
    const sessions = await Promise.all(sixteen.map(() => signIn(here)))
    const sockets = await Promise.all(sixteen.map(() => open(there)))
    for (const [index, socket] of sockets.entries()) {
      socket.say(authenticate(userId, sessions[index]?.token ?? ""))
    }
    await expect.poll(() => there.sockets.size).toBe(16)
    const times: number[] = []
    for (const [index, { principal }] of sessions.entries()) {
      const before = performance.now()
      await here.auth.sessions.end(userId, principal.session.id, "revoked", {})
      await expect.poll(() => sockets[index]?.code, { interval: 1 }).toBe(4401)
      times.push((sockets[index]?.closedAt ?? Infinity) - before)
      // Nobody else's.
      expect(there.sockets.size).toBe(15 - index)
    }
    expect(Math.max(...times)).toBeLessThan(1_000)
  })

  test("everything ended on one node while 16 authenticate on the other: none of them stays", async () => {
    const { nodes, signIn, userId } = await two(wiring)
    const [here, there] = nodes
    for (let round = 0; round < 8; round++) {
      const { token } = await signIn(here)
      const sockets = await Promise.all(sixteen.map(() => open(there)))
      for (const socket of sockets) socket.say(authenticate(userId, token))
      await new Promise((resolve) => setTimeout(resolve, round))
      await here.auth.sessions.endAll(userId, "revoked", {})
      await expect
        .poll(() => sockets.map(({ code }) => code), { timeout: 2_000 })
        .toEqual(sixteen.map(() => 4401))
      expect([there.sockets.size, there.sockets.ofUser(userId)]).toEqual([0, []])
    }
  })

  test("32 attempts at once on two nodes, 10 allowed: 10 are read, the others refused", async () => {
    const { nodes, signIn, userId } = await two(wiring, 10)
    const { token } = await signIn(nodes[0])
    const sockets = await Promise.all(
      [...sixteen, ...sixteen].map((_, index) => open(nodes[index % 2] as Node)),
    )
    for (const socket of sockets) socket.say(authenticate(userId, token))
    await expect.poll(() => sockets.every(({ got }) => got.length > 0)).toBe(true)
    const answers = sockets.map(({ got: [first] }) => first?.reason ?? first?.type)
    expect(answers.filter((answer) => answer === "AuthSuccess")).toHaveLength(10)
    expect(answers.filter((answer) => answer === "rate_limited")).toHaveLength(22)
  })
})
