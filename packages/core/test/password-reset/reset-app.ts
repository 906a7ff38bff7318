import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type SessionStrategy,
  type User,
} from "../../src/index.js"
import { type PasswordOptions, type PasswordSlots, type PasswordSteps, password } from "../../src/password.js"
import { type ResetByMailOptions, type ResetFlow, resetByMail } from "../../src/password-reset.js"
import type { Stores } from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type MailSink, mailSink } from "../../src/testing/mail-sink.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { type TestHasher, testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { ground } from "../ground.js"

export const next = "a quite different phrase"

type Locale = "en" | "de"

/** The options that a test may set; the rest is what every test shares. */
export interface ResetAppOptions {
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly mail?: MailSink<Locale>
  readonly reset?: Partial<ResetByMailOptions<Locale>>
  readonly password?: Partial<PasswordOptions>
  readonly sessions?: SessionStrategy
  readonly auth?: {
    readonly realm?: string
    readonly origin?: string
    readonly secret?: string | readonly [string, ...string[]]
  }
}

/** A host whose users can reset their passwords, and everything around it that a test looks at. */
export interface ResetHost {
  readonly auth: Auth<{
    readonly password: FlowDefinition<PasswordSlots | "challenges", PasswordSteps & ResetFlow>
  }>
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly hasher: TestHasher
  readonly mail: MailSink<Locale>
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  browser(peer?: string): TestClient
  /** Makes ada's account. Default: verified, with a password. */
  account(facts?: AccountFacts): Promise<User>
  /** Asks for a link and takes it out of the mail. */
  tokenFor(email?: string): Promise<string>
}

/** What an account is before a test begins. */
export interface AccountFacts {
  readonly verified?: boolean
  readonly disabled?: boolean
  readonly password?: boolean
}

export function resetApp(options: ResetAppOptions = {}): ResetHost {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 20))
  const stores = options.stores ?? ground.fresh(clock)
  const mail = options.mail ?? mailSink<Locale>()
  const hasher = testHasher()
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const reset = resetByMail<Locale>({ send: mail.send, locales: ["en", "de"], ...options.reset })
  const auth = createAuth({
    origin,
    secret,
    stores,
    sessions: options.sessions ?? opaque(),
    flows: { password: password({ hasher, ...options.password, reset }) },
    clock,
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
    ...options.auth,
  })
  const { password: flow } = auth.flows

  return {
    auth,
    clock,
    stores,
    hasher,
    mail,
    events,
    faults,
    browser: (peer) => testClient(auth, { origin, ...(peer === undefined ? {} : { peer }) }),
    async account({ disabled = false, password: has = true, verified = true } = {}) {
      const emailVerifiedAt = verified ? clock() : null
      const user = await stores.users.create({ email: ada.email, emailVerifiedAt, createdAt: clock() })
      if (!user) throw new Error("ada has an account")
      if (has) await flow.set(user.id, ada.password)
      if (disabled) await auth.users.disable(user.id)
      events.length = 0
      return user
    },
    async tokenFor(email = ada.email) {
      const outcome = await flow.forgot({ email })
      if (!outcome.ok) throw new Error(outcome.reason)
      return tokenIn((await mail.nextAccountMail("reset_password")).url)
    },
  }
}

export function tokenIn(url: string): string {
  return new URL(url).searchParams.get("token") ?? ""
}

/** The path of a link, as a browser of the host asks for it. */
export function pathIn(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** Long enough for every mail that is on its way. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10))
}

/** Whether ada gets in with this password. */
export async function opens({ auth }: Pick<ResetHost, "auth">, password: string): Promise<boolean> {
  return (await auth.flows.password.signIn({ ...ada, password })).ok
}

/** The causes of every refusal that an event tells. */
export function causesOf(events: readonly AuthEvent[]): readonly unknown[] {
  return events.flatMap((event) => (event.type === "password.reset_refused" ? [event.cause] : []))
}
