import { type PostgresQuery, run } from "./query.js"
import { type PostgresOptions, type Settings, settingsOf, statementIn, tableIn } from "./settings.js"

/**
 * What a role may do with the audit log. `"append"` is to insert, `"read"` to list and to verify; `"pseudonymize"` and `"purge"` are to
 * call the functions for it. No right is to update, delete or truncate.
 */
export type AuditRight = "append" | "read" | "pseudonymize" | "purge"

/** Who gets what. */
export interface GrantOptions extends PostgresOptions {
  /** An existing role, as it is written in `pg_roles`. */
  readonly role: string
  /** Default `["append", "read"]`. `"pseudonymize"` is for the role that erases users, `"purge"` for the one that runs `purge`. */
  readonly audit?: readonly AuditRight[]
}

const roleName = /^[A-Za-z_][\w$-]{0,62}$/
const rights: readonly AuditRight[] = ["append", "read", "pseudonymize", "purge"]

/**
 * Gives a role exactly what the stores need of this schema, and takes back what else it had of the audit log: it can add records and read
 * them, and change none. To be run after `migrate`, by the role that owns the tables, which must be another one: whoever owns a table
 * may do anything with it. Running it again with other rights replaces those of the log.
 * @throws RangeError for a role or schema whose name is no plain identifier, or a right that there is not
 */
export async function grant(query: PostgresQuery, options: GrantOptions): Promise<void> {
  const settings = settingsOf(options)
  const { role, audit = ["append", "read"] } = options
  if (!roleName.test(role)) throw new RangeError(`role: ${JSON.stringify(role)} is no plain identifier.`)
  for (const right of audit) {
    if (!rights.includes(right)) throw new RangeError(`audit: there is no right ${JSON.stringify(right)}.`)
  }
  const body = [...commonGrants(settings, `"${role}"`), ...auditGrants(settings, `"${role}"`, audit)]
  const text = `do $mortise$ begin ${body.join("; ")}; end $mortise$`
  await run(query, statementIn(settings, `grant.${shortDigest(text)}`, text), [])
}

/** A name stands for one text, and this text is another for each role: FNV-1a, 32 bits. */
function shortDigest(text: string): string {
  let hash = 0x811c9dc5
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193)
  }
  return (hash >>> 0).toString(16)
}

function commonGrants(settings: Settings, role: string): readonly string[] {
  const shared = ["credentials", "sessions", "challenges", "rate_limits"]
  const tables = [...shared, settings.users === "host" ? "session_epochs" : "users"]
  const names = tables.map((table) => tableIn(settings, table)).join(", ")
  return [
    `grant usage on schema "${settings.schema}" to ${role}`,
    `grant select on ${tableIn(settings, "migrations")} to ${role}`,
    `grant select, insert, update, delete on ${names} to ${role}`,
    `grant select, insert, delete on ${tableIn(settings, "consents")} to ${role}`,
  ]
}

function auditGrants(settings: Settings, role: string, audit: readonly AuditRight[]): readonly string[] {
  const log = tableIn(settings, "audit_log")
  const ends = ["audit_log_ends", "audit_log_hashes"].map((name) => tableIn(settings, name)).join(", ")
  const pseudonymize = `${tableIn(settings, "audit_log_pseudonymize")}(text, text, jsonb)`
  const shorten = ["audit_log_cut", "audit_log_forget_addresses"].map(
    (name) => `${tableIn(settings, name)}(timestamptz, integer)`,
  )
  const given: Readonly<Record<AuditRight, string>> = {
    append: `grant insert on ${log} to ${role}`,
    read: `grant select on ${log}, ${ends} to ${role}`,
    pseudonymize: `grant execute on function ${pseudonymize} to ${role}`,
    purge: `grant execute on function ${shorten.join(", ")} to ${role}`,
  }
  return [
    `revoke all on ${log}, ${ends} from ${role}`,
    `revoke all on function ${[pseudonymize, ...shorten].join(", ")} from ${role}`,
    ...audit.map((right) => given[right]),
  ]
}
