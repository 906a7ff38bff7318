import type { Credential, CredentialKind, CredentialStore } from "@mortise/core"
import { credentialStatements } from "./credential-statements.js"
import { type PostgresQuery, type Row, run } from "./query.js"
import { numberOf, textOf } from "./row.js"
import type { Settings } from "./settings.js"
import { isStorable, requireStorable } from "./storable.js"

/**
 * Credentials of one realm's users (or of those that all share, if it is ""), each step one statement on one
 * row. With `users: "mortise"` a credential of a user who does not exist in that realm rejects with the foreign
 * key's error; a new kind needs no migration.
 */
export function credentialStore(query: PostgresQuery, settings: Settings, realm: string): CredentialStore {
  const statements = credentialStatements(settings)

  async function insert(credential: Credential): Promise<boolean> {
    const { kind, handle, userId, secret, revision, createdAt, changedAt } = credential
    requireStorable("handle", handle)
    requireStorable("userId", userId)
    const values = [realm, kind, handle, userId, secret, revision, createdAt, changedAt]
    return (await run(query, statements.insert, values)).length === 1
  }

  async function find(kind: CredentialKind, handle: string): Promise<Credential | undefined> {
    if (!isStorable(handle)) return undefined
    const [row] = await run(query, statements.find, [realm, kind, handle])
    return row && credentialOf(row)
  }

  async function listByUser(userId: string): Promise<readonly Credential[]> {
    if (!isStorable(userId)) return []
    return (await run(query, statements.listByUser, [realm, userId])).map(credentialOf)
  }

  async function replace(credential: Credential, expectedRevision: number): Promise<boolean> {
    const { kind, handle, secret, revision, changedAt } = credential
    if (!isStorable(handle)) return false
    const values = [realm, kind, handle, secret, revision, changedAt, expectedRevision]
    return (await run(query, statements.replace, values)).length === 1
  }

  async function remove(kind: CredentialKind, handle: string): Promise<boolean> {
    if (!isStorable(handle)) return false
    return (await run(query, statements.delete, [realm, kind, handle])).length === 1
  }

  async function deleteByUser(userId: string): Promise<number> {
    if (!isStorable(userId)) return 0
    return (await run(query, statements.deleteByUser, [realm, userId])).length
  }

  return { insert, find, listByUser, replace, delete: remove, deleteByUser }
}

function credentialOf(row: Row): Credential {
  return {
    // Only `insert` writes this column, and it takes a CredentialKind; a list of kinds here would be one
    // more to keep in step.
    kind: textOf(row, "kind") as CredentialKind,
    handle: textOf(row, "handle"),
    userId: textOf(row, "user_id"),
    secret: textOf(row, "secret"),
    revision: numberOf(row, "revision"),
    createdAt: numberOf(row, "created_at"),
    changedAt: numberOf(row, "changed_at"),
  }
}
