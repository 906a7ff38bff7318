import type { Seconds } from "@mortise/core"
import type { PostgresQuery } from "./query.js"

/**
 * The same, but rejecting when there is no answer after `timeout` seconds. Not left to the driver: pg waits
 * without end for a connection and for a server that hangs, unless it is told otherwise. The statement may
 * still take effect later; what it grants then, nobody gets.
 * @throws RangeError if the timeout is not a number of seconds above 0
 */
export function withDeadline(query: PostgresQuery, timeout: Seconds): PostgresQuery {
  if (!(timeout > 0 && timeout < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`timeout: ${timeout} will not do. Write a number of seconds above 0, such as 5.`)
  }
  return function runInTime(statement) {
    return new Promise((resolve, reject) => {
      const answer = query(statement)
      const giveUp = (): void => reject(new Error(`PostgreSQL did not answer within ${timeout} s.`))
      const timer = setTimeout(giveUp, timeout * 1000)
      answer.then(
        (result) => {
          clearTimeout(timer)
          resolve(result)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(error)
        },
      )
    })
  }
}
