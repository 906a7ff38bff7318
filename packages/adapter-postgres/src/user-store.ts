import type { NewUser, User, UserChanges, UserStore } from "@mortise/core"
import { type PostgresQuery, type Row, run, type Value } from "./query.js"
import { numberOf, numberOrNullOf, textOf } from "./row.js"
import type { Settings } from "./settings.js"
import { sqlStateOf, uniqueViolation } from "./sql-state.js"
import { isStorable, requireStorable } from "./storable.js"
import { userStatements } from "./user-statements.js"

/**
 * Users of one realm (or those that all share, if it is "") in a table of this adapter's own; ids are random
 * UUIDs, unique over all realms. Deleting a user takes the credentials and sessions along in the same
 * statement. `list` rejects when the user behind the cursor is gone: an empty page would look like the end.
 */
export function userStore(query: PostgresQuery, settings: Settings, realm: string): UserStore {
  const statements = userStatements(settings)

  async function create({ email, emailVerifiedAt, createdAt }: NewUser): Promise<User | undefined> {
    requireStorable("email", email)
    const [row] = await run(query, statements.create, [realm, email, emailVerifiedAt, createdAt])
    return row && userOf(row)
  }

  async function find(id: string): Promise<User | undefined> {
    if (!isStorable(id)) return undefined
    const [row] = await run(query, statements.find, [realm, id])
    return row && userOf(row)
  }

  async function findByEmail(email: string): Promise<User | undefined> {
    if (!isStorable(email)) return undefined
    const [row] = await run(query, statements.findByEmail, [realm, email])
    return row && userOf(row)
  }

  async function update(id: string, changes: UserChanges): Promise<User | "absent" | "taken"> {
    if (!isStorable(id)) return "absent"
    const { email, emailVerifiedAt, disabledAt } = changes
    if (email !== undefined) requireStorable("email", email)
    const values: Value[] = [
      realm,
      id,
      email ?? null,
      emailVerifiedAt !== undefined,
      emailVerifiedAt ?? null,
      disabledAt !== undefined,
      disabledAt ?? null,
    ]
    try {
      const [row] = await run(query, statements.update, values)
      return row ? userOf(row) : "absent"
    } catch (error) {
      // The address is the only thing unique that an update can change.
      if (sqlStateOf(error) === uniqueViolation) return "taken"
      throw error
    }
  }

  async function remove(id: string): Promise<boolean> {
    if (!isStorable(id)) return false
    return (await run(query, statements.delete, [realm, id])).length === 1
  }

  async function list({ limit, after }: { limit: number; after?: string }): Promise<readonly User[]> {
    if (after === undefined) return (await run(query, statements.listFirst, [realm, limit])).map(userOf)
    const users = (await run(query, statements.listAfter, [realm, limit, after])).map(userOf)
    if (users.length > 0 || (await find(after))) return users
    throw new RangeError(
      "users.list: the user named by `after` does not exist any more, so its place in the list is unknown.",
    )
  }

  return { create, find, findByEmail, update, delete: remove, list }
}

function userOf(row: Row): User {
  return {
    id: textOf(row, "id"),
    email: textOf(row, "email"),
    emailVerifiedAt: numberOrNullOf(row, "email_verified_at"),
    disabledAt: numberOrNullOf(row, "disabled_at"),
    createdAt: numberOf(row, "created_at"),
  }
}
