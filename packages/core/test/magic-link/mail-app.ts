import {
  type Auth,
  type AuthEvent,
  createAuth,
  type EventListener,
  type FlowDefinition,
  opaque,
} from "../../src/index.js"
import {
  type MagicLinkMail,
  type MagicLinkOptions,
  type MagicLinkSlots,
  type MagicLinkSteps,
  magicLink,
} from "../../src/magic-link.js"
import { type PasswordOptions, type PasswordSlots, type PasswordSteps, password } from "../../src/password.js"
import type { Json, Stores } from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"
import { ground } from "../ground.js"

export type TestLocale = "en" | "de"
export type TestMail = MagicLinkMail<TestLocale, Json | undefined>
type Options = MagicLinkOptions<TestLocale, { readonly [name: string]: Json } | undefined>

/** The options that a test may set; the rest is what every test shares. */
export interface MailAppOptions {
  readonly magicLink?: Partial<Options>
  readonly password?: Partial<PasswordOptions>
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly secret?: string | readonly [string, ...string[]]
  readonly realm?: string
  readonly origin?: string
  readonly paths?: Readonly<Record<string, string>>
  readonly on?: EventListener
}

/** A host application with mail and passwords, and everything around it that a test looks at. */
export interface MailHost {
  readonly auth: Auth<{
    readonly magicLink: FlowDefinition<
      MagicLinkSlots,
      MagicLinkSteps<TestLocale, { readonly [name: string]: Json } | undefined>
    >
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
  }>
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly mails: TestMail[]
  browser(peer?: string): TestClient
  /** Asks for a link in this browser and answers the mail. */
  mailTo(email: string, browser: TestClient, fields?: Readonly<Record<string, unknown>>): Promise<TestMail>
}

/** A host application over fresh stores whose mails are kept. */
export function mailApp(options: MailAppOptions = {}): MailHost {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 21))
  const stores: Stores = options.stores ?? ground.fresh(clock)
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const mails: TestMail[] = []
  const own = options.origin ?? origin
  const auth = createAuth({
    origin: own,
    secret: options.secret ?? secret,
    stores,
    sessions: opaque(),
    flows: {
      magicLink: magicLink({
        async send(mail: TestMail) {
          mails.push(mail)
        },
        locales: ["en", "de"],
        pages: (locale: TestLocale) => ({ signIn: `/${locale}/login`, home: `/${locale}/dashboard` }),
        code: true,
        ...options.magicLink,
      } as Options),
      password: password({ hasher: testHasher(), ...options.password }),
    },
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

  const host: MailHost = {
    auth,
    clock,
    stores,
    events,
    faults,
    mails,
    browser: (peer) => testClient(auth, { origin: own, ...(peer === undefined ? {} : { peer }) }),
    async mailTo(email, browser, fields = {}) {
      const before = mails.length
      const answer = await browser.post(pathOf(auth, "magicLink"), { json: { email, ...fields } })
      if (answer.status !== 202) throw new Error(`No mail: ${answer.status} ${await answer.text()}`)
      await settled()
      const mail = mails.at(-1)
      if (mails.length !== before + 1 || !mail) throw new Error("No mail came, or more than one.")
      return mail
    },
  }
  return host
}

/** Mail leaves after the answer, in the turns of the event loop that follow. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

/** The link as a browser asks for it. */
export function pathIn({ url }: Pick<TestMail, "url">): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

export function tokenIn({ url }: Pick<TestMail, "url">): string {
  return new URL(url).searchParams.get("token") ?? ""
}

/** The half of a code that this browser holds. */
export function attemptIn(browser: TestClient): string {
  return (browser.cookies.get("__Host-magic-link") ?? "").split(".").slice(3).join(".")
}

/** The id of whoever is signed in there; undefined for nobody. */
export async function userIn(
  browser: TestClient,
  headers: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const session = await (await browser.get("/auth/session", { headers })).json()
  return session?.user?.id
}

function pathOf(auth: Pick<Auth, "routes">, name: string): string {
  const route = auth.routes.find((one) => one.name === name)
  if (!route) throw new Error(`There is no route ${name}.`)
  return route.path
}
