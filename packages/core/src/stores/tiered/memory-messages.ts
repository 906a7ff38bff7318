import type { SessionListener, SessionMessages } from "../ports.js"

/** Messages within this process: for hosts that are one, and for tests. Who listens hears before `publish` has answered. */
export function memoryMessages(): SessionMessages {
  const listeners = new Set<SessionListener>()
  return {
    async publish(ids) {
      for (const listener of listeners) listener.changed(ids)
    },
    async subscribe(listener) {
      // The same listener may listen twice, and stops one by one.
      const own: SessionListener = { changed: (ids) => listener.changed(ids), gap: () => listener.gap() }
      listeners.add(own)
      return async () => void listeners.delete(own)
    },
  }
}
