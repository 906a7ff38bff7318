import type { PostgresQuery } from "@mortise/adapter-postgres"
import { isOutage } from "./trace"

/** A database that fails, as one does that is gone, for the requests that ask for it. Only where the demo turns it on. */
export function breakable(query: PostgresQuery): PostgresQuery {
  return async function queryOrFail(statement) {
    if (!(await isOutage())) return query(statement)
    throw Object.assign(new Error("connect ECONNREFUSED (provoked)"), { code: "ECONNREFUSED" })
  }
}
