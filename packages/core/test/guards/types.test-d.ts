// Must not compile, or must: checked by `npm run typecheck`, never run.
import {
  access,
  active,
  allOf,
  anyOf,
  assurance,
  explain,
  fresh,
  guard,
  hasRole,
  type Loader,
  not,
  permissions,
  perRequest,
  type Rule,
} from "../../src/guard.js"
import { createAuth, opaque, type Principal } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { realm } from "../../src/realms.js"
import { origin, secret } from "../app.js"

type Role = "admin" | "store" | "customer"
type Named = { readonly role: Role; readonly username: string }
type Listed = { readonly roles: readonly string[] }
type Bare = { readonly email: string }

const stores = memoryStores()
declare const storesOf: Loader<object, readonly string[]>

// Claims that say a role.
export const one: Rule<{ role: string }> = hasRole("admin", "Admins only")
export const several: Rule<Listed> = hasRole(["admin", "support"])
export const known: Rule<Named> = hasRole("admin")
export const opposite: Rule<Named> = not(hasRole("admin"), "No admins")
const kept = hasRole("admin")
export const keptIsGood: Rule<Named> = kept
hasRole<Role>("store")

// @ts-expect-error claims without a role
export const bare: Rule<Bare> = hasRole("admin")

// @ts-expect-error nor its opposite
export const bareOpposite: Rule<Bare> = not(hasRole("admin"))

// @ts-expect-error claims that say nothing
export const nothing: Rule<Record<never, never>> = hasRole("admin")

// @ts-expect-error a role that is a number
export const numbered: Rule<{ role: number }> = hasRole("admin")

// @ts-expect-error a role that may be missing
export const missing: Rule<{ role?: string }> = hasRole("admin")

// @ts-expect-error misspelled, where the roles are known
export const misspelled: Rule<Named> = hasRole("admn")

// @ts-expect-error misspelled, written out
hasRole<Role>("admn")

// @ts-expect-error misspelled inside another rule
export const misspelledInside: Rule<Named> = not(hasRole<Role>("admn"))

// @ts-expect-error words are a text or a refusal
hasRole("admin", true)

// @ts-expect-error a refusal of another status
hasRole("admin", { status: 500 })

// Joined.
export const joined: Rule<Named> = allOf(not(hasRole("admin")), fresh("5m"), access("storeCode", storesOf))
export const own: Rule<Named> = anyOf(hasRole("admin"), (principal) => principal.claims.username === "ada")
export const nested: Rule<Named> = explain(
  anyOf(allOf(hasRole("store"), assurance(2)), active(stores.users)),
  {
    reason: "plan_required",
  },
)
const keptJoined = allOf(hasRole("admin"), fresh("5m"))
export const keptJoinedIsGood: Rule<Named> = keptJoined

// @ts-expect-error one part that does not fit is enough
export const unfit: Rule<Bare> = allOf(fresh("5m"), hasRole("admin"))

// @ts-expect-error no rule
not("admin")

// @ts-expect-error how long
fresh()

// @ts-expect-error not a duration
fresh("5 minutes")

// @ts-expect-error no such level
assurance(4)

// @ts-expect-error no users store
active({})

// Loaders.
const loader = perRequest(async (principal) => [principal.userId])
export const byLoader: Rule<Bare> = access("storeCode", loader)
export const asked: Rule<Bare> = access(
  "documentId",
  async (principal, _request, id) => id === principal.userId,
)
export const typed: Rule<Named> = access("storeCode", (principal: Principal<Named>) => [
  principal.claims.username,
])

// @ts-expect-error parameters are others on another route
perRequest((_principal, request) => request.param)

// @ts-expect-error one text is no list
access("storeCode", () => "ACME")

// @ts-expect-error numbers are compared with no text
access("storeCode", () => [1, 2])

// Permissions.
const {
  can,
  hasRole: hasStatedRole,
  allows,
} = permissions(
  { product: ["read", "write"], order: ["read", "refund"] },
  { admin: { product: "*", order: "*" }, store: { product: ["read"] } },
)
export const writes: Rule<Named> = can("product:write")
export const refunds: Rule<Listed> = can("order:refund", "Ask an administrator")
export const stated: Rule<Named> = hasStatedRole(["admin", "store"])
export const shown: boolean = allows({ role: "store" }, "product:read")

// @ts-expect-error claims without a role
export const bareWrites: Rule<Bare> = can("product:write")

// @ts-expect-error a thing that nobody stated
can("produkt:write")

// @ts-expect-error an action of another thing
can("product:refund")

// @ts-expect-error everything is granted, never asked for
can("product:*")

// @ts-expect-error a role that was not stated
hasStatedRole("customer")

// @ts-expect-error a role may do only what was stated
permissions({ product: ["read"] }, { admin: { product: ["write"] } })

// @ts-expect-error with things that were stated
permissions({ product: ["read"] }, { admin: { order: "*" } })

// An Auth of these claims.
const auth = createAuth({
  origin,
  secret,
  stores,
  sessions: opaque(),
  flows: {},
  claims: (user): Named => ({ role: "store", username: user.email }),
})
declare const principal: Principal<Named>
declare const incoming: Parameters<typeof auth.authenticate>[0]
guard(auth, principal, hasRole("admin"), incoming)
guard(
  auth,
  principal,
  allOf(not(hasRole("admin")), can("product:read"), access("storeCode", storesOf)),
  incoming,
)

// @ts-expect-error misspelled
guard(auth, principal, hasRole("admn"), incoming)

/** Claims are inferred from what answers them, also beside a rule over them. */
declare function assemble<C extends object>(options: { claims: () => C; rule: Rule<C> }): Rule<C>
export const assembled: Rule<{ role: string; username: string }> = assemble({
  claims: () => ({ role: "store" as string, username: "ada" }),
  rule: not(hasRole("admin")),
})
export const assembledJoined: Rule<{ role: string; username: string }> = assemble({
  claims: () => ({ role: "store" as string, username: "ada" }),
  rule: allOf(not(hasRole("admin")), fresh("5m"), (principal) => principal.claims.username !== ""),
})
assemble({
  // @ts-expect-error claims without a role
  claims: () => ({ email: "ada@example.com" }),
  rule: not(hasRole("admin")),
})

// A realm of these claims: named where a rule of its own looks at them, else as they come.
createAuth({
  origin,
  secret,
  stores,
  sessions: opaque(),
  flows: {},
  claims: (user): Named => ({ role: "store", username: user.email }),
  realm: realm({ name: "store", rule: allOf(not(hasRole("admin")), fresh("8h")) }),
})
createAuth({
  origin,
  secret,
  stores,
  sessions: opaque(),
  flows: {},
  cookie: { name: "store_token", path: "/store" },
  claims: (user): Named => ({ role: "store", username: user.email }),
  realm: realm<Named>({
    name: "store",
    rule: allOf(not(hasRole("admin")), (principal) => principal.claims.username !== ""),
    signInRule: not(hasRole("admin"), "Admins cannot access store portal"),
  }),
})
createAuth({
  origin,
  secret,
  stores,
  sessions: opaque(),
  flows: {},
  // @ts-expect-error claims without a role
  claims: (user) => ({ email: user.email }),
  realm: realm({ name: "store", rule: hasRole("admin") }),
})
