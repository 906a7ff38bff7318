import type { ObjectNamespace, ObjectStub } from "./namespace.js"

/** The objects of one kind, each the keeper of its share of the keys. */
export interface Shards {
  /** The one that keeps this key. */
  of(key: string): ObjectStub
  /** The keys by the one that keeps them, for one call to each. */
  grouped(keys: readonly string[]): readonly (readonly [shard: ObjectStub, keys: string[]])[]
}

/** Objects by name: `sessions:0` to `sessions:15`. */
export function shards(
  namespace: ObjectNamespace,
  options: { readonly kind: string; readonly count: number; readonly locationHint?: string | undefined },
): Shards {
  const { kind, count, locationHint } = options

  // A new stub each time: one whose object was restarted stays broken.
  function shard(index: number): ObjectStub {
    const id = namespace.idFromName(`${kind}:${index}`)
    return locationHint === undefined ? namespace.get(id) : namespace.get(id, { locationHint })
  }

  return {
    of: (key) => shard(hashOf(key) % count),
    grouped(keys) {
      const groups = new Map<number, string[]>()
      for (const key of keys) {
        const index = hashOf(key) % count
        const group = groups.get(index)
        if (group) group.push(key)
        else groups.set(index, [key])
      }
      return [...groups].map(([index, group]) => [shard(index), group] as const)
    },
  }
}

/** FNV-1a: spreads keys evenly, and always in the same way. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
