import { type AccountSlots, type AccountSteps, account } from "../../src/account.js"
import { type DeactivationSlots, type DeactivationSteps, deactivation } from "../../src/deactivation.js"
import { type EmailSlots, type EmailSteps, emailAddress } from "../../src/email.js"
import {
  type Auth,
  type AuthEvent,
  createAuth,
  type EventListener,
  type FlowDefinition,
  type Flows,
  opaque,
  type SessionStrategy,
} from "../../src/index.js"
import {
  type MagicLinkMail,
  type MagicLinkOptions,
  type MagicLinkSlots,
  type MagicLinkSteps,
  magicLink,
} from "../../src/magic-link.js"
import type { MfaFlow, MfaSlots } from "../../src/mfa.js"
import {
  type OAuthOptions,
  type OAuthSlots,
  type OAuthSteps,
  oauth,
  oidc,
  type Provider,
} from "../../src/oauth.js"
import { type PasskeySlots, type PasskeySteps, passkeys } from "../../src/passkey.js"
import { type PasswordOptions, type PasswordSlots, type PasswordSteps, password } from "../../src/password.js"
import { type ConfirmSteps, passwordConfirm } from "../../src/password-confirm.js"
import { type ResetSteps, resetByMail } from "../../src/password-reset.js"
import type { RealmDefinition } from "../../src/realms.js"
import type { Json, Stores } from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type MailSink, mailSink } from "../../src/testing/mail-sink.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"
import { ground } from "../ground.js"
import { noneSent, type Sent, secondFactors } from "../mfa/second-factors.js"
import type { HostileProvider } from "./hostile-provider/hostile-provider.js"

/** The options that a test may set; the rest is what every test shares. */
export interface OAuthAppOptions {
  readonly providers?: readonly Provider[]
  readonly oauth?: Partial<OAuthOptions>
  readonly password?: Partial<PasswordOptions>
  readonly magicLink?: Partial<MagicLinkOptions<"en" | "de", { readonly [name: string]: Json } | undefined>>
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly secret?: string | readonly [string, ...string[]]
  readonly realm?: string | RealmDefinition<Record<never, never>>
  /** Default: opaque, over after a day or thirty. */
  readonly sessions?: SessionStrategy
  readonly trustedProxies?: number
  /** Further flows, beside those that every host has here. */
  readonly flows?: Flows
  /** Hears every event after it was noted. */
  readonly on?: EventListener
}

/** A host application with providers, passwords and sign-in by mail, and everything around it that a test looks at. */
export interface OAuthHost {
  readonly auth: Auth<{
    readonly account: FlowDefinition<AccountSlots | "consents", AccountSteps<"newsletter">>
    readonly deactivation: FlowDefinition<DeactivationSlots, DeactivationSteps>
    readonly email: FlowDefinition<EmailSlots, EmailSteps>
    readonly magicLink: FlowDefinition<
      MagicLinkSlots,
      MagicLinkSteps<"en" | "de", { readonly [name: string]: Json } | undefined>
    >
    readonly mfa: FlowDefinition<MfaSlots, MfaFlow>
    readonly passkey: FlowDefinition<PasskeySlots, PasskeySteps>
    readonly oauth: FlowDefinition<OAuthSlots, OAuthSteps>
    readonly password: FlowDefinition<PasswordSlots | "challenges", PasswordSteps & ResetSteps & ConfirmSteps>
  }>
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  /** What second factors have sent, once the event loop has turned. */
  readonly sent: Sent
  /** What would have been mailed, once the event loop has turned. */
  readonly mails: MagicLinkMail<"en" | "de", Json | undefined>[]
  /** The same of mails about accounts. */
  readonly accountMail: MailSink<"en" | "de">
  browser(peer?: string): TestClient
}

