import type { FoundSession, Json, SessionRecord, SessionStore, User } from "@mortise/core"
import { type PostgresQuery, type Row, run, type Value } from "./query.js"
import { jsonOf, numberOf, numberOrNullOf, textOf } from "./row.js"
import { sessionStatements } from "./session-statements.js"
import type { Settings } from "./settings.js"
import { isStorable, requireStorable, storableJson, storableText } from "./storable.js"

/** Sessions with their users: one statement brings both, and none for a user who is disabled. */
export function sessionStore(query: PostgresQuery, settings: Settings): SessionStore {
  return { ...sessionSteps(query, settings), find: finder(query, settings, userBeside) }
}

/** Sessions of users whom the host keeps: `find` answers no user, the record's claims stand. */
export function hostedSessionStore(query: PostgresQuery, settings: Settings): SessionStore<never> {
  return { ...sessionSteps(query, settings), find: finder<never>(query, settings, () => undefined) }
}

function finder<U extends User>(
  query: PostgresQuery,
  settings: Settings,
  userOf: (row: Row) => U | undefined,
): SessionStore<U>["find"] {
  const { clock } = settings
  const statement = sessionStatements(settings).find
  return async function find(id: string): Promise<FoundSession<U> | undefined> {
    if (!isStorable(id)) return undefined
    const [row] = await run(query, statement, [id, clock()])
    return row && { record: recordOf(row), user: userOf(row) }
  }
}

/** Everything but `find`, which alone depends on who keeps the users. */
function sessionSteps(query: PostgresQuery, settings: Settings): Omit<SessionStore<never>, "find"> {
  const { clock } = settings
  const statements = sessionStatements(settings)

  async function epoch(userId: string): Promise<number> {
    if (!isStorable(userId)) return 0
    const [row] = await run(query, statements.epoch, [userId])
    return row ? numberOf(row, "epoch") : 0
  }

  async function insert(record: SessionRecord): Promise<boolean> {
    requireStorable("id", record.id)
    requireStorable("userId", record.userId)
    const values: Value[] = [
      record.userId,
      record.epoch,
      record.id,
      record.realm,
      record.secretHash,
      record.revision,
      record.createdAt,
      record.authenticatedAt,
      record.lastSeenAt,
      record.expiresAt,
      record.absoluteExpiresAt,
      ...describedBy(record),
    ]
    return (await run(query, statements.insert, values)).length === 1
  }

  async function replace(record: SessionRecord, expectedRevision: number): Promise<boolean> {
    if (!isStorable(record.id)) return false
    const values: Value[] = [
      record.id,
      record.secretHash,
      record.revision,
      record.authenticatedAt,
      record.lastSeenAt,
      record.expiresAt,
      ...describedBy(record),
      expectedRevision,
      clock(),
    ]
    return (await run(query, statements.replace, values)).length === 1
  }

  async function remove(id: string): Promise<boolean> {
    if (!isStorable(id)) return false
    const [row] = await run(query, statements.delete, [id, clock()])
    return row?.["live"] === true
  }

  async function listByUser(userId: string): Promise<readonly SessionRecord[]> {
    if (!isStorable(userId)) return []
    return (await run(query, statements.listByUser, [userId, clock()])).map(recordOf)
  }

  // Two statements, because all parts of one share a snapshot: the first waits for every sign-in that holds
  // the user's row, and only the snapshot of the second is sure to see what those left behind. A crash in
  // between has answered nobody.
  async function deleteByUser(userId: string, exceptId?: string): Promise<readonly string[]> {
    if (!isStorable(userId)) return []
    await run(query, statements.raiseEpoch, [userId])
    const rows = await run(query, statements.deleteByUser, [userId, exceptId ?? null, clock()])
    return rows.map((row) => textOf(row, "id"))
  }

  return { staleness: 0, epoch, insert, replace, delete: remove, listByUser, deleteByUser }
}

function describedBy({ methods, claims, address, userAgent }: SessionRecord): Value[] {
  return [storableJson(methods), storableJson(claims), storableText(address), storableText(userAgent)]
}

function recordOf(row: Row): SessionRecord {
  return {
    id: textOf(row, "id"),
    realm: textOf(row, "realm"),
    userId: textOf(row, "user_id"),
    secretHash: textOf(row, "secret_hash"),
    epoch: numberOf(row, "epoch"),
    revision: numberOf(row, "revision"),
    createdAt: numberOf(row, "created_at"),
    authenticatedAt: numberOf(row, "authenticated_at"),
    lastSeenAt: numberOf(row, "last_seen_at"),
    expiresAt: numberOf(row, "expires_at"),
    absoluteExpiresAt: numberOf(row, "absolute_expires_at"),
    methods: methodsOf(row),
    claims: claimsOf(row),
    address: textOf(row, "address"),
    userAgent: textOf(row, "user_agent"),
  }
}

function methodsOf(row: Row): readonly string[] {
  const methods = jsonOf(row, "methods")
  if (Array.isArray(methods) && methods.every((method) => typeof method === "string")) return methods
  throw new TypeError("A session's methods are not a list of text.")
}

function claimsOf(row: Row): { readonly [name: string]: Json } {
  const claims = jsonOf(row, "claims")
  if (isObject(claims)) return claims
  throw new TypeError("A session's claims are not an object.")
}

function isObject(json: Json): json is { readonly [name: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json)
}

function userBeside(row: Row): User {
  return {
    id: textOf(row, "user_id"),
    email: textOf(row, "user_email"),
    emailVerifiedAt: numberOrNullOf(row, "user_email_verified_at"),
    disabledAt: null,
    createdAt: numberOf(row, "user_created_at"),
  }
}
