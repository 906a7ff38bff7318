import type { PostgresQuery, Row } from "@mortise/adapter-postgres"
import { asker } from "../databases/ask.js"

/** A shop under our roof. */
export interface Store {
  /** As in its addresses: `ACME`. */
  readonly code: string
  readonly name: string
  readonly tagline: string
}

/** The stores, and who may run them. */
export interface StoreDirectory {
  list(): Promise<readonly Store[]>
  find(code: string): Promise<Store | undefined>
  /** Those that this person may run, by their code. */
  ofPerson(personId: string): Promise<readonly Store[]>
  /** The store, if this person may run it. */
  findFor(personId: string, code: string): Promise<Store | undefined>
  /** Everybody's access: the codes by person. */
  access(): Promise<ReadonlyMap<string, ReadonlySet<string>>>
  /** False if there is no such person or store. */
  grant(personId: string, code: string): Promise<boolean>
  withdraw(personId: string, code: string): Promise<void>
}

/** In PostgreSQL. */
export function storeDirectory(query: PostgresQuery): StoreDirectory {
  const ask = asker(query, "stores")
  const granted = `select s.* from quayside.stores as s
    join quayside.store_access as a on a.store_code = s.code where a.person_id = $1`

  return {
    async list() {
      return (await ask("list", "select * from quayside.stores order by code")).map(storeOf)
    },

    async find(code) {
      const [row] = await ask("find", "select * from quayside.stores where code = $1", [code])
      return row && storeOf(row)
    },

    async ofPerson(personId) {
      return (await ask("of_person", `${granted} order by s.code`, [personId])).map(storeOf)
    },

    async findFor(personId, code) {
      const [row] = await ask("find_for", `${granted} and s.code = $2`, [personId, code])
      return row && storeOf(row)
    },

    async access() {
      const rows = await ask("access", "select person_id, store_code from quayside.store_access")
      const codes = new Map<string, Set<string>>()
      for (const row of rows) {
        const person = String(row["person_id"])
        codes.set(person, (codes.get(person) ?? new Set()).add(String(row["store_code"])))
      }
      return codes
    },

    async grant(personId, code) {
      const rows = await ask(
        "grant",
        `with known as (
           select p.id, s.code from quayside.people as p, quayside.stores as s where p.id = $1 and s.code = $2
         ), granted as (
           insert into quayside.store_access select id, code from known on conflict do nothing
         )
         select id from known`,
        [personId, code],
      )
      return rows.length > 0
    },

    async withdraw(personId, code) {
      const text = "delete from quayside.store_access where person_id = $1 and store_code = $2"
      await ask("withdraw", text, [personId, code])
    },
  }
}

function storeOf(row: Row): Store {
  return { code: String(row["code"]), name: String(row["name"]), tagline: String(row["tagline"]) }
}
