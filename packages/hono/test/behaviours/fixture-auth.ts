import {
  type Auth,
  type AuthEvent,
  type Clock,
  createAuth,
  opaque,
  type SessionStrategy,
} from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { type PasswordSteps, password } from "@mortise/core/password"
import { failingStores, type StoreCall } from "@mortise/core/testing"
import { testHasher } from "../../../core/src/testing/test-hasher.js"

export const origin = "https://app.example.com"
export const ada = { email: "ada@example.com", password: "correct horse battery staple" }

/** An `Auth` over memory stores that a test can watch and break. */
export interface Fixture {
  readonly auth: Auth
  readonly steps: PasswordSteps
  readonly calls: readonly StoreCall[]
  readonly events: readonly AuthEvent[]
  readonly faults: readonly unknown[]
  /** From now on every call of every store fails. */
  breakStores(): void
  /** Registers ada, signs her in, and answers the `Cookie` header that her browser would send. */
  signedIn(): Promise<string>
}

/** What a test may set. */
export interface FixtureOptions {
  readonly realm?: string
  readonly basePath?: string
  readonly sessions?: SessionStrategy<"sessions" | "users">
  readonly clock?: Clock
}

export function fixtureAuth({ sessions = opaque(), ...options }: FixtureOptions = {}): Fixture {
  let broken = false
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const { clock = Date.now } = options
  const { watched, calls } = failingStores(memoryStores({ clock }), () => broken)
  const auth = createAuth({
    origin,
    secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
    stores: watched,
    sessions,
    flows: { password: password({ hasher: testHasher() }) },
    claims: (user) => ({ email: user.email, isSponsor: user.email.startsWith("ada") }),
    on: (event) => void events.push(event),
    onFault: (fault) => void faults.push(fault),
    ...options,
  })
  const cookieName = options.realm ? `__Host-${options.realm}-session` : "__Host-session"

  async function signedIn(): Promise<string> {
    await auth.flows.password.register(ada)
    const outcome = await auth.flows.password.signIn(ada)
    if (!outcome.ok) throw new Error(outcome.reason)
    return `${cookieName}=${outcome.session.token}`
  }

  return {
    auth,
    steps: auth.flows.password,
    calls,
    events,
    faults,
    breakStores() {
      broken = true
    },
    signedIn,
  }
}
