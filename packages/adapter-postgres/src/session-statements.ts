import { type EpochStatements, epochStatements } from "./epoch-statements.js"
import { toEpochMs, toInstant } from "./instant.js"
import type { Statement } from "./query.js"
import { type Settings, statementIn, tableIn } from "./settings.js"

/** Every statement of the `sessions` table, and of the epochs beside it. */
export interface SessionStatements {
  readonly epoch: Statement
  readonly insert: Statement
  readonly find: Statement
  readonly replace: Statement
  readonly delete: Statement
  readonly listByUser: Statement
  readonly raiseEpoch: Statement
  readonly deleteByUser: Statement
}

/** Builds the texts once, for one schema. */
export function sessionStatements(settings: Settings): SessionStatements {
  const sessions = tableIn(settings, "sessions")
  const epochs = epochStatements(settings)
  return {
    epoch: epochs.read,
    raiseEpoch: epochs.raise,
    insert: statementIn(settings, "sessions.insert", insert(sessions, epochs)),
    find: statementIn(settings, "sessions.find", find(settings, sessions)),
    replace: statementIn(settings, "sessions.replace", replace(sessions)),
    delete: statementIn(
      settings,
      "sessions.delete",
      `delete from ${sessions} where id = $1 returning expires_at > ${toInstant("$2")} as live`,
    ),
    listByUser: statementIn(
      settings,
      "sessions.list_by_user",
      `select json_build_object(${recordFields})::text as session from ${sessions} as s
       where s.user_id = $1 and s.expires_at > ${toInstant("$2")}
       order by s.created_at desc, s.id`,
    ),
    deleteByUser: statementIn(settings, "sessions.delete_by_user", deleteByUser(sessions, epochs)),
  }
}

// A session leaves the database as one JSON text: drivers look at every column of every row, and that alone
// took longer than finding it.
const recordFields = `
  'id', s.id, 'realm', s.realm, 'user_id', s.user_id, 'secret_hash', s.secret_hash,
  'epoch', s.epoch, 'revision', s.revision,
  'created_at', ${toEpochMs("s.created_at")},
  'authenticated_at', ${toEpochMs("s.authenticated_at")},
  'last_seen_at', ${toEpochMs("s.last_seen_at")},
  'expires_at', ${toEpochMs("s.expires_at")},
  'absolute_expires_at', ${toEpochMs("s.absolute_expires_at")},
  'methods', s.methods, 'claims', s.claims, 'address', s.address, 'user_agent', s.user_agent`

/** The statement of every authenticated request: two look-ups by primary key. */
function find(settings: Settings, sessions: string): string {
  const live = `s.id = $1 and s.expires_at > ${toInstant("$2")}`
  if (settings.users === "host") {
    return `select json_build_object(${recordFields})::text as session from ${sessions} as s where ${live}`
  }
  return `select json_build_object(${recordFields},
      'user_email', u.email,
      'user_email_verified_at', ${toEpochMs("u.email_verified_at")},
      'user_created_at', ${toEpochMs("u.created_at")}
    )::text as session
    from ${sessions} as s join ${tableIn(settings, "users")} as u on u.id = s.user_id
    where ${live} and u.disabled_at is null`
}

/** Holds the user's row, so that of this and a revocation one comes wholly before the other. */
function insert(sessions: string, epochs: EpochStatements): string {
  return `with held as materialized (${epochs.holdOrMake})
    insert into ${sessions} (
      user_id, epoch, id, realm, secret_hash, revision,
      created_at, authenticated_at, last_seen_at, expires_at, absolute_expires_at,
      methods, claims, address, user_agent
    )
    select held.id, held.epoch, $3, $4, $5, $6::integer,
      ${toInstant("$7")}, ${toInstant("$8")}, ${toInstant("$9")}, ${toInstant("$10")}, ${toInstant("$11")},
      $12::text::jsonb, $13::text::jsonb, $14, $15
    from held where held.epoch = $2::integer
    returning 1 as inserted`
}

/** Whose session it is, where, since when, and how long at most, never changes. */
function replace(sessions: string): string {
  return `update ${sessions} set
      secret_hash = $2, revision = $3, authenticated_at = ${toInstant("$4")},
      last_seen_at = ${toInstant("$5")}, expires_at = ${toInstant("$6")},
      methods = $7::text::jsonb, claims = $8::text::jsonb,
      address = $9, user_agent = $10
    where id = $1 and revision = $11 and expires_at > ${toInstant("$12")}
    returning 1 as replaced`
}

/**
 * Removes what has expired too, but answers only what was live. The user's row is held so that no two
 * callers wait for each other.
 */
function deleteByUser(sessions: string, epochs: EpochStatements): string {
  return `with held as materialized (${epochs.hold}),
    deleted as (
      delete from ${sessions} where user_id in (select id from held) and id is distinct from $2
      returning id, expires_at
    )
    select id from deleted where expires_at > ${toInstant("$3")}`
}
