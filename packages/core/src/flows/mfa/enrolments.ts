import { randomText, sha256 } from "#primitives"
import type { EpochMs } from "../../clock.js"
import type { Seal } from "../../crypto/seal.js"
import type { FactorKind } from "../../events.js"
import type { FlowKit } from "../flow.js"

/** A factor that is not proven yet. */
export interface Enrolment {
  /** What a code derives from. */
  readonly id: string
  readonly userId: string
  readonly secret: string
  readonly expiresAt: EpochMs
}

/** Pending enrolments of one realm, one per holder (a session, or a challenge) and kind of factor; their secrets are sealed. */
export interface EnrolmentRecords {
  /** Exactly one of N parallel callers gets true: the others find what that one has begun. */
  add(holder: string, kind: FactorKind, enrolment: Omit<Enrolment, "expiresAt">): Promise<boolean>
  find(holder: string, kind: FactorKind): Promise<Enrolment | undefined>
  /** Uses up the one of this id: true for exactly one of N parallel callers, and never at the cost of another that has come in its place. */
  take(holder: string, kind: FactorKind, id: string): Promise<boolean>
  /** Whichever there is. */
  drop(holder: string, kind: FactorKind): Promise<void>
}

const lifetimeMs = 600_000

export function newEnrolmentId(): string {
  return randomText(22)
}

export function enrolmentRecords(
  { clock, realm, stores }: FlowKit<"challenges">,
  { open, seal }: Seal,
): EnrolmentRecords {
  const { challenges } = stores
  const keyOf = (holder: string, kind: FactorKind): string =>
    `mfa-enrolment:${realm}:${kind}:${sha256(holder)}`

  async function opened(sealed: string | undefined, key: string): Promise<Enrolment | undefined> {
    const text = sealed && (await open(sealed, key))
    return text ? JSON.parse(text) : undefined
  }

  return {
    async add(holder, kind, enrolment) {
      const key = keyOf(holder, kind)
      const expiresAt = clock() + lifetimeMs
      const kept: Enrolment = { ...enrolment, expiresAt }
      return (await challenges.add(key, await seal(JSON.stringify(kept), key), expiresAt)) === true
    },
    async find(holder, kind) {
      const key = keyOf(holder, kind)
      return opened(await challenges.get(key), key)
    },
    async take(holder, kind, id) {
      const key = keyOf(holder, kind)
      const sealed = await challenges.get(key)
      const found = await opened(sealed, key)
      return (
        sealed !== undefined && found?.id === id && (await challenges.swap(key, sealed, sealed, 0)) === true
      )
    },
    async drop(holder, kind) {
      await challenges.take(keyOf(holder, kind))
    },
  }
}
