import { atomicStoreChecks, sessionStoreChecks } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, test } from "vitest"
import { type RedisStoreOptions, type RedisStores, redisStores } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"

/*
 * The kit that every adapter passes, through each client library, on a single server and on a cluster.
 * Challenges and rate limits differ in their keys only, so the challenges stand for both.
 */

describe.each(Object.entries(clients))("%s", (_, connect) => {
  let connections: readonly [Connection, Connection]

  beforeAll(async () => {
    connections = [await connect(), await connect()]
  })
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()))
  })

  /** Two clients of their own on keys that nobody else uses: what two processes would be. */
  function bothSides(options: RedisStoreOptions): readonly [RedisStores, RedisStores] {
    const [a, b] = connections
    const prefix = freshPrefix()
    return [redisStores(a.send, { ...options, prefix }), redisStores(b.send, { ...options, prefix })]
  }

  for (const check of atomicStoreChecks) {
    async function runOnChallenges(): Promise<void> {
      await check.run((clock) => {
        const [a, b] = bothSides({ clock })
        return { a: a.challenges, b: b.challenges }
      })
    }
    test(`challenges: ${check.name}`, runOnChallenges, 30_000)
  }

  for (const check of sessionStoreChecks) {
    async function runOnSessions(): Promise<void> {
      await check.run((clock) => {
        const [a, b] = bothSides({ clock })
        return { a: a.sessions, b: b.sessions, newUserId: async () => crypto.randomUUID() }
      })
    }
    test(`sessions: ${check.name}`, runOnSessions, 30_000)
  }
})
