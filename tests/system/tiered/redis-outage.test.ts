import { setTimeout } from "node:timers/promises"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { type RedisService, startRedis } from "../../../tools/services/redis.mjs"
import { type Nodes, nodesOver, type OpenSession, type RunningNode } from "./nodes.js"

/* Redis is killed and comes back, once empty and once with what it had, while 64 connections ask two nodes for 1,000 sessions. */

const ttl = 2
/** What an answer may have been on its way, on a machine that is busy. */
const onItsWayMs = 1_000

/** What one request saw. */
interface Visit {
  readonly session: OpenSession
  readonly status: number
  readonly from: number
}

const services: RedisService[] = []
const clusters: Nodes[] = []

beforeAll(async () => {
  services.push(await startRedis(), await startRedis({ durable: true }))
})
afterAll(async () => {
  await Promise.all(clusters.map((nodes) => nodes.close()))
  await Promise.all(services.map((service) => service.stop()))
})

test.each([
  ["empty", 0],
  ["with what it had", 1],
] as const)(
  "Redis comes back %s: no valid session is lost, and none that was revoked is accepted beyond the bound",
  async (_, index) => {
    const redis = services[index]
    if (!redis) throw new Error("There is no such service.")
    const nodes = await nodesOver({ redisUrl: redis.url, postgresUrl: inject("postgresUrl"), ttl })
    clusters.push(nodes)
    const [a, b] = [await nodes.start(), await nodes.start()]
    const sessions: OpenSession[] = []
    for (let batch = 0; batch < 20; batch += 1) {
      sessions.push(...(await Promise.all(Array.from({ length: 50 }, () => a.open(nodes.userId)))))
    }

    const traffic = keepAsking([a, b], sessions)
    /** When its revocation was answered. */
    const revokedAt = new Map<string, number>()
    async function revoke(from: number, to: number): Promise<void> {
      for (const session of sessions.slice(from, to)) {
        await a.end(session)
        revokedAt.set(session.id, performance.now())
      }
    }

    const livingSince = (at: number): number =>
      traffic.visits.filter(({ from, session }) => from > at && !revokedAt.has(session.id)).length

    await setTimeout(500)
    await revoke(0, 30)
    await redis.kill()
    const goneAt = performance.now()
    await setTimeout(300)
    await revoke(30, 60)
    // Long enough for the test to mean something, and so below.
    await expect.poll(() => livingSince(goneAt), { timeout: 30_000 }).toBeGreaterThan(100)
    await redis.restart()
    const backAt = performance.now()
    await revoke(60, 90)
    await setTimeout(ttl * 1000 + onItsWayMs + 500)
    await expect.poll(() => livingSince(backAt), { timeout: 30_000 }).toBeGreaterThan(100)
    const visits = await traffic.stop()

    const living = visits.filter(({ session }) => !revokedAt.has(session.id))
    expect(living.filter(({ status }) => status !== 200)).toEqual([])
    const beyond = visits.filter(({ from, session, status }) => {
      const at = revokedAt.get(session.id)
      return at !== undefined && from > at + ttl * 1000 && status !== 401
    })
    expect(beyond).toEqual([])
    expect(visits.filter(({ status }) => status === 401).length).toBeGreaterThan(10)
    for (const session of sessions.slice(0, 90))
      for (const node of [a, b]) expect(await node.me(session)).toBe(401)
  },
  180_000,
)

/** 64 at any time, each for a session and a node by chance. */
function keepAsking(
  nodes: readonly [RunningNode, RunningNode],
  sessions: readonly OpenSession[],
): { readonly visits: readonly Visit[]; stop(): Promise<readonly Visit[]> } {
  const visits: Visit[] = []
  let isBusy = true

  async function ask(): Promise<void> {
    while (isBusy) {
      const session = sessions[Math.floor(Math.random() * sessions.length)]
      const node = nodes[Math.floor(Math.random() * 2)]
      if (!session || !node) return
      const from = performance.now()
      const status = await node.me(session)
      visits.push({ session, status, from })
    }
  }

  const all = Promise.all(Array.from({ length: 64 }, ask))
  return {
    visits,
    async stop() {
      isBusy = false
      await all
      return visits
    },
  }
}
