import { namedRule, quoted } from "./named-rule.js"
import { holdsOneOf, type RoleClaims } from "./role-claims.js"
import type { Rule } from "./rule.js"
import { refusalIn, type Words } from "./words.js"

/**
 * Passes who has the role, or one of several: `hasRole("admin")`, `hasRole(["admin", "support"], "Staff only")`. It reads the session's claims, `role` or
 * `roles`, and so knows of a change when the session does. Claims that say neither, or something odd, refuse, also behind {@link not}.
 * Where the claims name their roles (`role: "admin" | "store"`) a misspelled one does not compile: as a rule of that `Auth`, or
 * written out as `hasRole<Role>("admin")`.
 * @throws TypeError without a role, or for one that is no text
 */
export function hasRole<Role extends string = string>(
  roles: NoInfer<Role> | readonly NoInfer<Role>[],
  words?: Words,
): Rule<RoleClaims<Role>> {
  const wanted = checkedRoles(typeof roles === "string" ? [roles] : roles)
  const refusal = refusalIn(words, "hasRole()")
  return namedRule(`hasRole(${quoted([...wanted])})`, ({ claims }) => holdsOneOf(wanted, claims) || refusal)
}

function checkedRoles(roles: readonly string[]): ReadonlySet<string> {
  const fit =
    Array.isArray(roles) && roles.length > 0 && roles.every((role) => typeof role === "string" && role !== "")
  if (fit) return new Set(roles)
  throw new TypeError('hasRole(): no role. Write hasRole("admin"), or hasRole(["admin", "support"]).')
}
