import { type AuthEvent, createAuth, opaque } from "../src/index.js"
import { memoryStores } from "../src/memory.js"
import { type PasswordOptions, password } from "../src/password.js"
import { adjustableClock } from "../src/testing/adjustable-clock.js"
import { testClient } from "../src/testing/test-client.js"
import { testHasher } from "../src/testing/test-hasher.js"

export const origin = "https://app.example.com"
export const secret = "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u"
export const ada = { email: "ada@example.com", password: "correct horse battery staple" }
export const eve = { email: "eve@example.com", password: "nine brown rabbits running" }

/** The options that a test may set; the rest is what every test shares. */
export interface AppOptions {
  readonly clock?: ReturnType<typeof adjustableClock>
  readonly stores?: ReturnType<typeof memoryStores>
  readonly hasher?: ReturnType<typeof testHasher>
  readonly password?: Partial<PasswordOptions>
  readonly auth?: {
    readonly realm?: string
    readonly trustedProxies?: number
    readonly trustedOrigins?: readonly string[]
    readonly secret?: string | readonly [string, ...string[]]
    readonly onFault?: (fault: unknown) => void
  }
}

/** A host application on memory stores, with a clock that the test moves. */
export function app(options: AppOptions = {}) {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 20))
  const stores = options.stores ?? memoryStores({ clock })
  const hasher = options.hasher ?? testHasher()
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const auth = createAuth({
    origin,
    secret,
    stores,
    sessions: opaque({ idle: "24h", absolute: "30d" }),
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
  const browser = (peer?: string) => testClient(auth, { origin, ...(peer === undefined ? {} : { peer }) })
  return { auth, clock, stores, hasher, events, faults, browser }
}

/** The app with one account in it. */
export async function appWithAda(options: AppOptions = {}) {
  const made = app(options)
  await made.auth.flows.password.register(ada)
  const user = await made.stores.users.findByEmail(ada.email)
  if (!user) throw new Error("ada was not registered")
  return { ...made, user }
}

/** Signs ada in and answers her browser. */
export async function signedIn(host: ReturnType<typeof app>, peer?: string) {
  const browser = host.browser(peer)
  const answer = await browser.post("/auth/login", { json: ada })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}
