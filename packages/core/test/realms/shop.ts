import { enter, type Mounts, withMount } from "../../src/binding.js"
import { hasRole, not } from "../../src/guard.js"
import {
  type Answer,
  type AnyAuth,
  type AuthEvent,
  createAuth,
  type Incoming,
  opaque,
  type Principal,
  type SessionStrategy,
  type User,
} from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { password } from "../../src/password.js"
import { type RealmOptions, type Realms, realm, realms } from "../../src/realms.js"
import type { Stores } from "../../src/stores/ports.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"
import { ground } from "../ground.js"

export const phrase = "mortise-demo-password"
export const hour = 3_600_000

/** Who there is, and what their role is. */
export const people = {
  admin: "admin@example.com",
  store: "store@acme.com",
  customer: "customer@example.com",
} as const
export type Role = keyof typeof people

/** A shop of three realms, and everything around it that a test looks at. */
export interface Shop {
  readonly site: Realms
  readonly auths: Readonly<Record<"admin" | "store" | "storefront", AnyAuth>>
  readonly clock: ReturnType<typeof adjustableClock>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  /** What the host's own table says; a test may change it. */
  readonly roles: Map<string, string>
  /** Sends a request as it stands: to the library, or to a page of the host's, which says who it is for. */
  ask(method: string, target: string, headers?: Headers, body?: string): Promise<Asked>
  /** Signs in at the realm's API. */
  signIn(realm: "admin" | "store" | "storefront", role: Role, headers?: Headers): Promise<SignedIn>
}

/** What a test may have otherwise. */
export interface ShopOptions {
  /** The store as a whole. Default: the flow's. */
  readonly store?: RealmOptions<{ role: string }>
  /** The path of the store's cookie, and so of its pages. Default `/store`. */
  readonly storePath?: string
}

export type Headers = Readonly<Record<string, string>>

export interface Asked {
  readonly status: number
  readonly json: { readonly [name: string]: unknown }
  readonly headers: ReadonlyMap<string, string>
  readonly cookies: readonly string[]
}

export interface SignedIn {
  readonly token: string
  readonly bearer: Headers
  readonly cookie: Headers
  readonly answer: Asked
}

/** What a script of the host's own sends along with JSON. */
export const scriptHeaders: Headers = { "content-type": "application/json", origin }

export const cookieNames = {
  admin: "admin_token",
  store: "store_token",
  storefront: "customer_token",
} as const

/** The store of the flow: admins have no business there. */
const portal: RealmOptions<{ role: string }> = {
  name: "store",
  api: "/api/v1/store",
  rule: not(hasRole("admin")),
  signInRule: not(hasRole("admin"), "Admins cannot access store portal"),
  open: ["/store/login"],
  notSignedIn: "refuse",
  grants: (principal) => ({ user: { id: principal.userId }, store: { code: "ACME" } }),
}

/** The three areas of the flow, on memory. */
export function shop(
  sessions: (name: string) => SessionStrategy = (name) => jwt({ lifetime: "8h", grace: 0, audience: name }),
  options: ShopOptions = {},
): Promise<Shop> {
  return filled(({ store, ...common }) => ({
    admin: createAuth({
      ...common,
      realm: realm({
        name: "admin",
        api: "/api/v1/admin",
        rule: hasRole("admin"),
        open: ["/admin/login", "/admin/assets/*"],
        notSignedIn: "refuse",
      }),
      cookie: { name: cookieNames.admin, path: "/admin" },
      messages: {
        not_signed_in: "Admin authentication required",
        forbidden: "Admin privileges required",
      },
      sessions: sessions("admin"),
    }),
    store: createAuth({
      ...common,
      realm: realm(options.store ?? portal),
      cookie: { name: cookieNames.store, path: options.storePath ?? "/store" },
      messages: {
        not_signed_in: "Store authentication required",
        forbidden: "Store access only - admins cannot use store portal",
      },
      sessions: sessions("store"),
    }),
    storefront: createAuth({
      ...common,
      realm: realm({ name: "storefront", api: "/api/v1/storefront", rule: hasRole("customer") }),
      cookie: { name: cookieNames.storefront, path: "/storefront" },
      sessions: sessions("storefront"),
    }),
  }))
}

