import { hasRole } from "./has-role.js"
import { namedRule } from "./named-rule.js"
import { holdsOneOf, type RoleClaims } from "./role-claims.js"
import type { Rule } from "./rule.js"
import { refusalIn, type Words } from "./words.js"

/** What can be done, per kind of thing: `{ product: ["read", "write"], order: ["read", "refund"] }`. */
export type Actions = { readonly [resource: string]: readonly string[] }

/** What a role may do; `"*"` is everything that can be done with the thing. */
export type Grants<A extends Actions> = {
  readonly [Resource in keyof A]?: readonly A[Resource][number][] | "*"
}

/** A thing and what is done with it: `"product:write"`. */
export type PermissionOf<A extends Actions> = {
  [Resource in keyof A & string]: `${Resource}:${A[Resource][number]}`
}[keyof A & string]

/** Rules over what each role may do. Names that were not stated do not compile, and are refused when the rule is built. */
export interface Permissions<Role extends string, Permission extends string> {
  /** Passes who has a role that may do this. @throws TypeError for what nobody stated */
  can(permission: Permission, words?: Words): Rule<RoleClaims>
  /** {@link hasRole} over the roles that were stated. @throws TypeError for another */
  hasRole(roles: Role | readonly Role[], words?: Words): Rule<RoleClaims>
  /** The same answer without a request, for a page that shows a button or leaves it out. Claims without a role may do nothing. */
  allows(claims: RoleClaims, permission: Permission): boolean
}

/**
 * States who may do what, for hosts that have outgrown asking for roles:
 * `permissions({ product: ["read", "write"] }, { admin: { product: "*" }, store: { product: ["read"] } })`. Both are read here and now; a change of
 * the objects later changes nothing. A role that was not stated, whatever its name, may do nothing.
 * @throws TypeError for a role that is given what is not among the actions, and for names that are empty, have a `:`, or are `*`
 */
export function permissions<const A extends Actions, Role extends string>(
  actions: A,
  roles: { readonly [Name in Role]: Grants<A> },
): Permissions<Role, PermissionOf<A>> {
  const rolesWith = permissionTable(actions, roles)
  const stated = new Set(Object.keys(roles))

  function holders(permission: string): ReadonlySet<string> {
    const holding = rolesWith.get(permission)
    if (holding) return holding
    throw new TypeError(
      `No permission ${JSON.stringify(permission)} was stated. There are: ${[...rolesWith.keys()].join(", ")}.`,
    )
  }

  return Object.freeze<Permissions<Role, PermissionOf<A>>>({
    can(permission, words) {
      const holding = holders(permission)
      const refusal = refusalIn(words, "can()")
      return namedRule(
        `can(${JSON.stringify(permission)})`,
        ({ claims }) => holdsOneOf(holding, claims) || refusal,
      )
    },
    hasRole(wanted, words) {
      const odd = (typeof wanted === "string" ? [wanted] : wanted).find((role) => !stated.has(role))
      if (odd === undefined) return hasRole(wanted, words)
      throw new TypeError(`No role ${JSON.stringify(odd)} was stated. There are: ${[...stated].join(", ")}.`)
    },
    allows(claims, permission) {
      const holding = holders(permission)
      try {
        return holdsOneOf(holding, claims)
      } catch {
        return false
      }
    },
  })
}

/** Every permission, and the roles that have it. Maps, since a role may have any name. */
function permissionTable(actions: Actions, roles: RoleTable): ReadonlyMap<string, ReadonlySet<string>> {
  const table = new Map<string, Set<string>>()
  for (const [resource, all] of Object.entries(actions)) {
    for (const action of all) table.set(permissionName(resource, action), new Set())
  }
  for (const [role, grants] of Object.entries(roles)) {
    for (const permission of granted(grants, actions)) {
      const holding = table.get(permission)
      if (!holding)
        throw new TypeError(`permissions(): ${role} is given ${permission}, which is not among the actions.`)
      holding.add(role)
    }
  }
  return table
}

interface RoleTable {
  readonly [role: string]: { readonly [resource: string]: readonly string[] | "*" | undefined }
}

/** What a role is given, all written out. */
function granted(grants: RoleTable[string], actions: Actions): readonly string[] {
  return Object.entries(grants).flatMap(([resource, some = []]) => {
    if (some !== "*") return some.map((action) => `${resource}:${action}`)
    return Object.hasOwn(actions, resource)
      ? (actions[resource]?.map((action) => `${resource}:${action}`) ?? [])
      : [`${resource}:*`]
  })
}

function permissionName(resource: string, action: string): string {
  if ([resource, action].every((name) => /^[^:*\s]+$/.test(name))) return `${resource}:${action}`
  throw new TypeError(
    `permissions(): ${JSON.stringify(resource)} or ${JSON.stringify(action)} is no name. Write { product: ["read", "write"] }.`,
  )
}
