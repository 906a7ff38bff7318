import type { SendCommand } from "@mortise/adapter-redis"
import { type RedisServer, redisServer } from "./redis-server"

/** A Redis that is connected to by whoever asks it first. */
export interface OpenRedis {
  readonly send: SendCommand
  close(): Promise<void>
}

export function openRedis(url: string): OpenRedis {
  let connecting: Promise<RedisServer> | undefined

  function connected(): Promise<RedisServer> {
    connecting ??= redisServer(url).catch((error) => {
      connecting = undefined
      throw error
    })
    return connecting
  }

  return {
    send: async (command) => (await connected()).send(command),
    close: async () => (await connecting)?.close(),
  }
}
