import { createAuth, opaque } from "@mortise/core"
import { hasRole, not } from "@mortise/core/guard"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { type Realms, realm, realms } from "@mortise/core/realms"
import { testHasher } from "../../../core/src/testing/test-hasher.js"

/** Two realms with their areas, and who has a session. */
export interface SpeltSite {
  readonly site: Realms
  /** `Authorization` of somebody who may be at the store. */
  readonly clerk: string
  /** Of somebody signed in there whom the realm's rule refuses. */
  readonly admin: string
  /** Of somebody signed in elsewhere. */
  readonly customer: string
}

export const account = { email: "clerk@shop.test", password: "correct horse battery staple" }

export async function speltSite(): Promise<SpeltSite> {
  const stores = memoryStores()
  const auths = { store: auth("store"), storefront: auth("storefront") }

  function auth(name: string) {
    return createAuth({
      realm: realm({
        name,
        pages: `/${name}`,
        api: `/api/v1/${name}`,
        rule: not(hasRole("admin")),
        signInRule: () => true,
        notSignedIn: "refuse",
        open: [`/${name}/login`, `/${name}/assets/*`],
      }),
      cookie: { name: `${name}_token`, path: `/${name}` },
      origin: "https://shop.test",
      secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
      stores,
      sessions: opaque(),
      flows: { password: password({ hasher: testHasher() }) },
      claims: ({ email }) => ({ role: email.replace(/@.*/, "") }),
    })
  }

  async function bearer(at: keyof typeof auths, email: string): Promise<string> {
    const typed = { ...account, email }
    await auths[at].flows.password.register(typed)
    const outcome = await auths[at].flows.password.signIn(typed)
    if (!outcome.ok) throw new Error(outcome.reason)
    return `Bearer ${outcome.session.token}`
  }

  return {
    site: realms(auths),
    clerk: await bearer("store", account.email),
    admin: await bearer("store", "admin@shop.test"),
    customer: await bearer("storefront", "customer@shop.test"),
  }
}
