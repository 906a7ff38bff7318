import type { Context } from "../../context.js"
import type { User } from "../../stores/ports.js"
import type { MfaParts } from "./mfa.js"

/** Whoever did not use it knows now that somebody has their codes. */
export function noticeRecoveryCode({ clock, mailTo }: MfaParts, user: User, context: Context): void {
  mailTo(user, { kind: "notice", notice: "recovery_code_used", at: clock() }, context)
}
