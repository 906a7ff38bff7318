import type { UsersKept } from "../settings.js"

/** One numbered step of the schema. Once released it never changes; what comes next is a new number. */
export interface Migration {
  readonly number: number
  readonly name: string
  /** What to run. `schema` is a checked, quoted identifier. */
  statements(schema: string, users: UsersKept): string
}

/** The constraint that ends a row with its user, on a table with a `user_id`. */
export function ownedByUser(schema: string): string {
  return `, foreign key (user_id) references ${schema}.users (id) on delete cascade`
}
