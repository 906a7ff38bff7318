import type { Clock, EpochMs } from "../../clock.js"
import { compact } from "../memory/compact.js"
import { endOfSession, packSession, packWholes, unpackSession, wholeAt } from "../memory/session-codec.js"
import { sweeper } from "../memory/sweep.js"
import type { FoundSession, SessionRecord, User } from "../ports.js"
import { packUser, unpackUser } from "./packed-user.js"

/** Sessions with their users, each as one flat string, until an instant that {@link packCopy} was given. */
export interface MemoryTier<U extends User> {
  /** At once, and new objects each time. Undefined for a copy whose time is over, and for a session that has expired in it: it may have been renewed. */
  find(id: string): FoundSession<U> | undefined
  keep(id: string, packed: string): void
  /** Puts the next revision in the place of the last, for no longer than that was to be kept. Nothing happens if it is not there any more. */
  renew(record: SessionRecord, lastRevision: number): void
  forget(id: string): void
  forgetAll(): void
}

const untilWidth = 6

/** A copy as the memory has it: the session, the user, the instant. @throws TypeError, see {@link packUser} */
export function packCopy<U extends User>({ record, user }: FoundSession<U>, until: EpochMs): string {
  // join() makes one flat string, where + would make a tree that keeps its parts.
  return [packSession(record), packUser(user, record.userId), packWholes([until])].join("")
}

/** What {@link packCopy} packed under this id: new objects, which their receiver may change. */
export function unpackCopy<U extends User>(id: string, packed: string): FoundSession<U> {
  const record = unpackSession(id, packed)
  const user = unpackUser(packed, endOfSession(packed), packed.length - untilWidth, record.userId)
  return { record, user: user as U | undefined }
}

function untilOf(packed: string): EpochMs {
  return wholeAt(packed, packed.length - untilWidth)
}

/**
 * At most `max` copies; the oldest goes first. None for longer than `ttlMs`, also when the clock is set back.
 */
export function memoryTier<U extends User>(max: number, ttlMs: number, clock: Clock): MemoryTier<U> {
  const packedById = new Map<string, string>()
  const sweepSome = sweeper(
    packedById,
    (packed) => !isFresh(packed, clock()),
    (id) => packedById.delete(id),
  )

  function isFresh(packed: string, now: EpochMs): boolean {
    const left = untilOf(packed) - now
    return left > 0 && left <= ttlMs
  }

  function keep(id: string, packed: string): void {
    if (!isFresh(packed, clock())) return
    sweepSome()
    // Set anew, it is the youngest.
    packedById.delete(id)
    if (packedById.size >= max) {
      const [oldest] = packedById.keys()
      packedById.delete(oldest as string)
    }
    packedById.set(compact(id), packed)
  }

  return {
    find(id) {
      const packed = packedById.get(id)
      if (packed === undefined) return undefined
      const now = clock()
      if (!isFresh(packed, now)) return undefined
      const found = unpackCopy<U>(id, packed)
      return now < found.record.expiresAt ? found : undefined
    },

    keep,

    renew(record, lastRevision) {
      const packed = packedById.get(record.id)
      if (packed === undefined) return
      const { record: last, user } = unpackCopy<U>(record.id, packed)
      if (last.revision === lastRevision) keep(record.id, packCopy({ record, user }, untilOf(packed)))
    },

    forget: (id) => void packedById.delete(id),
    forgetAll: () => packedById.clear(),
  }
}
