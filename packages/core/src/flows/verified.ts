import type { User } from "../stores/ports.js"

/** Whether somebody ever proved to read mail at the user's address. A host's own table may leave the field out: then nobody did. */
export function isVerified(user: Pick<User, "emailVerifiedAt">): boolean {
  return (user.emailVerifiedAt ?? null) !== null
}