type Common = ReturnType<typeof commonOptions>

async function filled(make: (common: Common) => Shop["auths"]): Promise<Shop> {
  const clock = adjustableClock(Date.UTC(2026, 10, 21))
  const stores = ground.fresh(clock)
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const roles = new Map<string, string>()
  const auths = make(commonOptions(clock, stores, events, faults, roles))
  const site = realms(auths)
  for (const [role, email] of Object.entries(people)) {
    roles.set(email, role)
    const user = await stores.users.create({ email, emailVerifiedAt: 0, createdAt: 0 })
    await passwordsOf(auths.admin).set(user?.id ?? "", phrase)
  }
  events.length = 0

  async function ask(
    method: string,
    target: string,
    headers: Headers = {},
    body: string | null = null,
  ): Promise<Asked> {
    return askedOf(await answerOf(site, incomingTo(method, target, headers), body))
  }

  return {
    site,
    auths,
    clock,
    stores,
    events,
    faults,
    roles,
    ask,
    async signIn(name, role, headers = {}) {
      const body = JSON.stringify({ email: people[role], password: phrase })
      const answer = await ask("POST", `/api/v1/${name}/auth/login`, { ...scriptHeaders, ...headers }, body)
      const token = String(answer.json["access_token"] ?? "")
      return {
        token,
        answer,
        bearer: { authorization: `Bearer ${token}` },
        cookie: { cookie: `${cookieNames[name]}=${token}` },
      }
    },
  }
}

function passwordsOf(auth: AnyAuth): { set(userId: string, password: string): Promise<unknown> } {
  return (auth.flows as unknown as { password: ReturnType<typeof passwordsOf> })["password"]
}

function commonOptions(
  clock: Shop["clock"],
  stores: Shop["stores"],
  events: AuthEvent[],
  faults: unknown[],
  roles: ReadonlyMap<string, string>,
) {
  return {
    origin,
    secret,
    stores,
    store: stores,
    clock,
    flows: { password: password({ hasher: testHasher(), registration: "closed" }) },
    claims: (user: User) => ({ role: roles.get(user.email) ?? "nobody" }),
    on: (event: AuthEvent) => {
      events.push(event)
    },
    onFault: (fault: unknown) => {
      faults.push(fault)
    },
  } as const
}

/** A request as a binding hands it on. */
export function incomingTo(method: string, target: string, headers: Headers = {}): Incoming {
  return { method, target, peerAddress: "192.0.2.1", header: (name) => headers[name] }
}

/** What a binding does, around a host that has a page at every path. */
async function answerOf(
  door: Realms | AnyAuth,
  incoming: Incoming,
  body: string | null = null,
): Promise<Answer> {
  let mounts: Mounts | undefined
  let found: Principal<object> | undefined
  const cookies: string[] = []
  const answer = await enter(door, {
    incoming,
    path: incoming.target,
    mounts,
    bodyOf: () => body,
    keep(auth, { principal, setCookie = [] }) {
      found = principal
      cookies.push(...setCookie)
      mounts = withMount(mounts, { auth, incoming, principal, depth: () => 0 })
    },
  })
  if (answer) return answer
  const json = {
    page: incoming.target,
    realm: found?.realm ?? null,
    met: mounts?.innermost?.auth.realm ?? null,
  }
  return { status: 200, headers: cookies.map((one) => ["set-cookie", one]), body: JSON.stringify(json) }
}

function askedOf({ body, headers, status }: Answer): Asked {
  const others = headers.filter(([name]) => name !== "set-cookie")
  return {
    status,
    json: body?.startsWith("{") ? JSON.parse(body) : { text: body },
    headers: new Map(others),
    cookies: headers.filter(([name]) => name === "set-cookie").map(([, value]) => value),
  }
}

/** Sessions of either kind. */
export const kinds: readonly (readonly [kind: string, sessions: (name: string) => SessionStrategy])[] = [
  ["JWT", (name) => jwt({ lifetime: "8h", grace: 0, audience: name })],
  ["opaque", () => opaque({ idle: "8h", absolute: "30d" })],
]
