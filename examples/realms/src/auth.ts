import { type Auth, createAuth, type Principal } from "@mortise/core"
import { argon2id } from "@mortise/core/argon2"
import { access, allOf, hasRole, not, type Rule } from "@mortise/core/guard"
import { jwt } from "@mortise/core/jwt"
import { password } from "@mortise/core/password"
import { realm, realms } from "@mortise/core/realms"
import { byUsername } from "@mortise/core/username"
import { areaProblemPage } from "./pages/problem.js"
import type { Person, Role } from "./people/person.js"
import type { Settings } from "./settings.js"
import type { OpenStores } from "./stores.js"

/** What every session carries, so that rules and pages need not ask for the person. */
export type PersonClaims = { readonly role: Role; readonly username: string; readonly email: string }

/** Somebody who is signed in to one of the realms. */
export type SignedIn = Principal<PersonClaims>

/** Who may go where: everything that this site decides about authentication. What lies in none of the three areas is public. */
export function createDoors(
  settings: Pick<Settings, "origin" | "secret">,
  { auth: stores, people, directory }: Pick<OpenStores, "auth" | "people" | "directory">,
) {
  const { origin, secret } = settings
  const hasher = argon2id()

  // One table of people, one set of stores. What a session is good for is its realm's alone.
  const shared = {
    origin,
    secret,
    stores,
    claims: ({ role, username, email }: Person): PersonClaims => ({ role, username, email }),
  }

  /**
   * The account is active, and still what the session says: looked up in every request, so that a change counts at once, whoever has made it and
   * wherever. `active(people)` would be the first half alone.
   */
  async function unchanged({ userId, claims }: SignedIn): Promise<boolean> {
    const person = await people.find(userId)
    return person?.disabledAt === null && person.role === claims.role
  }

  const admin = createAuth({
    ...shared,
    realm: realm<PersonClaims>({
      name: "admin",
      pages: "/admin",
      api: "/api/v1/admin",
      rule: allOf(unchanged, hasRole("admin")),
      open: ["/admin/login", "/admin/wire", "/api/v1/admin/wire"],
      notSignedIn: "refuse",
      grants: ({ userId, claims }) => ({ user: { id: userId, ...claims } }),
    }),
    messages: {
      not_signed_in: "Admin authentication required",
      forbidden: "Admin privileges required",
    },
    cookie: { name: "admin_token", path: "/admin" },
    sessions: jwt({ lifetime: "8h", grace: 0, audience: "admin" }),
    flows: {
      password: password({ hasher, registration: "closed", username: byUsername(people.findByUsername) }),
    },
    pages: { signIn: "/admin/login", home: "/admin/dashboard", signedOut: "/admin/login" },
    problemPage: areaProblemPage("admin"),
  })

  const store = createAuth({
    ...shared,
    realm: realm<PersonClaims>({
      name: "store",
      pages: "/store",
      api: "/api/v1/store",
      rule: allOf(unchanged, not(hasRole("admin"))),
      signInRule: not(hasRole("admin"), "Admins cannot access store portal"),
      open: ["/store/login", "/store/wire", "/api/v1/store/wire"],
      notSignedIn: "refuse",
      grants: async ({ userId, claims }) => {
        const [store = null] = await directory.ofPerson(userId)
        return { user: { id: userId, ...claims }, store }
      },
    }),
    messages: {
      not_signed_in: "Store authentication required",
      forbidden: "Store access only - admins cannot use store portal",
    },
    cookie: { name: "store_token", path: "/store" },
    sessions: jwt({ lifetime: "8h", grace: 0, audience: "store" }),
    flows: {
      password: password({ hasher, registration: "closed", username: byUsername(people.findByUsername) }),
    },
    pages: { signIn: "/store/login", home: "/store", signedOut: "/store/login" },
    problemPage: areaProblemPage("store"),
  })

  const storefront = createAuth({
    ...shared,
    realm: realm<PersonClaims>({
      name: "storefront",
      pages: "/storefront",
      api: "/api/v1/storefront",
      rule: allOf(unchanged, hasRole("customer")),
      open: ["/storefront/login", "/storefront/wire", "/api/v1/storefront/wire"],
      notSignedIn: "refuse",
      grants: ({ userId, claims }) => ({ user: { id: userId, ...claims } }),
    }),
    messages: {
      not_signed_in: "Customer authentication required",
      forbidden: "Customer account required",
    },
    cookie: { name: "customer_token", path: "/storefront" },
    sessions: jwt({ lifetime: "8h", grace: 0, audience: "storefront" }),
    flows: { password: password({ hasher, registration: "closed" }) },
    pages: { signIn: "/storefront/login", home: "/storefront/account/dashboard", signedOut: "/" },
    problemPage: areaProblemPage("storefront"),
  })

  /** Whose store it is, by the code in the path: asked anew in every request, so that access which is withdrawn is gone at once. */
  const storeAccess: Rule<PersonClaims> = access(
    "storeCode",
    async function storesOf({ userId }: SignedIn) {
      return (await directory.ofPerson(userId)).map(({ code }) => code)
    },
    "You have no access to this store",
  )

  return { site: realms({ admin, store, storefront }), storeAccess }
}

/** The site's three realms, and the rule that is finer than a realm. */
export type Doors = ReturnType<typeof createDoors>

declare module "@mortise/express" {
  interface Register {
    auth: Auth<Record<never, never>, PersonClaims>
  }
}
