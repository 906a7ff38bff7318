import type { KeyValueNamespace } from "../../src/index.js"

/** A namespace in memory, for histories by the thousand. It keeps KV's limits and forgets nothing by itself. */
export function memoryNamespace(): KeyValueNamespace {
  const values = new Map<string, string>()
  return {
    async get(keys) {
      if (keys.length > 100) throw new Error("KV GET_BULK failed: 400 too many keys")
      return new Map(keys.map((key) => [key, values.get(key) ?? null]))
    },
    async put(key, value, { expirationTtl }) {
      if (key.length > 512)
        throw new Error("KV PUT failed: 414 UTF-8 encoded length exceeds key length limit of 512")
      if (!(expirationTtl >= 60)) throw new Error("KV PUT failed: 400 Invalid expiration_ttl")
      values.set(key, value)
    },
    async delete(key) {
      values.delete(key)
    },
    async list({ prefix }) {
      const names = [...values.keys()].filter((name) => name.startsWith(prefix)).sort()
      return { keys: names.map((name) => ({ name })), list_complete: true }
    },
  }
}
