import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type User,
} from "../../src/index.js"
import type { AccountMail } from "../../src/mail/account-mail.js"
import {
  type CreationOptions,
  type PasskeyOptions,
  type PasskeySlots,
  type PasskeySteps,
  passkeys,
  type RequestOptions,
} from "../../src/passkey.js"
import { type PasswordSlots, type PasswordSteps, password } from "../../src/password.js"
import type { Stores } from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { ground } from "../ground.js"
import {
  type AuthenticatorOptions,
  type Lie,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from "./authenticator.js"

/** The options that a test may set; the rest is what every test shares. */
export interface PasskeyAppOptions {
  readonly passkeys?: Partial<PasskeyOptions>
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly secret?: string | readonly [string, ...string[]]
  readonly realm?: string
}

/** A host application with passwords and passkeys, and everything around it that a test looks at. */
export interface PasskeyHost {
  readonly auth: Auth<{
    readonly passkey: FlowDefinition<PasskeySlots, PasskeySteps>
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
  }>
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly mails: AccountMail[]
  browser(peer?: string): TestClient
}

export function passkeyApp(options: PasskeyAppOptions = {}): PasskeyHost {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 22))
  const stores: Stores = options.stores ?? ground.fresh(clock)
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const mails: AccountMail[] = []
  const auth = createAuth({
    origin,
    secret: options.secret ?? secret,
    stores,
    sessions: opaque(),
    flows: {
      passkey: passkeys({
        rpName: "Example",
        async send(mail: AccountMail) {
          mails.push(mail)
        },
        ...options.passkeys,
      }),
      password: password({ hasher: testHasher() }),
    },
    clock,
    ...(options.realm === undefined ? {} : { realm: options.realm }),
    on: (event) => void events.push(event),
    onFault: (fault) => void faults.push(fault),
  })
  const browser = (peer?: string): TestClient =>
    testClient(auth, { origin, ...(peer === undefined ? {} : { peer }) })
  return { auth, clock, stores, events, faults, mails, browser }
}

/** The app, ada's account in it, and her browser, signed in by her password. */
export async function passkeyAppWithAda(
  options: PasskeyAppOptions = {},
): Promise<PasskeyHost & { readonly user: User; readonly mine: TestClient }> {
  const host = passkeyApp(options)
  const { user, mine } = await account(host, ada)
  return { ...host, user, mine }
}

/** An account, and a browser that has just signed in to it by its password. */
export async function account(
  host: Pick<PasskeyHost, "auth" | "browser" | "stores">,
  who: { readonly email: string; readonly password: string },
): Promise<{ user: User; mine: TestClient }> {
  await host.auth.flows.password.register(who)
  const user = await host.stores.users.findByEmail(who.email)
  if (!user) throw new Error("nobody was registered")
  return { user, mine: await signedInByPassword(host, who) }
}

export async function signedInByPassword(
  host: Pick<PasskeyHost, "browser">,
  who: { readonly email: string; readonly password: string } = ada,
): Promise<TestClient> {
  const browser = host.browser()
  const answer = await browser.post("/auth/login", { json: who })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}

export function authenticator(options: Partial<AuthenticatorOptions> = {}): SoftwareAuthenticator {
  return softwareAuthenticator({ origin, ...options })
}

/** What a route answers: its status, or the reason of its refusal, and its JSON. */
export async function outcomeOf(
  answer: Response,
): Promise<{ outcome: string; json: Readonly<Record<string, unknown>> }> {
  const json = (await answer.json()) as Readonly<Record<string, unknown>>
  return { outcome: answer.status === 200 ? "ok" : `${json["reason"]}`, json }
}

export async function creationOptions(
  browser: TestClient,
  wish: Readonly<Record<string, unknown>> = {},
): Promise<CreationOptions> {
  const { json, outcome } = await outcomeOf(
    await browser.post("/auth/passkey/register/options", { json: wish }),
  )
  if (outcome !== "ok") throw new Error(`no options: ${outcome}`)
  return json["options"] as CreationOptions
}

export async function requestOptions(browser: TestClient): Promise<RequestOptions> {
  const { json, outcome } = await outcomeOf(await browser.post("/auth/passkey/sign-in/options", { json: {} }))
  if (outcome !== "ok") throw new Error(`no options: ${outcome}`)
  return json["options"] as RequestOptions
}

/** Registers a passkey in a signed-in browser; answers what the route does. */
export async function registered(
  browser: TestClient,
  key: SoftwareAuthenticator = authenticator(),
  { lie, name, use }: { readonly lie?: Lie; readonly name?: string; readonly use?: string } = {},
): Promise<string> {
  const options = await creationOptions(browser, use === undefined ? {} : { use })
  return registerWith(browser, key.create(options, lie), name)
}

export async function registerWith(browser: TestClient, response: unknown, name?: string): Promise<string> {
  const answer = await browser.post("/auth/passkey/register", { json: { response, name } })
  return (await outcomeOf(answer)).outcome
}

/** Signs in by a passkey; answers what the route does. */
export async function signedInBy(
  browser: TestClient,
  key: SoftwareAuthenticator,
  lie: Lie = {},
): Promise<string> {
  return signInWith(browser, key.get(await requestOptions(browser), lie))
}

export async function signInWith(browser: TestClient, response: unknown): Promise<string> {
  return (await outcomeOf(await browser.post("/auth/passkey/sign-in", { json: { response } }))).outcome
}

/** The user and the methods of whoever is signed in there. */
export async function whoIs(
  browser: TestClient,
): Promise<{ id: string; methods: readonly string[] } | undefined> {
  const { session, user } = await (await browser.get("/auth/session")).json()
  return user ? { id: user.id, methods: session.methods } : undefined
}

/** The causes of refused sign-ins and factors, in their order. */
export function causesIn({ events }: Pick<PasskeyHost, "events">): readonly string[] {
  return events.flatMap((event) =>
    event.type === "sign_in.refused" || event.type === "factor.refused"
      ? [`${event.type} ${event.cause}`]
      : [],
  )
}
