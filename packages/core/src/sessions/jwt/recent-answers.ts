import type { Clock, EpochMs, Seconds } from "../../clock.js"
import type { FoundSession } from "../../stores/ports.js"
import { frozen } from "./frozen.js"

/** A store's answers, for as many seconds as the host accepts that a revocation is late. */
export interface RecentAnswers<Answer> {
  find(key: string): Answer | undefined
  /** @param readAt from before the store was asked: its answer may be older than its arrival */
  keep(key: string, answer: Answer, readAt: EpochMs): void
  forget(key: string): void
  forgetAll(): void
}

const most = 10_000

/** Bounded; the oldest goes first. With a lag of 0 nothing is kept. What this process revokes itself, it forgets at once. */
export function recentAnswers<Answer extends object>(lag: Seconds, clock: Clock): RecentAnswers<Answer> {
  const byKey = new Map<string, { answer: Answer; readAt: EpochMs }>()
  return {
    find(key) {
      const kept = byKey.get(key)
      if (!kept) return undefined
      const age = clock() - kept.readAt
      // A clock that was set back must not lengthen it.
      if (age >= 0 && age < lag * 1000) return kept.answer
      byKey.delete(key)
      return undefined
    },
    keep(key, answer, readAt) {
      if (lag === 0) return
      // Set anew, it is the youngest.
      byKey.delete(key)
      if (byKey.size >= most) {
        const [oldest] = byKey.keys()
        byKey.delete(oldest as string)
      }
      byKey.set(key, { answer, readAt })
    },
    forget: (key) => void byKey.delete(key),
    forgetAll: () => byKey.clear(),
  }
}

/** The same of sessions. A request that changes its claims must not change those of the next one. */
export function recentSessions(lag: Seconds, clock: Clock): RecentAnswers<FoundSession> {
  const recent = recentAnswers<FoundSession>(lag, clock)
  if (lag === 0) return recent
  return {
    ...recent,
    keep: (id, found, readAt) => recent.keep(id, { ...found, record: frozen(found.record) }, readAt),
  }
}
