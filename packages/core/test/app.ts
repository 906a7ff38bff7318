import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type SessionStrategy,
  type User,
} from "../src/index.js"
import { type PasswordOptions, type PasswordSlots, type PasswordSteps, password } from "../src/password.js"
import type { Stores } from "../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../src/testing/adjustable-clock.js"
import { type TestClient, testClient } from "../src/testing/test-client.js"
import { type TestHasher, testHasher } from "../src/testing/test-hasher.js"
import { ground } from "./ground.js"

export const origin = "https://app.example.com"
export const secret = "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u"
export const ada = { email: "ada@example.com", password: "correct horse battery staple" }
export const eve = { email: "eve@example.com", password: "nine brown rabbits running" }

/** The options that a test may set; the rest is what every test shares. */
export interface AppOptions {
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly hasher?: TestHasher
  readonly password?: Partial<PasswordOptions>
  /** Default: opaque, over after a day or thirty. */
  readonly sessions?: SessionStrategy
  readonly auth?: {
    readonly realm?: string
    readonly trustedProxies?: number
    readonly trustedOrigins?: readonly string[]
    readonly secret?: string | readonly [string, ...string[]]
    readonly onFault?: (fault: unknown) => void
  }
}

/** A host application, and everything around it that a test looks at. */
export interface Host {
  readonly auth: Auth<{ readonly password: FlowDefinition<PasswordSlots, PasswordSteps> }, { email: string }>
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly hasher: TestHasher
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  browser(peer?: string): TestClient
}

/** A host application on fresh stores, with a clock that the test moves. */
export function app(options: AppOptions = {}): Host {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 20))
  const stores = options.stores ?? ground.fresh(clock)
  const hasher = options.hasher ?? testHasher()
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const auth = createAuth({
    origin,
    secret,
    stores,
    sessions: options.sessions ?? opaque({ idle: "24h", absolute: "30d" }),
    flows: { password: password({ hasher, ...options.password }) },
    claims: (user) => ({ email: user.email }),
    pages: { home: "/workspace", signedOut: "/" },
    clock,
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
    ...options.auth,
  })
  const browser = (peer?: string): TestClient =>
    testClient(auth, { origin, ...(peer === undefined ? {} : { peer }) })
  return { auth, clock, stores, hasher, events, faults, browser }
}

/** The app with one account in it. */
export async function appWithAda(options: AppOptions = {}): Promise<Host & { readonly user: User }> {
  const made = app(options)
  await made.auth.flows.password.register(ada)
  const user = await made.stores.users.findByEmail(ada.email)
  if (!user) throw new Error("ada was not registered")
  return { ...made, user }
}

/** Signs ada in and answers her browser. */
export async function signedIn(host: Host, peer?: string): Promise<TestClient> {
  const browser = host.browser(peer)
  const answer = await browser.post("/auth/login", { json: ada })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}
