import type { SendCommand } from "@mortise/adapter-redis"
import { createClient } from "redis"

/** A Redis to ask. */
export interface RedisServer {
  readonly send: SendCommand
  close(): void
}

/**
 * A connection to Redis that fails at once while there is none, instead of collecting commands for later, and comes back by
 * itself. A connection on which nothing is answered for two seconds is given up, since a machine that vanished says no goodbye.
 */
export async function redisServer(url: string): Promise<RedisServer> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 1000,
    socket: {
      connectTimeout: 2000,
      socketTimeout: 2000,
      reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, 500) + Math.random() * 50,
    },
  })
  let down = false
  client.on("error", (error: Error) => {
    if (!down) console.error(`Redis: ${error.message}`)
    down = true
  })
  client.on("ready", () => {
    if (down) console.error("Redis: connected again")
    down = false
  })
  await client.connect()
  return {
    send: ({ args }) => client.sendCommand(args),
    close: () => client.destroy(),
  }
}
