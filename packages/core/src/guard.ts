/**
 * Rules over who may pass: ready ones, ways to join them, and what a rule of the host's own is. A rule goes to `requireSession`, to a realm, to
 * {@link guard}, or, in plain code, to {@link judge}. Deny by default: what throws, is unknown or says nothing refuses.
 */
export type { GuardedRequest } from "./guarded-request.js"
export { type Access, access } from "./guards/access.js"
export { active, type UserSource } from "./guards/active.js"
export { allOf } from "./guards/all-of.js"
export { anyOf } from "./guards/any-of.js"
export { type AssuranceLevel, assurance } from "./guards/assurance.js"
export { explain } from "./guards/explain.js"
export { fresh } from "./guards/fresh.js"
export { hasRole } from "./guards/has-role.js"
export { not } from "./guards/not.js"
export { type Loader, perRequest } from "./guards/per-request.js"
export {
  type Actions,
  type Grants,
  type PermissionOf,
  type Permissions,
  permissions,
} from "./guards/permissions.js"
export type { RoleClaims } from "./guards/role-claims.js"
export { type GuardRefusal, judge, type Rule, type RuleRefusal, type Verdict } from "./guards/rule.js"
export type { Words } from "./guards/words.js"
export { type Gate, guard } from "./http/guard.js"
