/**
 * What the claims say of roles: one, several, or both. The host's own, in `claims` of `createAuth`; an `Auth` whose claims have neither takes no
 * rule over roles, at compile time.
 */
export type RoleClaims<Role extends string = string> =
  | { readonly role: Role }
  | { readonly roles: readonly Role[] }

/**
 * Whether one of the roles in the claims is among these, spelled exactly so. Looks at the claims' own fields alone.
 * @throws TypeError where `role` is no text or `roles` no list of texts, or neither is there: then nobody knows what the user is, and not that they
 * are no administrator
 */
export function holdsOneOf(wanted: ReadonlySet<string>, claims: object): boolean {
  const role = ownValue(claims, "role")
  const roles = ownValue(claims, "roles")
  const fits =
    (role === undefined || typeof role === "string") &&
    (roles === undefined || isTexts(roles)) &&
    (role ?? roles) !== undefined
  if (!fits)
    throw new TypeError(
      'The claims say no role. Write claims: (user) => ({ role: user.role }), or a list "roles".',
    )
  return (role !== undefined && wanted.has(role)) || (roles?.some((one) => wanted.has(one)) ?? false)
}

function ownValue(claims: object, name: string): unknown {
  return Object.hasOwn(claims, name) ? Reflect.get(claims, name) : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string")
}
