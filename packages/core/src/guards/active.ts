import { type Awaitable, andThen } from "../awaitable.js"
import { StoreError } from "../errors.js"
import type { Principal } from "../sessions/session.js"
import type { User } from "../stores/ports.js"
import { namedRule } from "./named-rule.js"
import { oncePerRequest } from "./request-memory.js"
import type { Rule } from "./rule.js"

/** What is asked of the users store. */
export interface UserSource {
  /** The user as of now, or undefined for one who is not there. */
  find(id: string): Awaitable<User | undefined>
}

/**
 * Passes whose account is there and not disabled now, asked of the users store once per request. For sessions that carry what they know
 * (`jwt({ revocation: "none" })`), for accounts that are changed past the library, and for what must not be done by anybody who was disabled
 * a moment ago; elsewhere a session ends with its account. A store that is down, or answers what is no user, is 503.
 * @throws TypeError for what is no users store
 */
export function active(users: UserSource): Rule<object> {
  if (typeof users?.find !== "function") {
    throw new TypeError(
      "active(): no users store. Write active(stores.users), with the store that createAuth has.",
    )
  }
  const find = oncePerRequest(({ userId }) => users.find(userId), "users")
  return namedRule("active(users)", (principal, request) =>
    andThen(find(principal, request, ""), (user) => isEnabled(user, principal)),
  )
}

function isEnabled(user: User | null | undefined, { userId }: Principal<object>): boolean {
  if (user === undefined || user === null) return false
  if (user.id === userId && (user.disabledAt === null || Number.isFinite(user.disabledAt))) {
    return user.disabledAt === null
  }
  throw new StoreError("users", new TypeError("find() answered another user, or one without disabledAt."))
}
