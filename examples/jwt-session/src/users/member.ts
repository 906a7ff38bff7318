import type { EpochMs, User } from "@mortise/core"

/** Who has an account here: what the library needs of a user, and what we show of them. */
export interface Member extends User {
  readonly username: string
  /** As GitHub said it at the latest sign-in. */
  readonly isSponsor: boolean
  readonly lastLoginAt: EpochMs | null
  readonly logins: number
}

/** What GitHub says of somebody, at each sign-in. */
export interface GitHubProfile {
  /** The number that never changes. */
  readonly subject: string
  readonly username: string
  readonly isSponsor: boolean
}
