import type { SessionListener, SessionMessages } from "../ports.js"
import { later } from "./later.js"

/** A listener that is put up when it is first needed, and taken down once. */
export interface Subscription {
  start(): void
  /** When it listens. Rejects after {@link Subscription.stop}. */
  ready(): Promise<void>
  stop(): Promise<void>
}

const firstPauseMs = 100
const longestPauseMs = 5_000

/** What could not be subscribed is tried again until it is. Whatever was heard before counts as a gap. */
export function subscription(messages: SessionMessages | undefined, listener: SessionListener): Subscription {
  let state: "new" | "starting" | "listening" | "stopped" = "new"
  let unsubscribe: (() => Promise<void>) | undefined
  const waiting = new Set<{ resolve(): void; reject(fault: Error): void }>()

  async function subscribe(pauseMs: number): Promise<void> {
    if (state === "stopped") return
    try {
      unsubscribe = await messages?.subscribe(listener)
    } catch {
      later(pauseMs, () => void subscribe(Math.min(2 * pauseMs, longestPauseMs)))
      return
    }
    if (isStopped()) return unsubscribe?.()
    state = "listening"
    listener.gap()
    for (const { resolve } of waiting) resolve()
    waiting.clear()
  }

  // While it is being awaited anything may happen, which the compiler does not see.
  function isStopped(): boolean {
    return state === "stopped"
  }

  function start(): void {
    if (state !== "new") return
    state = "starting"
    void subscribe(firstPauseMs)
  }

  return {
    start,

    ready() {
      start()
      if (state === "listening") return Promise.resolve()
      if (state === "stopped") return Promise.reject(closed())
      return new Promise((resolve, reject) => waiting.add({ resolve, reject }))
    },

    async stop() {
      if (state === "stopped") return
      state = "stopped"
      for (const { reject } of waiting) reject(closed())
      waiting.clear()
      await unsubscribe?.()
    },
  }
}

function closed(): Error {
  return new Error("tiered: the store was closed.")
}
