import type { FoundSession, SessionRecord, SessionStore, User } from "@mortise/core"
import { type PostgresQuery, type Row, run, type Value } from "./query.js"
import { isObject, numberOf, numberOrNullOf, objectOf, textOf, unexpected } from "./row.js"
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
  userOf: (fields: Row) => U | undefined,
): SessionStore<U>["find"] {
  const { clock } = settings
  const statement = sessionStatements(settings).find
  return async function find(id: string): Promise<FoundSession<U> | undefined> {
    if (!isStorable(id)) return undefined
    const [row] = await run(query, statement, [id, clock()])
    if (!row) return undefined
    const fields = objectOf(row, "session")
    return { record: recordOf(fields), user: userOf(fields) }
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
    const rows = await run(query, statements.listByUser, [userId, clock()])
    return rows.map((row) => recordOf(objectOf(row, "session")))
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

function recordOf(fields: Row): SessionRecord {
  return {
    id: textOf(fields, "id"),
    realm: textOf(fields, "realm"),
    userId: textOf(fields, "user_id"),
    secretHash: textOf(fields, "secret_hash"),
    epoch: numberOf(fields, "epoch"),
    revision: numberOf(fields, "revision"),
    createdAt: numberOf(fields, "created_at"),
    authenticatedAt: numberOf(fields, "authenticated_at"),
    lastSeenAt: numberOf(fields, "last_seen_at"),
    expiresAt: numberOf(fields, "expires_at"),
    absoluteExpiresAt: numberOf(fields, "absolute_expires_at"),
    methods: methodsOf(fields),
    claims: claimsOf(fields),
    address: textOf(fields, "address"),
    userAgent: textOf(fields, "user_agent"),
  }
}

function methodsOf({ methods }: Row): readonly string[] {
  if (Array.isArray(methods) && methods.every((method) => typeof method === "string")) return methods
  throw unexpected("methods", "a list of text", methods)
}

function claimsOf({ claims }: Row): SessionRecord["claims"] {
  if (isClaims(claims)) return claims
  throw unexpected("claims", "an object", claims)
}

// What stands in a parsed JSON text is Json all the way down.
function isClaims(value: unknown): value is SessionRecord["claims"] {
  return isObject(value)
}

function userBeside(fields: Row): User {
  return {
    id: textOf(fields, "user_id"),
    email: textOf(fields, "user_email"),
    emailVerifiedAt: numberOrNullOf(fields, "user_email_verified_at"),
    disabledAt: null,
    createdAt: numberOf(fields, "user_created_at"),
  }
}
