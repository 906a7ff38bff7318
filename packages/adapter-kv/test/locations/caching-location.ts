import type { Clock, EpochMs } from "@mortise/core"
import type { KeyValueNamespace } from "../../src/index.js"

/**
 * A location as KV's documentation describes it: what it has read, it keeps for `cacheTtl`, also that there was
 * nothing; what it writes itself, it sees at once. Names are listed from the centre.
 */
export function cachingLocation(real: KeyValueNamespace, clock: Clock): KeyValueNamespace {
  const cache = new Map<string, { readonly value: string | null; readonly at: EpochMs }>()

  function keep(key: string, value: string | null): void {
    cache.set(key, { value, at: clock() })
  }

  return {
    async get(keys, options) {
      const fresh = (key: string): boolean => {
        const entry = cache.get(key)
        return entry !== undefined && clock() - entry.at < options.cacheTtl * 1000
      }
      const missing = keys.filter((key) => !fresh(key))
      const found = missing.length > 0 ? await real.get(missing, options) : new Map<string, string | null>()
      for (const key of missing) keep(key, found.get(key) ?? null)
      return new Map(keys.map((key) => [key, cache.get(key)?.value ?? null]))
    },
    async put(key, value, options) {
      await real.put(key, value, options)
      keep(key, value)
    },
    async delete(key) {
      await real.delete(key)
      keep(key, null)
    },
    list: (options) => real.list(options),
  }
}
