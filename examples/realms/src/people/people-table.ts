import type { PostgresQuery, Row } from "@mortise/adapter-postgres"
import { StoreError } from "@mortise/core"
import { asker } from "../databases/ask.js"
import { type People, type Person, roles } from "./person.js"

/** People in PostgreSQL: the six methods that the library asks for, and two of ours. */
export function peopleTable(query: PostgresQuery): People {
  const ask = asker(query, "people")

  async function one(name: string, condition: string, value: string): Promise<Person | undefined> {
    const [row] = await ask(name, `select * from quayside.people where ${condition}`, [value])
    return row && personOf(row)
  }

  const find = (id: string): Promise<Person | undefined> => one("find", "id = $1", id)
  const findByEmail = (email: string): Promise<Person | undefined> =>
    one("find_by_email", "email = $1", email)

  return {
    find,
    findByEmail,

    findByUsername: (name) => one("find_by_username", "username = $1 order by created_at, id limit 1", name),

    async create({ email, emailVerifiedAt, createdAt }) {
      const [row] = await ask(
        "create",
        `insert into quayside.people (email, username, name, role, email_verified_at, created_at)
         values ($1, split_part($1, '@', 1), split_part($1, '@', 1), 'customer', $2, $3)
         on conflict (email) do nothing returning *`,
        [email, emailVerifiedAt, createdAt],
      )
      return row && personOf(row)
    },

    async update(id, { email, emailVerifiedAt, disabledAt }) {
      // What is not named keeps its value.
      const rows = await ask(
        "update",
        `update quayside.people set
           email = coalesce($2, email),
           email_verified_at = case when $3::boolean then $4::bigint else email_verified_at end,
           disabled_at = case when $5::boolean then $6::bigint else disabled_at end
         where id = $1 returning *`,
        [
          id,
          email ?? null,
          emailVerifiedAt !== undefined,
          emailVerifiedAt ?? null,
          disabledAt !== undefined,
          disabledAt ?? null,
        ],
      ).catch(takenOrFault)
      if (rows === "taken") return "taken"
      return rows[0] ? personOf(rows[0]) : "absent"
    },

    async delete(id) {
      return (await ask("delete", "delete from quayside.people where id = $1 returning id", [id])).length > 0
    },

    async list({ limit, after = "" }) {
      const rows = await ask(
        "list",
        `select * from quayside.people
         where $1 = '' or (created_at, id) > (select created_at, id from quayside.people where id = $1)
         order by created_at, id limit $2`,
        [after, limit],
      )
      return rows.map(personOf)
    },

    async changeRole(id, role) {
      const text = "update quayside.people set role = $2 where id = $1 returning id"
      return (await ask("change_role", text, [id, role])).length > 0
    },
  }
}

/** SQLSTATE 23505: somebody else has the address. */
function takenOrFault(fault: unknown): "taken" {
  const cause = fault instanceof StoreError ? fault.cause : undefined
  if (cause instanceof Error && "code" in cause && cause.code === "23505") return "taken"
  throw fault
}

function personOf(row: Row): Person {
  const role = roles.find((each) => each === row["role"])
  if (!role) throw new StoreError("people", new TypeError(`There is no role ${String(row["role"])}.`))
  return {
    id: String(row["id"]),
    email: String(row["email"]),
    username: String(row["username"]),
    name: String(row["name"]),
    role,
    emailVerifiedAt: instantOf(row["email_verified_at"]),
    disabledAt: instantOf(row["disabled_at"]),
    createdAt: Number(row["created_at"]),
  }
}

function instantOf(value: unknown): number | null {
  return value === null ? null : Number(value)
}
