import type { AuditQuery } from "@mortise/core"
import { hashOf } from "./audit-hash.js"
import { toEpochMs, toInstant } from "./instant.js"
import type { Statement, Value } from "./query.js"
import { type Settings, statementIn, tableIn } from "./settings.js"
import { storableText } from "./storable.js"

/** Every statement of the log that has one text. */
export interface AuditStatements {
  readonly append: Statement
  readonly pseudonymize: Statement
  readonly ends: Statement
  readonly place: Statement
  readonly verify: Statement
}

/** Builds the texts once, for one schema. */
export function auditStatements(settings: Settings): AuditStatements {
  const log = tableIn(settings, "audit_log")
  const ends = tableIn(settings, "audit_log_ends")
  return {
    append: statementIn(
      settings,
      "audit_log.append",
      `insert into ${log} (at, event) values (${toInstant("$1")}, $2::text::jsonb)`,
    ),
    pseudonymize: statementIn(
      settings,
      "audit_log.pseudonymize",
      `select ${tableIn(settings, "audit_log_pseudonymize")}($1, $2, $3::text::jsonb) as count`,
    ),
    ends: statementIn(
      settings,
      "audit_log.ends",
      `select start_number as number, ${toText("start_hash")} as hash from ${ends}`,
    ),
    place: statementIn(
      settings,
      "audit_log.place",
      `select ${toText("hash")} as hash from ${log} where number = $1::bigint
       union all
       select ${toText("start_hash")} from ${ends} where start_number = $1::bigint`,
    ),
    verify: statementIn(
      settings,
      "audit_log.verify",
      verify(log, ends, tableIn(settings, "audit_log_hashes")),
    ),
  }
}

/** The statement for a query, and its values: a text of its own for each set of conditions, so that each finds its index. */
export function listStatement(
  settings: Settings,
  { userId, types, from, until, before, limit }: AuditQuery,
): readonly [Statement, Value[]] {
  const values: Value[] = [limit]
  let name = "audit_log.list_"
  const conditions: string[] = []
  function add(
    letter: string,
    value: Value | undefined,
    condition: (parameter: `$${number}`) => string,
  ): void {
    if (value === undefined) return
    name += letter
    conditions.push(condition(`$${values.push(value)}`))
  }
  add("u", userId && storableText(userId), (parameter) => `l.user_id = ${parameter}`)
  add("t", types && arrayText(types), (parameter) => `l.type = any(${parameter}::text::text[])`)
  add("f", from, (parameter) => `l.at >= ${toInstant(parameter)}`)
  add("e", until, (parameter) => `l.at < ${toInstant(parameter)}`)
  add("b", before, (parameter) => `l.number < ${parameter}::bigint`)
  const where = conditions.length > 0 ? `where ${conditions.join(" and ")}` : ""
  const text = `select json_build_object(${recordFields})::text as record
    from ${tableIn(settings, "audit_log")} as l ${where}
    order by l.number desc limit $1::integer`
  return [statementIn(settings, name, text), values]
}

/** PostgreSQL's text of an array. A parameter whose value the planner can look at: it then knows how rare the types are. */
function arrayText(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${storableText(text).replace(/["\\]/g, "\\$&")}"`).join(",")}}`
}

// One column, as a session: drivers look at every column of every row.
const recordFields = `
  'number', l.number, 'hash', ${toText("l.hash")}, 'at', ${toEpochMs("l.at")}, 'type', l.type, 'realm', l.realm,
  'user_id', l.user_id, 'email_digest', l.email_digest, 'address', l.address, 'user_agent', l.user_agent,
  'event', l.event`

/**
 * Looks at up to `$3` records behind number `$1`, whose hash is `$2`, and answers the first that is broken, where it stopped, and the log's
 * ends as of then. Made of the server's own functions alone: what could be changed with the table has no say in it.
 */
function verify(log: string, ends: string, hashes: string): string {
  return `with ends as materialized (select * from ${ends}),
    log_end as materialized (
      (select number, hash from ${hashes} order by number desc limit 1)
      union all
      (select start_number, start_hash from ends)
      limit 1
    ),
    page as materialized (
      select l.*,
        lag(l.number, 1, $1::bigint) over (order by l.number) + 1 as expected,
        lag(l.hash, 1, ${toBytes("$2")}) over (order by l.number) as previous_hash
      from (select * from ${log} where number > $1::bigint order by number limit $3::integer) as l
    ),
    checked as materialized (
      select p.number, p.hash, p.expected,
        case
          when p.number <> p.expected then 'missing'
          when p.hash is distinct from ${hashOf("p", "p.previous_hash")} then 'changed'
          when p.person_digest is not null and not ${isErased(log)} then 'unaccounted'
          when p.place_digest is not null and not ${isBare} then 'unaccounted'
        end as fault
      from page as p
    )
    select
      (select count(*)::integer from checked) as records,
      (select json_build_object('number', c.expected, 'fault', c.fault)::text
       from checked as c where c.fault is not null order by c.number limit 1) as broken,
      (select json_build_object('number', c.number, 'hash', ${toText("c.hash")})::text
       from checked as c order by c.number desc limit 1) as reached,
      json_build_object('number', ends.start_number, 'hash', ${toText("ends.start_hash")})::text as log_start,
      json_build_object('number', log_end.number, 'hash', ${toText("log_end.hash")})::text as log_end
    from ends cross join log_end`
}

/** Whether a later event names the pseudonym that stands in the place of user and address. */
function isErased(log: string): string {
  return `(
    coalesce(p.user_id, p.email_digest) = coalesce(p.email_digest, p.user_id)
    and exists (
      select from ${log} as e
      where e.type = 'user.erased' and e.event ->> 'pseudonym' = coalesce(p.user_id, p.email_digest)
        and e.number > p.number
    ))`
}

/** Whether address and user agent are rightly gone: with the person, or because of their age. */
const isBare = `(
    p.address = '' and p.user_agent = ''
    and (p.person_digest is not null or p.number <= (select ends.bare_number from ends)))`

/** SQL for bytes as base64url without padding. */
function toText(bytes: string): string {
  return `rtrim(translate(encode(${bytes}, 'base64'), '+/', '-_'), '=')`
}

/** SQL for 32 bytes from their {@link toText}. */
function toBytes(parameter: string): string {
  return `decode(translate(${parameter}, '-_', '+/') || '=', 'base64')`
}
