import { sha256 } from "#primitives"
import type { Clock, EpochMs, Seconds } from "../../clock.js"
import type { AtomicStore } from "../../stores/ports.js"

/** Which grace the direct predecessor has: a browser repeats a request at once, a telephone after it has found its network again. */
export type ClientKind = "browser" | "native"

/** All refresh tokens that came out of one sign-in, as the store keeps them: nothing that signs anybody in. */
export interface Family {
  readonly sessionId: string
  readonly userId: string
  readonly client: ClientKind
  /** The one that rotates next; every older one is spent. */
  readonly generation: number
  /** When that one was made. */
  readonly rotatedAt: EpochMs
  /** RFC 7638 thumbprint of the key that its requests must prove; undefined for bearer tokens. */
  readonly thumbprint?: string | undefined
  /** Ended by a token that was used twice. It stays, so that whoever comes next is refused, and finishes what broke off. */
  readonly ended?: true
}

/** A family as it was read: the text is what a rotation replaces. */
export interface FoundFamily {
  readonly family: Family
  readonly stored: string
}

/** One row per family, under a digest of its id. */
export interface Families {
  create(id: string, family: Omit<Family, "generation" | "rotatedAt">): Promise<void>
  find(id: string): Promise<FoundFamily | undefined>
  /** The next generation: true for exactly one of N parallel callers that have read the same row. */
  rotate(id: string, found: FoundFamily): Promise<boolean>
  /** Unconditionally: a rotation that is under way fails, whichever it is. */
  end(id: string, family: Family): Promise<void>
  delete(id: string): Promise<void>
}

/** Rows outlive the session by this, for servers whose clock is behind: whoever looked at it in its last moment must still find it. */
const marginMs = 3_600_000

export function familyRows(challenges: AtomicStore, clock: Clock, realm: string, idle: Seconds): Families {
  function keyOf(id: string): string {
    return `refresh:${realm}:${sha256(id)}`
  }

  /** No later than its session, which cannot live longer than that without a rotation. */
  function end(): EpochMs {
    return clock() + idle * 1000 + marginMs
  }

  return {
    async create(id, family) {
      const row: Family = { ...family, generation: 0, rotatedAt: clock() }
      await challenges.set(keyOf(id), JSON.stringify(row), end())
    },

    async find(id) {
      const stored = await challenges.get(keyOf(id))
      const family = stored === undefined ? undefined : familyIn(stored)
      return stored === undefined || !family ? undefined : { family, stored }
    },

    async rotate(id, { family, stored }) {
      const next: Family = { ...family, generation: family.generation + 1, rotatedAt: clock() }
      return (await challenges.swap(keyOf(id), stored, JSON.stringify(next), end())) === true
    },

    async end(id, family) {
      await challenges.set(keyOf(id), JSON.stringify({ ...family, ended: true }), end())
    },

    delete: (id) => challenges.delete(keyOf(id)),
  }
}

/** A row that says something else than a family says nothing: whoever comes with it is refused. */
function familyIn(stored: string): Family | undefined {
  const row: Partial<Family> | null = JSON.parse(stored)
  const { client, generation, rotatedAt, sessionId, thumbprint, userId } = row ?? {}
  const texts = [sessionId, userId, thumbprint ?? ""].every((text) => typeof text === "string")
  const counts = Number.isInteger(generation) && Number.isFinite(rotatedAt)
  return texts && counts && (client === "browser" || client === "native") ? (row as Family) : undefined
}
