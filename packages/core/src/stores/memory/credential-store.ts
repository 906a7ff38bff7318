import type { Credential, CredentialKind, CredentialStore } from "../ports.js"
import { ownerIndex } from "./owner-index.js"

/**
 * Credentials in this process: for tests and demos. Every method does its step before it returns to the event
 * loop, so on one thread each step is indivisible. Credentials that it answers are frozen.
 */
export function memoryCredentialStore(): CredentialStore {
  const credentials = new Map<string, Credential>()
  const keysByUser = ownerIndex<string>()

  function liveOf(userId: string): readonly Credential[] {
    return keysByUser.keysOf(userId).flatMap((key) => credentials.get(key) ?? [])
  }

  function remove(key: string): boolean {
    const credential = credentials.get(key)
    if (credential) keysByUser.remove(credential.userId, key)
    return credentials.delete(key)
  }

  return {
    async insert(credential) {
      const key = keyOf(credential.kind, credential.handle)
      if (credentials.has(key)) return false
      credentials.set(key, Object.freeze({ ...credential }))
      keysByUser.add(credential.userId, key)
      return true
    },

    async find(kind, handle) {
      return credentials.get(keyOf(kind, handle))
    },

    async listByUser(userId) {
      return liveOf(userId)
    },

    async replace(credential, expectedRevision) {
      const key = keyOf(credential.kind, credential.handle)
      const stored = credentials.get(key)
      if (stored?.revision !== expectedRevision) return false
      const { userId, createdAt } = stored
      credentials.set(key, Object.freeze({ ...credential, userId, createdAt }))
      return true
    },

    async delete(kind, handle) {
      return remove(keyOf(kind, handle))
    },

    async deleteByUser(userId) {
      return keysByUser.keysOf(userId).filter(remove).length
    },
  }
}

/** No kind holds a colon, so no two pairs make one key. */
function keyOf(kind: CredentialKind, handle: string): string {
  return `${kind}:${handle}`
}
