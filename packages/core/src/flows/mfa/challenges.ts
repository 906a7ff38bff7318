import { randomText, sha256 } from "#primitives"
import type { EpochMs } from "../../clock.js"
import type { FactorKind } from "../../events.js"
import type { FlowKit } from "../flow.js"

/** Somebody has proven something, and is asked for more. Kept under the digest of a token that opens nothing by itself. */
export interface Challenge {
  /** What codes and options derive from; not the token. */
  readonly id: string
  readonly purpose: "sign_in" | "step_up"
  readonly userId: string
  /** The user's session epoch before the first factor was looked at. */
  readonly epoch: number
  /** How the first factor was proven. */
  readonly methods: readonly string[]
  /** What will do. */
  readonly factors: readonly FactorKind[]
  /** What can be enrolled now: only where nothing will do. */
  readonly enrol: readonly FactorKind[]
  /** The session that is to be made fresh. */
  readonly sessionId?: string
  readonly expiresAt: EpochMs
}

/** Challenges of one realm. */
export interface Challenges {
  /** The token, 256 random bits. */
  create(challenge: Omit<Challenge, "id" | "expiresAt">): Promise<{ token: string; challenge: Challenge }>
  find(token: string | undefined): Promise<Challenge | undefined>
  /** Uses it up: exactly one of N parallel callers gets true. */
  take(token: string): Promise<boolean>
}

export function challengeRecords(
  { clock, realm, stores }: FlowKit<"challenges">,
  lifetimeMs: number,
): Challenges {
  const { challenges } = stores
  const keyOf = (token: string): string => `mfa:${realm}:${sha256(token)}`
  return {
    async create(asked) {
      const token = randomText(43)
      const challenge = { ...asked, id: randomText(22), expiresAt: clock() + lifetimeMs }
      await challenges.set(keyOf(token), JSON.stringify(challenge), challenge.expiresAt)
      return { token, challenge }
    },
    async find(token) {
      const text = token && (await challenges.get(keyOf(token)))
      return text ? JSON.parse(text) : undefined
    },
    async take(token) {
      return (await challenges.take(keyOf(token))) !== undefined
    },
  }
}
