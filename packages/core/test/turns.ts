import type { Stores } from "../src/stores/ports.js"

/** Stores in which something happens to whoever asks for their turn to change the ways into an account, while they wait. */
export interface Turns {
  readonly stores: Stores
  /** Happens once, to the next who asks, before they get it. */
  beforeNext(step: () => Promise<unknown>): void
}

/** These stores, with a place to step in before a turn (`flows/ways-in.ts`). */
export function withTurns(stores: Stores): Turns {
  let waiting: (() => Promise<unknown>) | undefined
  return {
    stores: {
      ...stores,
      challenges: {
        ...stores.challenges,
        async add(key, value, expiresAt) {
          if (key.startsWith("exclusive:ways-in:")) {
            const step = waiting
            waiting = undefined
            await step?.()
          }
          return stores.challenges.add(key, value, expiresAt)
        },
      },
    },
    beforeNext(step) {
      waiting = step
    },
  }
}
