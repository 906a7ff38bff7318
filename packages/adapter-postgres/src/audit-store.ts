import type { AuditEntry, AuditMark, AuditQuery, AuditRecord, AuditStore, AuthEvent } from "@mortise/core"
import { type AddressesKept, keptAddress } from "./audit-addresses.js"
import { auditStatements, listStatement } from "./audit-statements.js"
import { verify } from "./audit-verify.js"
import { type PostgresQuery, type Row, run } from "./query.js"
import { isObject, numberOf, objectOf, textOf, unexpected } from "./row.js"
import type { Settings } from "./settings.js"
import { requireStorable, storableJson, storableText } from "./storable.js"

/**
 * The log of events: a row each, with what one searches by (when, what, whose, from where) in columns and the rest of the event beside
 * them. It has no foreign key: the log outlives the account. A trigger numbers the rows and chains their hashes, one append after the
 * other: each waits until the one before is committed.
 */
export function auditStore(
  query: PostgresQuery,
  settings: Settings,
  addresses: AddressesKept = "full",
): AuditStore {
  const statements = auditStatements(settings)

  async function append({ at, event }: AuditEntry): Promise<void> {
    const kept = { ...event, address: keptAddress(addresses, event.address) }
    await run(query, statements.append, [at, storableJson(kept)])
  }

  async function list(wanted: AuditQuery): Promise<readonly AuditRecord[]> {
    const [statement, values] = listStatement(settings, wanted)
    return (await run(query, statement, values)).map((row) => recordOf(objectOf(row, "record")))
  }

  async function pseudonymize(
    userId: string,
    pseudonym: string,
    emailDigests: readonly string[] = [],
  ): Promise<number> {
    requireStorable("pseudonym", pseudonym)
    const values = [storableText(userId), pseudonym, storableJson(emailDigests)]
    const [row] = await run(query, statements.pseudonymize, values)
    return numberOf(row ?? {}, "count")
  }

  return { append, list, verify: (since?: AuditMark) => verify(query, statements, since), pseudonymize }
}

function recordOf(row: Row): AuditRecord {
  const { event: rest, user_id: userId, email_digest: emailDigest } = row
  if (!isObject(rest)) throw unexpected("event", "an object", rest)
  const at = numberOf(row, "at")
  const event: unknown = {
    ...{ type: textOf(row, "type"), realm: textOf(row, "realm"), at },
    ...{ address: textOf(row, "address"), userAgent: textOf(row, "user_agent") },
    ...(userId === null ? {} : { userId }),
    ...(emailDigest === null ? {} : { emailDigest }),
    ...rest,
  }
  // Written by `append`, which took it from the type; the database keeps it as it was.
  return { number: numberOf(row, "number"), hash: textOf(row, "hash"), at, event: event as AuthEvent }
}
