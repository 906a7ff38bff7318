import { createAuth, opaque, type Rule } from "@mortise/core"
import { access, allOf, hasRole, not } from "@mortise/core/guard"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { type Realms, realm, realms } from "@mortise/core/realms"
import {
  adjustableClock,
  type HostRoute,
  type MatrixCharacter,
  type MatrixRequest,
} from "@mortise/core/testing"
import { testHasher } from "../../../core/src/testing/test-hasher.js"

/** What a session of the shop says of its user. */
export type ShopRule = Rule<{ readonly email: string; readonly role: string }>

/** One step of building the shop, in the order in which its author would write it. */
export type ShopStep =
  /** `app.use(at, requireSession(rule))` */
  { readonly use: "guard"; readonly at: string; readonly rule: ShopRule | null } | ShopRoute

/** `app.get(path, requireSession(rule), handler)` */
export interface ShopRoute {
  readonly use: "route"
  readonly method: "get" | "post" | "delete"
  readonly path: string
  /** Null lets in whoever is signed in. */
  readonly guards: readonly (ShopRule | null)[]
  readonly guardsStand?: "after the handler" | "there, and let pass"
}

/** A running host of one framework. */
export interface ShopHost {
  readonly routes: readonly HostRoute[]
  fetch(target: string, init: MatrixRequest): Promise<Response>
}

/** How a framework builds the shop. */
export type BuildShop = (site: Realms, steps: readonly ShopStep[]) => Promise<ShopHost>

const stores: Readonly<Record<string, readonly string[]>> = {
  "manager@acme.test": ["ACME"],
  "clerk@acme.test": ["ACME"],
  "manager@other.test": ["OTHER"],
}

/** Named, as everything that stands in the table. */
function storesOf({ claims }: Parameters<ShopRule>[0]): readonly string[] {
  return stores[claims.email] ?? []
}

export const storeAccess: ShopRule = access("storeCode", storesOf)
export const isManager: ShopRule = hasRole("manager")

/** The shop as it is meant to be. */
export const shopSteps: readonly ShopStep[] = [
  { use: "route", method: "get", path: "/", guards: [] },
  { use: "route", method: "get", path: "/store/login", guards: [] },
  { use: "route", method: "get", path: "/admin/dashboard", guards: [null] },
  { use: "route", method: "delete", path: "/admin/users/:id", guards: [not(hasRole("auditor"))] },
  { use: "guard", at: "/store/:storeCode/stock", rule: storeAccess },
  { use: "route", method: "get", path: "/store/profile", guards: [null] },
  { use: "route", method: "get", path: "/store/:storeCode/dashboard", guards: [storeAccess] },
  { use: "route", method: "post", path: "/store/:storeCode/staff", guards: [allOf(storeAccess, isManager)] },
  { use: "route", method: "get", path: "/store/:storeCode/stock", guards: [] },
  { use: "route", method: "post", path: "/store/:storeCode/stock", guards: [isManager] },
  { use: "route", method: "get", path: "/api/v1/store/:storeCode/stock", guards: [storeAccess] },
  { use: "route", method: "get", path: "/storefront/orders", guards: [hasRole("customer")] },
]

/** The realms of the shop, and everybody who tries it. */
export interface Shop {
  readonly site: Realms
  readonly characters: readonly MatrixCharacter[]
}

/** What may differ from how the shop is meant to be. */
export interface ShopOptions {
  readonly rules?: Partial<Record<RealmName, ShopRule>>
}

type RealmName = "admin" | "store" | "storefront"

const meant: Readonly<Record<RealmName, ShopRule>> = {
  admin: hasRole(["admin", "auditor"]),
  store: not(hasRole("admin"), "Store access only"),
  storefront: hasRole(["customer", "admin"]),
}

/** Signs everybody in. */
export async function openShop({ rules = {} }: ShopOptions = {}): Promise<Shop> {
  const clock = adjustableClock()
  const shared = memoryStores({ clock })
  const auths = { admin: auth("admin"), store: auth("store"), storefront: auth("storefront") }

  function auth(name: RealmName) {
    return createAuth({
      realm: realm({
        name,
        pages: `/${name}`,
        api: `/api/v1/${name}`,
        rule: rules[name] ?? meant[name],
        // Whoever may not be there is let sign in all the same, to be refused at each route.
        signInRule: () => true,
        open: name === "store" ? ["/store/login"] : [],
      }),
      cookie: { name: `${name}_token`, path: `/${name}` },
      origin: "https://shop.test",
      secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
      clock,
      stores: shared,
      sessions: opaque({ idle: "1h", absolute: "8h" }),
      flows: { password: password({ hasher: testHasher() }) },
      claims: ({ email }) => ({ email, role: email.replace(/@.*/, "") }),
    })
  }

  async function signIn(at: RealmName, email: string): Promise<NonNullable<MatrixCharacter["session"]>> {
    const typed = { email, password: "correct horse battery staple" }
    await auths[at].flows.password.register(typed)
    const outcome = await auths[at].flows.password.signIn(typed)
    if (!outcome.ok) throw new Error(outcome.reason)
    return outcome.session
  }

  const expired = await signIn("store", "manager@acme.test")
  clock.advance(3_600_000)
  const disabled = await signIn("store", "clerk@gone.test")
  await auths.store.users.disable(disabled.principal.userId)
  const admin = await signIn("admin", "admin@shop.test")
  const manager = await signIn("store", "manager@acme.test")
  const customer = await signIn("storefront", "customer@shop.test")
  const characters: MatrixCharacter[] = [
    { name: "anonymous" },
    { name: "admin", session: admin },
    { name: "admin, by cookie", session: admin, by: "cookie" },
    { name: "auditor", session: await signIn("admin", "auditor@shop.test") },
    { name: "manager of ACME", session: manager },
    { name: "manager of ACME, by cookie", session: manager, by: "cookie" },
    { name: "clerk of ACME", session: await signIn("store", "clerk@acme.test") },
    { name: "manager of OTHER", session: await signIn("store", "manager@other.test") },
    { name: "manager who became admin", session: await signIn("store", "admin@acme.test") },
    { name: "customer", session: customer },
    { name: "customer, by cookie", session: customer, by: "cookie" },
    { name: "expired", session: expired, ended: true },
    { name: "expired, by cookie", session: expired, by: "cookie", ended: true },
    { name: "disabled", session: disabled, ended: true },
  ]
  return { site: realms(auths), characters }
}
