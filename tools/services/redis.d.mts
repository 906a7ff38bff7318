import type { Outage } from "./outage.d.mts"

export interface RedisService extends Outage {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/**
 * Starts a Redis server of its own. It ends with `stop`, or with this process, whatever ends it. Only a
 * `durable` one still has its data after `kill` and `restart`.
 */
export function startRedis(options?: { durable?: boolean }): Promise<RedisService>
