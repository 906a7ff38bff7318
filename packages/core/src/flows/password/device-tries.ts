import type { Context } from "../../context.js"
import type { BackOff } from "../../limits/back-off.js"
import type { Outcome } from "../../outcome.js"
import type { Credential } from "../../stores/ports.js"
import type { PasswordSignIn } from "./password.js"

/**
 * What counts one attempt: for a device that is known for this account and this very password its own tries, while they last; for every other the
 * account's.
 */
export interface DeviceTries extends BackOff {
  /** The outcome, with a cookie that makes this device known, for a user who has proven the password. Nothing in it names anybody. */
  remember(outcome: Outcome<PasswordSignIn>): Outcome<PasswordSignIn>
}

/** Looks at what this browser holds. `account` is the user's id, or what was typed where that is nobody's. */
export type TriesOfDevice = (account: string, stored: Credential | undefined, context: Context) => DeviceTries
