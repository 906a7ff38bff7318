import type { ChannelListener, SendCommand } from "@mortise/adapter-redis"
import { createClient } from "redis"

/** A Redis to ask, and to hear from. */
export interface RedisServer {
  readonly send: SendCommand
  publish(channel: string, text: string): Promise<unknown>
  /** Resolves when the server has confirmed it. After a connection was lost it is heard again by itself, and `gap` is called. */
  subscribe(channel: string, listener: ChannelListener): Promise<() => Promise<unknown>>
  close(): void
}

/**
 * Two connections: one to ask, which fails at once while there is none instead of collecting commands for later, and one that listens. Both come
 * back by themselves. A connection on which nothing is answered for two seconds is given up, since a machine that vanished says no goodbye.
 */
export async function redisServer(url: string): Promise<RedisServer> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 1000,
    socket: {
      connectTimeout: 700,
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
  const ear = client.duplicate({ disableOfflineQueue: false })
  // The other connection says it.
  ear.on("error", () => {})
  await Promise.all([client.connect(), ear.connect()])
  return {
    send: ({ args }) => client.sendCommand(args),
    publish: (channel, text) => client.publish(channel, text),
    async subscribe(channel, { gap, message }) {
      const hear = (text: string): void => message(text)
      await ear.subscribe(channel, hear)
      // The client subscribes again before it says that it is ready.
      ear.on("ready", gap)
      return async () => {
        ear.off("ready", gap)
        await ear.unsubscribe(channel, hear)
      }
    },
    close() {
      ear.destroy()
      client.destroy()
    },
  }
}
