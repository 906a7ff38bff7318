import { Cluster, Redis } from "ioredis"
import { createClient, createCluster } from "redis"
import { inject } from "vitest"
import type { SendCommand } from "../src/index.js"

/** One client of its own, as one process would have. */
export interface Connection {
  readonly send: SendCommand
  readonly close: () => Promise<void>
}

export type ClientName = "node-redis" | "node-redis cluster" | "ioredis" | "ioredis cluster"

/**
 * Each client library, against the single server and the cluster of three, with the one line that the README
 * gives.
 */
export const clients: Readonly<Record<ClientName, () => Promise<Connection>>> = {
  "node-redis": async () => {
    const client = createClient({ url: inject("redisUrl") })
    await client.connect()
    return { send: ({ args }) => client.sendCommand(args), close: () => client.close() }
  },

  "node-redis cluster": async () => {
    const cluster = createCluster({ rootNodes: inject("redisClusterNodes").map((url) => ({ url })) })
    await cluster.connect()
    return {
      send: ({ key, args }) => cluster.sendCommand(key, false, args),
      close: async () => void (await cluster.close()),
    }
  },

  ioredis: async () => {
    const redis = new Redis(inject("redisUrl"))
    return { send: ({ args }) => redis.call(...args), close: async () => void (await redis.quit()) }
  },

  "ioredis cluster": async () => {
    const redis = new Cluster([...inject("redisClusterNodes")])
    return { send: ({ args }) => redis.call(...args), close: async () => void (await redis.quit()) }
  },
}

/** A prefix that no other test uses: the servers are shared by the whole run. */
export function freshPrefix(): string {
  return `test:${crypto.randomUUID()}:`
}
