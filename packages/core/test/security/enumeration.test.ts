import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { User } from "../../src/index.js"
import type { OAuthOptions } from "../../src/oauth.js"
import { recordingStores } from "../../src/testing/intercept.js"
import { ada, app, appWithAda, type Host } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { type AccountFacts, account, causesOf } from "../oauth/accounts.js"
import { type HostileProvider, startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import {
  comeBack,
  depart,
  type OAuthHost,
  oauthApp,
  remoteOidc,
  signInThrough,
  whoIs,
} from "../oauth/oauth-app.js"
import { type UsernameHost, usernameApp, usernamesOver } from "../username-app.js"
import { mailed } from "./every-flow.js"

/** Every kind of account that must be refused alike, with what is typed in. */
const accounts: Readonly<
  Record<string, (host: Host & { readonly user: User }) => Promise<{ email: string; password: string }>>
> = {
  "wrong password": async () => ({ ...ada, password: "not the right phrase" }),
  "unknown e-mail": async () => ({ ...ada, email: "nobody@example.com" }),
  "no e-mail at all": async () => ({ ...ada, email: "not an address" }),
  "no password (OAuth only)": async ({ stores, clock }) => {
    await stores.users.create({ email: "oauth@example.com", emailVerifiedAt: clock(), createdAt: clock() })
    return { ...ada, email: "oauth@example.com" }
  },
  "unreadable stored hash": async ({ stores, user }) => {
    const stored = await stores.credentials.find("password", user.id)
    if (stored)
      await stores.credentials.replace(
        { ...stored, secret: "!", revision: stored.revision + 1 },
        stored.revision,
      )
    return ada
  },
  "locked by failures, right password": async (host) => {
    for (let n = 0; n < 5; n++) await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
    return ada
  },
  "disabled, right password": async ({ auth, user }) => {
    await auth.users.disable(user.id)
    return ada
  },
  "never verified, right password": async ({ stores, user }) => {
    await stores.users.update(user.id, { emailVerifiedAt: null })
    return ada
  },
  "over-long password": async () => ({ ...ada, password: "x".repeat(1025) }),
  "empty password": async () => ({ ...ada, password: "" }),
  "over-long e-mail": async () => ({ ...ada, email: `${"x".repeat(5000)}@example.com` }),
}

/** What must be refused only where the host requires a verified address; elsewhere it is right. */
const names = Object.keys(accounts)
const onlyVerified = "never verified, right password"
const modes = [
  [false, names.filter((name) => name !== onlyVerified)],
  [true, names],
] as const

async function attempt(name: string, form: boolean, requireVerifiedEmail: boolean) {
  const host = await appWithAda()
  await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
  const typed = (await accounts[name]?.(host)) ?? ada
  const { watched, calls } = recordingStores(host.stores)
  const watching = app({ stores: watched, clock: host.clock, password: { requireVerifiedEmail } })
  const answer = await watching.browser().post("/auth/login", form ? { form: typed } : { json: typed })
  const bytes = `${answer.status}\n${JSON.stringify([...answer.headers])}\n${await answer.text()}`
  return {
    bytes,
    hashes: watching.hasher.computed(),
    calls: calls.map(({ slot, method }) => `${slot}.${method}`),
    watching,
  }
}

describe.each(modes)(
  "sign-in tells nobody whether an account exists (requireVerifiedEmail: %s)",
  (mode, rows) => {
    test.each(rows)("%s: the bytes of a wrong password, one hash", async (name) => {
      for (const form of [false, true]) {
        const [reference, answer] = [
          await attempt("wrong password", form, mode),
          await attempt(name, form, mode),
        ]
        expect(answer.bytes).toBe(reference.bytes)
        expect(answer.hashes).toBe(1)
      }
    })

    test.each(rows)("%s: the same look-ups in the same order", async (name) => {
      const lookUps = (calls: readonly string[]) =>
        calls.filter((call) => !call.startsWith("rateLimits") && !call.startsWith("audit"))
      expect(lookUps((await attempt(name, false, mode)).calls)).toEqual(
        lookUps((await attempt("wrong password", false, mode)).calls),
      )
    })

    test("the event names the exact cause", async () => {
      const causes: Record<string, unknown> = {}
      for (const name of rows) {
        const event = (await attempt(name, false, mode)).watching.events.find(
          ({ type }) => type === "sign_in.refused",
        )
        causes[name] = event && "cause" in event && event.cause
      }
      expect(causes).toEqual({
        "wrong password": "wrong_password",
        "unknown e-mail": "unknown_email",
        "no e-mail at all": "malformed_email",
        "no password (OAuth only)": "no_password",
        "unreadable stored hash": "wrong_password",
        "locked by failures, right password": "backing_off",
        "disabled, right password": "disabled",
        ...(mode ? { [onlyVerified]: "email_unverified" } : {}),
        "over-long password": "input_too_long",
        "empty password": "wrong_password",
        "over-long e-mail": "malformed_email",
      })
    })
  },
)

/** The same where users have names: what is typed as one, and what is the matter. */
const named: Readonly<
  Record<string, readonly [cause: string, prepare: (host: UsernameHost) => Promise<object>]>
> = {
  "wrong password": ["wrong_password", async () => ({ password: "not the right phrase" })],
  "unknown name": ["unknown_username", async () => ({ username: "nobody" })],
  "a name whose account the store does not know": [
    "unknown_username",
    async ({ people }) => ({ username: people.set("ghost", "gone") && "ghost" }),
  ],
  "a name of an account without a password": [
    "no_password",
    async ({ clock, people, stores }) => {
      const facts = { email: "oauth@example.com", emailVerifiedAt: clock(), createdAt: clock() }
      people.set("oauth", (await stores.users.create(facts))?.id ?? "")
      return { username: "oauth" }
    },
  ],
  "locked by failures at the name, right password": [
    "backing_off",
    async ({ auth }) => {
      for (let n = 0; n < 5; n++) await auth.flows.password.signIn({ username: "ada", password: "wrong" })
      return {}
    },
  ],
  "locked by failures at the address, right password": [
    "backing_off",
    async ({ auth }) => {
      for (let n = 0; n < 5; n++) await auth.flows.password.signIn({ username: ada.email, password: "wrong" })
      return {}
    },
  ],
  "disabled, right password": [
    "disabled",
    async ({ ada: id, auth }) => {
      await auth.users.disable(id)
      return {}
    },
  ],
  "over-long password": ["input_too_long", async () => ({ password: "x".repeat(1025) })],
}

/** What is no name is looked up as an address that nobody has: one look-up too, but another. */
const nameless: typeof named = {
  "unknown address in the place of a name": [
    "unknown_email",
    async () => ({ username: "nobody@example.com" }),
  ],
  "no address": ["malformed_email", async () => ({ username: "ada@" })],
  "no name": ["malformed_username", async () => ({ username: "ada lovelace" })],
  "an empty name": ["malformed_username", async () => ({ username: "" })],
  "a name that is turned round": ["malformed_username", async () => ({ username: "\u202Eada" })],
  "an over-long name": ["malformed_username", async () => ({ username: "x".repeat(5000) })],
}

async function attemptByName(prepare: (host: UsernameHost) => Promise<object>, form: boolean) {
  const host = await usernameApp()
  const typed = { username: "ada", password: ada.password, ...(await prepare(host)) }
  const { watched, calls } = recordingStores(host.stores)
  const watching = usernamesOver({ ...host, stores: watched })
  const answer = await watching.browser().post("/auth/login", form ? { form: typed } : { json: typed })
  const [event] = watching.events.filter(({ type }) => type === "sign_in.refused")
  return {
    bytes: `${answer.status}\n${JSON.stringify([...answer.headers])}\n${await answer.text()}`,
    hashes: watching.hasher.computed(),
    cause: event && "cause" in event && event.cause,
    // The host's own table is asked first, or else, once, the store of users.
    calls: [
      ...watching.asked.map(() => "users.findByEmail"),
      ...calls
        .map(({ slot, method }) => `${slot}.${method}`)
        .filter((call) => !/^(rateLimits|audit)/.test(call)),
    ],
  }
}

describe("sign-in by name tells nobody whether there is such a name", () => {
  const rows = { ...named, ...nameless }
  test.each(Object.keys(rows))(
    "%s: the bytes of a wrong password, as many look-ups, one hash",
    async (name) => {
      const [cause, prepare] = rows[name] ?? ["", async () => ({})]
      for (const form of [false, true]) {
        const reference = await attemptByName(async () => ({ password: "not the right phrase" }), form)
        expect(reference.bytes).toMatch(form ? /error=invalid_credentials/ : /"reason":"invalid_credentials"/)
        const answer = await attemptByName(prepare, form)
        expect(answer).toEqual({ ...reference, cause })
        expect([answer.hashes, answer.calls]).toEqual([
          1,
          ["users.findByEmail", "sessions.epoch", "users.find", "credentials.find"],
        ])
      }
    },
  )
})

describe("who is verified gets in where only they do", () => {
  test("by password", async () => {
    const host = await appWithAda({ password: { requireVerifiedEmail: true } })
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
    await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
  })
})

/** An address that the provider has not verified is nobody's: whoever can make a provider say it must not learn what it leads to. */
describe("a provider's unverified address tells nobody whether an account has it", () => {
  let remote: HostileProvider
  beforeAll(async () => {
    remote = await startHostileProvider()
  })
  afterAll(() => remote.stop())

  const holders: Readonly<Record<string, AccountFacts>> = {
    "never verified": {},
    verified: { verified: true },
    disabled: { verified: true, disabled: true },
    "without a password": { verified: true, password: null },
  }

  /** Where creating an account is open to unverified addresses, the account that comes of it tells as much as any sign-up does. */
  const policies: Readonly<Record<string, Partial<OAuthOptions>>> = {
    "only verified addresses are taken": { requireVerifiedEmail: true },
    "nobody new is taken": { create: false },
    "the host decides, and takes verified addresses only": {
      create: ({ emailVerified }) => emailVerified === true,
    },
  }

  async function bytesOf(oauth: Partial<OAuthOptions>, facts?: AccountFacts): Promise<string> {
    remote.reset()
    remote.user = { sub: "1", email: ada.email, email_verified: false }
    const host = oauthApp(remote, { oauth })
    if (facts) await account(host, facts)
    const browser = host.browser()
    const { parameters } = await depart(browser, remote, { returnTo: "/x" })
    const answer = await comeBack(browser, parameters)
    expect(await whoIs(browser)).toBeUndefined()
    expect(causesOf(host.events)).toHaveLength(1)
    return `${answer.status}\n${JSON.stringify([...answer.headers])}\n${await answer.text()}`
  }

  for (const [policy, oauth] of Object.entries(policies)) {
    test.each(Object.keys(holders))(`${policy}: %s`, async (name) => {
      expect(await bytesOf(oauth, holders[name])).toBe(await bytesOf(oauth))
    })
  }

  test("nobody can ask for the identities of others: one that is not there and one of somebody else's are one answer", async () => {
    remote.reset()
    const host = oauthApp(remote)
    const [adas, eves] = [host.browser(), host.browser()]
    await signInThrough(adas, remote)
    remote.user = { sub: "2", email: "eve@example.com", email_verified: true }
    await signInThrough(eves, remote)
    const { identities } = await (await adas.get("/auth/oauth/identities")).json()
    const texts: string[] = []
    for (const identity of [identities[0].id, "x".repeat(43)]) {
      const answer = await eves.post("/auth/oauth/unlink", { json: { identity } })
      texts.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`)
    }
    expect(texts[0]).toBe(texts[1])
  })
})

describe("who asks for a mail learns nothing from the answer, and who guesses a code nothing from the refusal", () => {
  let remote: HostileProvider
  beforeAll(async () => {
    remote = await startHostileProvider()
  })
  afterAll(() => remote.stop())

  /** Everything that can be the matter with whoever has ada's address. */
  const holders: Readonly<Record<string, (host: OAuthHost) => Promise<unknown>>> = {
    nobody: async () => undefined,
    verified: (host) => account(host, { verified: true }),
    "never verified": (host) => account(host),
    "never verified, without a way in": (host) => account(host, { password: null }),
    "without a password": (host) => account(host, { verified: true, password: null }),
    disabled: (host) => account(host, { verified: true, disabled: true }),
    "revoked before": async (host) => {
      const { id } = await account(host, { verified: true })
      await host.auth.sessions.endAll(id, "revoked", {})
    },
    "locked by failures": async (host) => {
      await account(host, { verified: true })
      for (let n = 0; n < 5; n++) await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
    },
    "by a provider only": async (host) => {
      remote.reset()
      remote.user = { sub: "1", email: ada.email, email_verified: true }
      await signInThrough(host.browser(), remote)
    },
  }
  const names = Object.keys(holders)

  /** A host with that holder, under the eyes of whoever can see its store calls. */
  async function watching(name: string): Promise<{ host: OAuthHost; calls: () => readonly string[] }> {
    const prepared = oauthApp(remote, { providers: [remoteOidc(remote)] })
    await holders[name]?.(prepared)
    const { calls, watched } = recordingStores(prepared.stores)
    const host = oauthApp(remote, { stores: watched, clock: prepared.clock })
    return { host, calls: () => calls.map(({ method, slot }) => `${slot}.${method}`) }
  }

  /** All of the answer. Of the cookie that says which browser it is, what is random is left out, and how long it is is not. */
  async function bytesOf(answer: Response): Promise<string> {
    const headers = [...answer.headers].map(([name, value]) => {
      const [secret = ""] = /__Host-magic-link=[^;]*/.exec(value) ?? []
      return `${name}: ${value.replace(secret, `${secret.length} characters`)}`
    })
    return `${answer.status}\n${headers.join("\n")}\n${await answer.text()}`
  }

  async function asked(name: string, body: object) {
    const { host, calls } = await watching(name)
    const answer = await host.browser().post("/auth/magic-link", body)
    const bytes = await bytesOf(answer)
    await settled()
    const [mail] = host.mails
    return {
      bytes,
      calls: calls(),
      events: host.events.map((event) => Object.keys(event).join()),
      mail: { ...mail, url: mail?.url.length, code: mail?.code?.length, expiresAt: 0 },
    }
  }

  test.each(names)("%s: the same bytes, the same calls of stores, the same mail", async (name) => {
    for (const body of [{ json: ada }, { form: ada }, { json: { ...ada, locale: "de", return_to: "/x" } }]) {
      const answer = await asked(name, body)
      expect(answer).toEqual(await asked("nobody", body))
      expect(answer.mail.to).toBe(ada.email)
    }
  })

  test.each(names)("%s: what a wrong code hears, and what it costs", async (name) => {
    const told = async (one: string) => {
      const { host, calls } = await watching(one)
      const { browser } = await mailed(host)
      const before = calls().length
      const texts: string[] = []
      for (let n = 0; n < 7; n++) {
        const body = { code: "00000000x" }
        texts.push(
          await bytesOf(await browser.post("/auth/magic-link/code", n % 2 ? { form: body } : { json: body })),
        )
      }
      return { texts, calls: calls().slice(before) }
    }
    expect(await told(name)).toEqual(await told("nobody"))
  })

  test("nor can anybody read it off the link, who holds one without the host's secret", async () => {
    const claimsOf = async (name: string): Promise<Record<string, unknown>> => {
      const { token } = await mailed((await watching(name)).host)
      return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString())
    }
    const all = await Promise.all(names.map(claimsOf))
    for (const claims of all) {
      expect(Object.keys(claims)).toEqual(Object.keys(all[0] ?? {}))
      expect(claims["epoch"]).toMatch(/^[\w-]{43}$/)
    }
    // Not two are alike, those of two hosts without a user included.
    const again = await claimsOf("nobody")
    expect(new Set([...all, again].map(({ epoch }) => epoch)).size).toBe(names.length + 1)
  })
})
