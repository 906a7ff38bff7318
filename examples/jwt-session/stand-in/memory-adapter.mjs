/**
 * What the stand-in has issued (codes, tokens, grants), kept in memory until it expires. A restart forgets it.
 *
 * @returns {import("oidc-provider").AdapterFactory}
 */
export function memoryAdapter() {
  /** @type {Map<string, { payload: import("oidc-provider").AdapterPayload, expiresAt: number }>} */
  const kept = new Map()

  /** @param {string} key */
  function live(key) {
    const entry = kept.get(key)
    return entry && entry.expiresAt > Date.now() ? entry.payload : undefined
  }

  /** @param {(payload: import("oidc-provider").AdapterPayload) => boolean} matches */
  function keysOf(matches) {
    return [...kept].filter(([, { payload }]) => matches(payload)).map(([key]) => key)
  }

  return function adapterFor(model) {
    /** @param {string} id */
    const keyOf = (id) => `${model}:${id}`
    return {
      async upsert(id, payload, expiresIn = Number.POSITIVE_INFINITY) {
        for (const [key, { expiresAt }] of kept) if (expiresAt <= Date.now()) kept.delete(key)
        kept.set(keyOf(id), { payload, expiresAt: Date.now() + expiresIn * 1000 })
      },
      find: async (id) => live(keyOf(id)),
      async findByUid(uid) {
        const [key] = keysOf((payload) => payload.uid === uid)
        return key === undefined ? undefined : live(key)
      },
      findByUserCode: async () => undefined,
      async consume(id) {
        const payload = live(keyOf(id))
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        kept.delete(keyOf(id))
      },
      async revokeByGrantId(grantId) {
        for (const key of keysOf((payload) => payload.grantId === grantId)) kept.delete(key)
      },
    }
  }
}
