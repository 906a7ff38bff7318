import type { PostgresQuery } from "@mortise/adapter-postgres"
import { asking } from "../databases/ask.js"

/** Under which names people are in the room. */
export interface PeopleTable {
  /** The name that they chose, or one that says nothing about them. */
  nameOf(userId: string): Promise<string>
  rename(userId: string, name: string): Promise<void>
  remove(userId: string): Promise<void>
}

export function peopleTable(query: PostgresQuery): PeopleTable {
  const ask = asking(query, "people")
  return {
    async nameOf(userId) {
      const [row] = await ask("find", "select name from people where user_id = $1", [userId])
      return row ? String(row["name"]) : guestName(userId)
    },
    async rename(userId, name) {
      await ask(
        "rename",
        `insert into people (user_id, name) values ($1, $2)
         on conflict (user_id) do update set name = excluded.name`,
        [userId, name],
      )
    },
    async remove(userId) {
      await ask("remove", "delete from people where user_id = $1", [userId])
    },
  }
}

/** An e-mail address is nobody's business in a room, so whoever has chosen no name has a number. */
export function guestName(userId: string): string {
  let sum = 0
  for (const letter of userId) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9000
  return `Guest ${1000 + sum}`
}
