// The text of these expressions decides about hashes that lie in databases. It never changes: a record that is written differently gets
// another expression beside this one, and a column that says which.

/**
 * SQL for the hash of a record of `audit_log`: SHA-256 over the hash before (32 bytes), number, instant in microseconds, type, realm and the
 * rest of the event as one JSON text, and the digests of person and place (32 bytes each).
 */
export function hashOf(record: string, previousHash: string): string {
  const what = `jsonb_build_array(
    ${record}.number, (extract(epoch from ${record}.at) * 1000000)::bigint,
    ${record}.type, ${record}.realm, ${record}.event
  )`
  return `sha256(${previousHash} || convert_to(${what}::text, 'UTF8')
    || ${personDigestOf(record)} || ${placeDigestOf(record)})`
}

/** SQL for the digest of whose a record is: the one that is kept, or made with the salt. */
export function personDigestOf(record: string): string {
  return digestOf(record, "person", ["user_id", "email_digest"])
}

/** SQL for the digest of where a record came from. */
export function placeDigestOf(record: string): string {
  return digestOf(record, "place", ["address", "user_agent"])
}

function digestOf(record: string, part: string, columns: readonly string[]): string {
  const values = columns.map((column) => `${record}.${column}`).join(", ")
  return `coalesce(${record}.${part}_digest,
    sha256(${record}.${part}_salt || convert_to(jsonb_build_array(${values})::text, 'UTF8')))`
}
