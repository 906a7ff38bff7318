import type { PostgresQuery } from "./query.js"
import { isConflict } from "./sql-state.js"

// Of the statements that meet at one row, each round lets one through: this many is more than any pool.
// Only a broken set-up ends here.
const attempts = 200

/**
 * Runs a statement again when PostgreSQL undid it because of another. Safe because each statement stands
 * alone and was undone as a whole. In READ COMMITTED, the default, the statements here lock in one order,
 * so this is a net under the exotic (two users exchanging addresses at once); it is what makes a database
 * with `default_transaction_isolation = 'serializable'` work.
 */
export function retryConflicts(query: PostgresQuery): PostgresQuery {
  return async function runAgain(statement) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await query(statement)
      } catch (error) {
        if (attempt === attempts || !isConflict(error)) throw error
      }
    }
  }
}
