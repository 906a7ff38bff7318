import type { AuditTampering, TamperedField, Undo } from "@mortise/core/testing"
import { type Connection, sql } from "./databases.js"

const assignments: Readonly<Record<TamperedField, string>> = {
  at: "at = at - interval '1 millisecond'",
  type: "type = 'password.changed'",
  realm: "realm = 'other'",
  userId: "user_id = 'somebody-else'",
  emailDigest: "email_digest = 'X'",
  address: "address = '198.51.100.9'",
  userAgent: "user_agent = 'another'",
  details: 'event = event || \'{"flow": "oauth"}\'',
  hash: "hash = sha256(hash)",
}

/** What the owner of the tables can do to the log with plain SQL. */
export function tamperingIn(connection: Connection, schema: string): AuditTampering {
  const log = `${schema}.audit_log`
  const tables = [log, `${log}_ends`, `${log}_hashes`]

  async function done(...statements: readonly string[]): Promise<Undo> {
    const suffix = crypto.randomUUID().slice(0, 8)
    const copies = tables.map((table) => `${table}_${suffix}`)
    for (const [index, table] of tables.entries())
      await sql(connection, `create table ${copies[index]} as select * from ${table}`)
    for (const statement of statements) await sql(connection, statement)
    return async () => {
      const steps = [
        `alter table ${log} disable trigger audit_log_chain`,
        `truncate ${tables.join(", ")}`,
        ...tables.map((table, index) => `insert into ${table} select * from ${copies[index]}`),
        `alter table ${log} enable trigger audit_log_chain`,
        `drop table ${copies.join(", ")}`,
      ]
      await sql(connection, `do $$ begin ${steps.join("; ")}; end $$`)
    }
  }

  return {
    change: (number, field) => done(`update ${log} set ${assignments[field]} where number = ${number}`),
    remove: (number) => done(`delete from ${log} where number = ${number}`),
    pretendErasure: (number, pseudonym) =>
      done(
        `update ${log} set user_id = '${pseudonym}', email_digest = null, address = '', user_agent = '',
           person_digest = sha256(person_salt || convert_to(jsonb_build_array(user_id, email_digest)::text, 'UTF8')),
           place_digest = sha256(place_salt || convert_to(jsonb_build_array(address, user_agent)::text, 'UTF8')),
           person_salt = null, place_salt = null
         where number = ${number}`,
      ),
    cutEnd: (number) =>
      done(
        `delete from ${log} where number >= ${number}`,
        `delete from ${log}_hashes where number >= ${number}`,
      ),
    cutFront: (number) =>
      done(
        `update ${log}_ends set (start_number, start_hash) = (select number, hash from ${log} where number = ${number})`,
        `delete from ${log} where number <= ${number}`,
        `delete from ${log}_hashes where number <= ${number}`,
      ),
  }
}
