import { durableObjectStores, kvSessions } from "@mortise/adapter-kv"
import { type Auth, createAuth, opaque, type UserStore } from "@mortise/core"
import { magicLink } from "@mortise/core/magic-link"
import { serviceBinding } from "@mortise/core/mail/service-binding"
import type { CustomerRecords } from "../../data/src/customer-records.js"
import { type Locale, locales } from "../../words/locale.js"
import { type Customer, customers } from "./customers.js"
import type { CoreEnv } from "./env.js"
import { linkPage } from "./pages/link-page.js"
import { problemPage } from "./pages/problem-page.js"

/** What every session carries, so that no page has to ask for the customer. */
type CustomerClaims = { readonly email: string; readonly locale: Locale }

/** The realm of SmartPages. */
export type CustomerAuth = Auth<{ readonly magicLink: ReturnType<typeof signInByMail> }, CustomerClaims>

/** Who may come in, and how: everything that SmartPages decides about authentication. */
export function createCustomerAuth(env: CoreEnv): CustomerAuth {
  const [secret = "", ...former] = (env.AUTH_SECRET ?? "").split(",")
  return createAuth({
    origin: env.ORIGIN,
    secret: [secret, ...former],
    stores: {
      users: withRecords(customers(env.CUSTOMERS), env.DATA),
      // What may be used once, and what is counted, takes a store that never answers two callers alike.
      ...durableObjectStores(env.AUTH),
      // Near the visitor wherever they are. A session that was ended may go on at another place of the world for a minute.
      sessions: kvSessions(env.SESSIONS),
    },
    sessions: opaque({ idle: "7d", absolute: "30d", acceptStaleness: 60 }),
    flows: { magicLink: signInByMail(env) },
    claims: ({ email, locale }): CustomerClaims => ({ email, locale }),
    paths: { magicLink: "start", magicLinkConfirm: "confirm", magicLinkCode: "code" },
    pages: { signIn: "/login", signedOut: "/login?notice=signed_out", home: "/dashboard" },
    problemPage,
  })
}

function signInByMail(env: CoreEnv) {
  return magicLink({
    send: serviceBinding(env.MAILER, { locales }),
    locales,
    pages: (locale) => ({ signIn: `/${locale}/login`, home: `/${locale}/dashboard` }),
    code: true,
    page: linkPage,
  })
}

/**
 * A new customer has a record from the start. Should making it fail, the sign-in fails after the customer was made; then the first
 * look at the dashboard makes it (see customer-routes.ts).
 */
function withRecords(users: UserStore<Customer>, records: CustomerRecords): UserStore<Customer> {
  return {
    ...users,
    async create(user) {
      const customer = await users.create(user)
      if (customer) await records.open(customer.id, customer.locale)
      return customer
    },
  }
}
