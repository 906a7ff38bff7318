import type { Principal } from "../sessions/session.js"

/**
 * What was told of sessions lately. A socket is found by its session only once it is in the index; what is told while its session is being read
 * would pass it by. So whoever reads remembers where the journal stood, and reads again if it then has something about that session.
 */
export interface Journal {
  /** Where it stands. */
  mark(): number
  /** Something was told of this session, or of this user. */
  note(id: string): void
  /** Something may have been told of anybody. */
  noteAll(): void
  /** Whether anything was told of the session or its user since the mark, as far as is known. */
  hasSince(mark: number, principal: Principal<object>): boolean
}

const most = 1_024

/** Bounded: what is older than its entries counts as told. */
export function journal(): Journal {
  const ids: string[] = []
  let next = 0
  let allAt = -1

  return {
    mark: () => next,
    note(id) {
      ids[next % most] = id
      next++
    },
    noteAll() {
      allAt = next
      next++
    },
    hasSince(mark, { session, userId }) {
      if (allAt >= mark || next - mark > most) return true
      for (let at = mark; at < next; at++) {
        const id = ids[at % most]
        if (id === session.id || id === userId) return true
      }
      return false
    },
  }
}
