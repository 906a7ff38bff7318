/** Which keys belong to whom. */
export interface OwnerIndex<Owner> {
  add(owner: Owner, key: string): void
  remove(owner: Owner, key: string): void
  /** A copy: the index may change while the caller goes through it. */
  keysOf(owner: Owner): readonly string[]
}

/** Most users have one session, and a Set of one costs about 200 bytes: a single key is kept bare. */
export function ownerIndex<Owner>(): OwnerIndex<Owner> {
  const keysByOwner = new Map<Owner, string | Set<string>>()

  function add(owner: Owner, key: string): void {
    const keys = keysByOwner.get(owner)
    if (keys === undefined) keysByOwner.set(owner, key)
    else if (typeof keys === "string") keysByOwner.set(owner, new Set([keys, key]))
    else keys.add(key)
  }

  function remove(owner: Owner, key: string): void {
    const keys = keysByOwner.get(owner)
    if (keys === key) keysByOwner.delete(owner)
    if (!(keys instanceof Set)) return
    keys.delete(key)
    const [only] = keys
    if (keys.size === 1 && only !== undefined) keysByOwner.set(owner, only)
  }

  function keysOf(owner: Owner): readonly string[] {
    const keys = keysByOwner.get(owner)
    if (keys === undefined) return []
    return typeof keys === "string" ? [keys] : [...keys]
  }

  return { add, remove, keysOf }
}
