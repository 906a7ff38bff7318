import type { PostgresQuery, Row } from "@mortise/adapter-postgres"
import { asking } from "../databases/ask.js"
import { guestName } from "../people/people-table.js"

/** Something that somebody said. */
export interface Message {
  readonly id: number
  readonly userId: string
  /** As they are called now. */
  readonly name: string
  readonly text: string
  readonly at: number
}

/** What was said in the room since it was last closed. */
export interface MessageTable {
  add(userId: string, text: string): Promise<Message>
  /** Oldest first. */
  latest(limit: number): Promise<readonly Message[]>
  listByUser(userId: string): Promise<readonly Message[]>
  deleteByUser(userId: string): Promise<void>
  clear(): Promise<void>
}

const columns = `messages.id::float8 as id, messages.user_id, coalesce(people.name, '') as name, messages.text,
  (extract(epoch from messages.said_at) * 1000)::float8 as at`

export function messageTable(query: PostgresQuery): MessageTable {
  const ask = asking(query, "messages")
  return {
    async add(userId, text) {
      const [row] = await ask(
        "add",
        `with messages as (insert into messages (user_id, text) values ($1, $2) returning *)
         select ${columns} from messages left join people using (user_id)`,
        [userId, text],
      )
      if (!row) throw new Error("The database inserted no row.")
      return messageOf(row)
    },
    async latest(limit) {
      const rows = await ask(
        "latest",
        `select ${columns} from messages left join people using (user_id) order by messages.id desc limit $1`,
        [limit],
      )
      return rows.map(messageOf).reverse()
    },
    async listByUser(userId) {
      const rows = await ask(
        "list",
        `select ${columns} from messages left join people using (user_id)
         where messages.user_id = $1 order by messages.id`,
        [userId],
      )
      return rows.map(messageOf)
    },
    async deleteByUser(userId) {
      await ask("delete_by_user", "delete from messages where user_id = $1", [userId])
    },
    async clear() {
      await ask("clear", "delete from messages", [])
    },
  }
}

function messageOf(row: Row): Message {
  const userId = String(row["user_id"])
  return {
    id: Number(row["id"]),
    userId,
    name: String(row["name"]) || guestName(userId),
    text: String(row["text"]),
    at: Number(row["at"]),
  }
}
