import {
  type AccountOptions,
  type AccountPart,
  type AccountSlots,
  type AccountSteps,
  account,
} from "../../src/account.js"
import type { FlowDefinition } from "../../src/http/route.js"
import {
  type Auth,
  type AuthEvent,
  createAuth,
  type EventListener,
  type Flows,
  opaque,
  type SessionStrategy,
  type Stores,
  type User,
} from "../../src/index.js"
import {
  type MagicLinkMail,
  type MagicLinkSlots,
  type MagicLinkSteps,
  magicLink,
} from "../../src/magic-link.js"
import type { AccountMail } from "../../src/mail/account-mail.js"
import { type PasswordSlots, type PasswordSteps, password } from "../../src/password.js"
import type { Json } from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { ground } from "../ground.js"
import { account as accountOf } from "../oauth/accounts.js"

/** What the hosts of these tests ask consent to. */
export type Purpose = "newsletter" | "statistics"

/** The options that a test may set; the rest is what every test shares. */
export interface AccountAppOptions {
  readonly account?: AccountOptions<Purpose, User, "en">
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly secret?: string | readonly [string, ...string[]]
  readonly realm?: string
  readonly sessions?: SessionStrategy
  /** Further flows. */
  readonly flows?: Flows
  /** What the host keeps itself. Default: nothing yet. */
  readonly articles?: Map<string, string[]>
  readonly on?: EventListener
}

/** What a test looks at. */
export interface AccountHost {
  readonly auth: Auth<
    {
      readonly account: FlowDefinition<AccountSlots | "consents", AccountSteps<Purpose>>
      readonly magicLink: FlowDefinition<MagicLinkSlots, MagicLinkSteps<"en", Json | undefined>>
      readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
    },
    { email: string }
  >
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly articles: Map<string, string[]>
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly notices: AccountMail[]
  readonly links: MagicLinkMail<"en", Json | undefined>[]
  browser(peer?: string): TestClient
}

/** A host with passwords, sign-in by mail and a part of its own: the articles that a user wrote. */
export function accountApp(options: AccountAppOptions = {}): AccountHost {
  const clock = options.clock ?? adjustableClock(Date.now())
  const stores: Stores = options.stores ?? ground.fresh(clock)
  const articles = options.articles ?? new Map<string, string[]>()
  const [events, faults, notices]: [AuthEvent[], unknown[], AccountMail[]] = [[], [], []]
  const links: MagicLinkMail<"en", Json | undefined>[] = []
  const auth = createAuth({
    origin,
    secret: options.secret ?? secret,
    stores,
    sessions: options.sessions ?? opaque({ idle: "24h", absolute: "30d" }),
    flows: {
      ...options.flows,
      password: password({ hasher: testHasher() }),
      magicLink: magicLink({
        async send(mail) {
          links.push(mail)
        },
        code: true,
      }),
      account: account<Purpose, User, "en">({
        async send(mail) {
          notices.push(mail)
        },
        parts: { articles: articlesOf(articles) },
        consents: {
          newsletter: { version: "2026-11", alsoCounts: ["2026-10"] },
          statistics: { version: "1" },
        },
        ...options.account,
      }),
    },
    claims: (user) => ({ email: user.email }),
    pages: { home: "/workspace", signedOut: "/bye" },
    clock,
    realm: options.realm ?? "default",
    on(event) {
      events.push(event)
      return options.on?.(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  const browser = (peer = "192.0.2.1"): TestClient => testClient(auth, { origin, peer })
  return { auth, clock, stores, articles, events, faults, notices, links, browser }
}

/** Repeated, it removes nothing more, and says nothing. */
export function articlesOf(articles: Map<string, string[]>): AccountPart {
  return {
    export: ({ id }) => articles.get(id) ?? [],
    erase({ id }) {
      articles.delete(id)
    },
  }
}

/** The host with ada's account in it, who has written two articles. */
export async function withAda(
  options: AccountAppOptions = {},
): Promise<AccountHost & { readonly user: User }> {
  const host = accountApp(options)
  const user = await accountOf(host)
  host.articles.set(user.id, ["On locks", "On doors"])
  return { ...host, user }
}

/** Signs ada in and answers her browser. */
export async function signedIn(host: AccountHost, browser: TestClient = host.browser()): Promise<TestClient> {
  const answer = await browser.post("/auth/login", { json: ada })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}

export function tokenOf(browser: TestClient): string {
  return browser.cookies.get("__Host-session") ?? ""
}
