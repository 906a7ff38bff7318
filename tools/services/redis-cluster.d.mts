import type { Outage } from "./outage.d.mts"

export interface RedisClusterNode extends Outage {
  readonly url: string
  readonly port: number
}

export interface RedisClusterService {
  readonly nodes: readonly RedisClusterNode[]
  stop(): Promise<void>
}

/** Starts three masters without replicas. They end with `stop`, or with this process, whatever ends it. */
export function startRedisCluster(): Promise<RedisClusterService>
