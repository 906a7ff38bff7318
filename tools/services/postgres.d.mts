import type { Outage } from "./outage.d.mts"

export interface PostgresService extends Outage {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL server of its own, with its files in a temporary directory. It ends with `stop`, or
 * with this process, whatever ends it. Data survive `kill` and `restart`.
 */
export function startPostgres(): Promise<PostgresService>
