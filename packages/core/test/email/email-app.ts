import { type DeactivationSlots, type DeactivationSteps, deactivation } from "../../src/deactivation.js"
import { type EmailAddressOptions, type EmailSlots, type EmailSteps, emailAddress } from "../../src/email.js"
import type { FlowDefinition } from "../../src/http/route.js"
import {
  type Auth,
  type AuthEvent,
  createAuth,
  type EventListener,
  opaque,
  type SessionStrategy,
  type User,
} from "../../src/index.js"
import type { AccountMail } from "../../src/mail/account-mail.js"
import { type PasswordOptions, type PasswordSlots, type PasswordSteps, password } from "../../src/password.js"
import type { Stores } from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { type TestHasher, testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { ground } from "../ground.js"

export type TestMail = AccountMail<"en" | "de">
export type LinkMail = Extract<TestMail, { readonly url: string }>

/** The options that a test may set; the rest is what every test shares. */
export interface EmailAppOptions {
  readonly email?: Partial<EmailAddressOptions<"en" | "de">>
  readonly deactivation?: Partial<Parameters<typeof deactivation<"en" | "de">>[0]>
  readonly password?: Partial<PasswordOptions>
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly secret?: string | readonly [string, ...string[]]
  readonly realm?: string
  readonly origin?: string
  readonly sessions?: SessionStrategy
  readonly paths?: Readonly<Record<string, string>>
  readonly on?: EventListener
}

/** What a test looks at. */
export interface EmailHost {
  readonly auth: Auth<
    {
      readonly deactivation: FlowDefinition<DeactivationSlots, DeactivationSteps>
      readonly email: FlowDefinition<EmailSlots, EmailSteps>
      readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
    },
    { email: string }
  >
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly mails: TestMail[]
  readonly hasher: TestHasher
  browser(peer?: string): TestClient
}

/** A host application with passwords, whose users' addresses are proven and changed, and whose mails are kept. */
export function emailApp(options: EmailAppOptions = {}): EmailHost {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 21))
  const stores: Stores = options.stores ?? ground.fresh(clock)
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const mails: TestMail[] = []
  const hasher = testHasher()
  const own = options.origin ?? origin
  const mail = {
    async send(one: TestMail) {
      mails.push(one)
    },
    locales: ["en", "de"],
  } as const
  const auth = createAuth({
    origin: own,
    secret: options.secret ?? secret,
    stores,
    sessions: options.sessions ?? opaque(),
    flows: {
      password: password({ hasher, ...options.password }),
      email: emailAddress<"en" | "de">({ ...mail, ...options.email }),
      deactivation: deactivation<"en" | "de">({ ...mail, ...options.deactivation }),
    },
    claims: (user) => ({ email: user.email }),
    clock,
    ...(options.realm === undefined ? {} : { realm: options.realm }),
    ...(options.paths === undefined ? {} : { paths: options.paths }),
    on(event) {
      events.push(event)
      return options.on?.(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  const browser = (peer?: string): TestClient =>
    testClient(auth, { origin: own, ...(peer === undefined ? {} : { peer }) })
  return { auth, clock, stores, events, faults, mails, hasher, browser }
}

/** Mail leaves after the answer, in the turns of the event loop that follow. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
}

/** Ada, whose address is proven unless it is said otherwise; no mail is left over. */
export async function withAda(
  host: EmailHost,
  { verified = true }: { readonly verified?: boolean } = {},
): Promise<User> {
  await host.auth.flows.password.register(ada)
  await settled()
  const user = await host.stores.users.findByEmail(ada.email)
  if (!user) throw new Error("ada was not registered")
  if (verified) await host.stores.users.update(user.id, { emailVerifiedAt: host.clock() })
  host.mails.length = 0
  return user
}

export async function signIn(host: EmailHost, account: typeof ada = ada): Promise<TestClient> {
  const browser = host.browser()
  const answer = await browser.post("/auth/login", { json: account })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}

export function sessionIn(browser: TestClient): string {
  return browser.cookies.get("__Host-session") ?? ""
}

/** The id of whoever is signed in there; undefined for nobody. */
export async function userIn(
  host: Pick<EmailHost, "auth">,
  browser: TestClient,
): Promise<string | undefined> {
  return (await host.auth.sessions.read(sessionIn(browser)))?.userId
}

/** The one mail of this kind that has come. */
export async function mailOf(host: Pick<EmailHost, "mails">, kind: LinkMail["kind"]): Promise<LinkMail> {
  await settled()
  const [mail, ...more] = host.mails.filter((one): one is LinkMail => one.kind === kind)
  if (!mail || more.length > 0) throw new Error(`${more.length + (mail ? 1 : 0)} mails ${kind}`)
  host.mails.splice(host.mails.indexOf(mail), 1)
  return mail
}

export function tokenIn({ url }: Pick<LinkMail, "url">): string {
  return new URL(url).searchParams.get("token") ?? ""
}

/** The link as a browser asks for it. */
export function pathIn({ url }: Pick<LinkMail, "url">): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

export const newEmail = "ada@new.example"

/** Asks for a proof of ada's own address. */
export async function verificationLink(host: EmailHost, userId: string): Promise<string> {
  await host.auth.flows.email.requestVerification({ userId })
  return tokenIn(await mailOf(host, "verify_email"))
}

/** Asks for a change in this browser. */
export async function changeLink(
  host: EmailHost,
  browser: TestClient,
  email: string = newEmail,
): Promise<string> {
  const asked = await host.auth.flows.email.requestChange({ email }, { token: sessionIn(browser) })
  if (!asked.ok) throw new Error(asked.reason)
  return tokenIn(await mailOf(host, "confirm_email"))
}

/** Changes ada's address in this browser, and answers the link that takes it back. */
export async function changed(
  host: EmailHost,
  browser: TestClient,
  email: string = newEmail,
): Promise<string> {
  const token = await changeLink(host, browser, email)
  const answer = await browser.post("/auth/email/confirm", { json: { token } })
  if (answer.status !== 200) throw new Error(`change answered ${answer.status} ${await answer.text()}`)
  return tokenIn(await mailOf(host, "email_changed"))
}

export function typesOf(events: readonly AuthEvent[]): readonly string[] {
  return events.map(({ type }) => type)
}