/** A host application over fresh stores, whose providers are all played by `remote`. The clock starts at the real time. */
export function oauthApp(remote: HostileProvider, options: OAuthAppOptions = {}): OAuthHost {
  const clock = options.clock ?? adjustableClock(Date.now())
  const stores: Stores = options.stores ?? ground.fresh(clock)
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const mails: MagicLinkMail<"en" | "de", Json | undefined>[] = []
  const accountMail = mailSink<"en" | "de">()
  const sent = noneSent()
  const auth = createAuth({
    origin,
    secret: options.secret ?? secret,
    stores,
    sessions: options.sessions ?? opaque({ idle: "24h", absolute: "30d" }),
    flows: {
      oauth: oauth({
        providers: options.providers ?? [remoteOidc(remote)],
        network: { loopback: [remote.origin], fetch: remote.fetch },
        ...options.oauth,
      }),
      password: password({
        hasher: testHasher(),
        ...options.password,
        reset: resetByMail<"en" | "de">({ send: accountMail.send, locales: ["en", "de"] }),
        confirm: passwordConfirm(),
      }),
      magicLink: magicLink<"en" | "de", { readonly [name: string]: Json } | undefined>({
        async send(mail) {
          mails.push(mail)
        },
        locales: ["en", "de"],
        code: true,
        ...options.magicLink,
      }),
      account: account({ consents: { newsletter: { version: "1" } } }),
      mfa: secondFactors(sent),
      // Mailed where a test asks for it: registering is what other tests count.
      email: emailAddress<"en" | "de">({
        ...{ send: accountMail.send, locales: ["en", "de"] as const },
        verifyOnRegistration: false,
      }),
      deactivation: deactivation<"en" | "de">({ send: accountMail.send, locales: ["en", "de"] }),
      passkey: passkeys({ rpName: "Example" }),
      // Nobody here knows their types.
      ...(options.flows as object),
    },
    pages: { home: "/workspace", signedOut: "/" },
    clock,
    ...(options.realm === undefined ? {} : { realm: options.realm }),
    trustedProxies: options.trustedProxies ?? 0,
    on(event) {
      events.push(event)
      return options.on?.(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  const browser = (peer?: string): TestClient =>
    testClient(auth, { origin, ...(peer === undefined ? {} : { peer }) })
  return { auth, clock, stores, events, faults, mails, sent, accountMail, browser }
}

/** The hostile provider as `oidc()` knows it. */
export function remoteOidc(remote: HostileProvider, name = "remote"): Provider {
  const { clientId, clientSecret, issuer } = remote
  return oidc({ name, label: "Remote", issuer, clientId, clientSecret })
}

/** How a browser goes to a provider and what it brings back, step by step, so that a test can come in between. */
export interface Trip {
  /** The address that the browser was sent to. */
  readonly url: URL
  /** What the provider sends back. */
  readonly parameters: URLSearchParams
}

/** First half: starts, and lets the provider sign its user in. */
export async function depart(
  browser: TestClient,
  remote: HostileProvider,
  { name = "remote", link = false, returnTo }: { name?: string; link?: boolean; returnTo?: string } = {},
): Promise<Trip> {
  const form = returnTo === undefined ? {} : { return_to: returnTo }
  const answer = await browser.post(`/auth/oauth/${name}${link ? "/link" : ""}`, { form })
  const location = answer.headers.get("location") ?? ""
  if (answer.status !== 303 || !URL.canParse(location)) throw new Error(`start: ${answer.status} ${location}`)
  const url = new URL(location)
  return { url, parameters: remote.authorize(url) }
}

/** Second half: the browser comes back with what it was given. Answers the response, whose `location` tells the outcome. */
export function comeBack(
  browser: TestClient,
  parameters: URLSearchParams,
  name = "remote",
): Promise<Response> {
  return browser.get(`/auth/oauth/${name}/callback?${parameters}`)
}

/** Both halves. */
export async function signInThrough(
  browser: TestClient,
  remote: HostileProvider,
  options: { name?: string; link?: boolean; returnTo?: string } = {},
): Promise<string> {
  const { parameters } = await depart(browser, remote, options)
  return locationOf(await comeBack(browser, parameters, options.name))
}

/** Where an answer leads; throws for one that leads nowhere. */
export function locationOf(answer: Response): string {
  const location = answer.headers.get("location")
  if (answer.status !== 303 || location === null) throw new Error(`no redirect: ${answer.status}`)
  return location
}

/** Whether the browser is signed in, and as whom. */
export async function whoIs(browser: TestClient): Promise<string | undefined> {
  const { user } = (await (await browser.get("/auth/session")).json()) as { user: { id: string } | null }
  return user?.id
}
