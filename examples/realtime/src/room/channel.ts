import type { RedisServer } from "../databases/redis-server.js"

/** Carries a text to the room of every server, this one among them. At most once: what matters is in the database as well. */
export interface Channel {
  publish(text: string): Promise<unknown>
  /** `gap`: something may have been missed. */
  subscribe(listener: { message(text: string): void; gap(): void }): Promise<unknown>
}

/** For one server. */
export function ownChannel(): Channel {
  const listeners: ((text: string) => void)[] = []
  return {
    async publish(text) {
      for (const listener of listeners) listener(text)
    },
    async subscribe({ message }) {
      listeners.push(message)
    },
  }
}

/** For several. */
export function redisChannel(redis: RedisServer): Channel {
  return {
    publish: (text) => redis.publish("parlour:room", text),
    subscribe: (listener) => redis.subscribe("parlour:room", listener),
  }
}
