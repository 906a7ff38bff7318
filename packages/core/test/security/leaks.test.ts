import { createHash } from "node:crypto"
import { inspect } from "node:util"
import { afterAll, describe, expect, test, vi } from "vitest"
import { deactivation } from "../../src/deactivation.js"
import { emailAddress } from "../../src/email.js"
import { StoreError } from "../../src/errors.js"
import { splitHeld } from "../../src/flows/magic-link/asking-browser.js"
import { logFault } from "../../src/http/fault-log.js"
import type { Flows } from "../../src/index.js"
import { knownDevices } from "../../src/known-devices.js"
import { memoryStores } from "../../src/memory.js"
import { emailCode, mfa, smsCode, totp } from "../../src/mfa.js"
import type { CreationOptions, RequestOptions } from "../../src/passkey.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, app, appWithAda, secret } from "../app.js"
import {
  attemptIn,
  type MailAppOptions,
  type MailHost,
  mailApp,
  pathIn,
  settled,
  tokenIn,
} from "../magic-link/mail-app.js"
import { authenticatorApp } from "../mfa/authenticator-app.js"
import { enrolTotp, post } from "../mfa/mfa-app.js"
import { noneSent, secondFactors } from "../mfa/second-factors.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { oauthApp } from "../oauth/oauth-app.js"
import { overheardStores } from "../oauth/overheard-stores.js"
import { authenticator } from "../passkey/passkey-app.js"
import type { tokenMailed } from "./every-flow.js"

const remote = await startHostileProvider()
afterAll(() => remote.stop())

const canary = "canary-passphrase-7f3a91c2"

describe("secrets stay where they are", () => {
  test("cookies that a host adds to one visitor's answer reach no other visitor", async () => {
    const { auth } = app()
    const incoming = { method: "GET", target: "/", header: () => undefined }
    const one = await auth.authenticate(incoming)
    ;(one.setCookie as string[]).push("mine=1")
    expect((await auth.authenticate(incoming)).setCookie).toEqual([])
  })

  test("no password, token or digest in any event, fault, answer or inspection", async () => {
    const host = app()
    const heard: string[] = []
    const browser = host.browser()
    const account = { email: ada.email, password: canary }
    const next = `${canary} second`
    for (const [path, json] of [
      ["/auth/register", account],
      ["/auth/register", account],
      ["/auth/login", { ...account, password: `${canary} wrong` }],
      ["/auth/login", account],
      ["/auth/password/change", { current_password: `${canary} wrong`, new_password: next }],
      ["/auth/password/change", { current_password: canary, new_password: next }],
      ["/auth/sessions/end", { session: "others" }],
    ] as const) {
      const answer = await browser.post(path, { json })
      heard.push(
        await answer.text(),
        JSON.stringify([...answer.headers].filter(([name]) => name !== "set-cookie")),
      )
    }
    const outcome = await host.auth.flows.password.signIn({ ...ada, password: next })
    const token = browser.cookies.get("__Host-session") ?? ""
    heard.push(JSON.stringify(host.events), JSON.stringify(host.faults))
    heard.push(inspect(host.auth, { depth: 9, showHidden: true, getters: true }))
    heard.push(inspect(await host.auth.sessions.read(token), { depth: 9 }))
    heard.push(
      inspect(await host.auth.sessions.list((await host.stores.users.list({ limit: 1 }))[0]?.id ?? ""), {
        depth: 9,
      }),
    )
    expect(outcome.ok).toBe(true)
    for (const text of heard) {
      expect(text).not.toContain(canary)
      expect(text).not.toContain(token.slice(23))
      expect(text).not.toContain(secret)
      expect(text).not.toMatch(/secretHash|\$test\$/)
    }
  })

  test("an e-mail address reaches no event: a user id does, or a keyed digest", async () => {
    const host = await appWithAda()
    await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
    await host.auth.flows.password.signIn({ ...ada, email: "stranger@example.com" })
    await host.auth.flows.password.signIn(ada)
    const text = JSON.stringify(host.events)
    expect(text).not.toContain("ada@example.com")
    expect(text).not.toContain("stranger")
  })

  test("the default log prints messages and stacks, not what a driver's error carries", () => {
    const lines: string[] = []
    vi.spyOn(console, "error").mockImplementation(
      (...parts: unknown[]) => void lines.push(parts.map(String).join(" ")),
    )
    const driver = Object.assign(new Error(`insert … params: ${canary}`), {
      code: "23505",
      detail: canary,
      parameters: [canary],
      query: canary,
    })
    logFault(new StoreError("users", driver))
    logFault({ password: canary })
    expect(lines.join("\n")).toMatch(/StoreError: The users store failed[\s\S]*Error,23505/)
    expect(lines.join("\n")).not.toContain(canary)
  })
})

describe("a dump of the memory store signs nobody in", () => {
  test("no text in it, presented as a cookie or a password, opens anything", async () => {
    const host = await appWithAda()
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    const [record] = await host.stores.sessions.listByUser(host.user.id)
    const credential = await host.stores.credentials.find("password", host.user.id)
    const dump = JSON.stringify([record, credential, await host.stores.audit.list({ limit: 100 })])
    const token = browser.cookies.get("__Host-session") ?? ""
    expect(dump).not.toContain(token.slice(23))
    const texts = new Set(dump.match(/[\w.$=,+/-]{8,}/g))
    expect(texts.size).toBeGreaterThan(10)
    for (const text of texts) {
      for (const cookie of [text, `${record?.id}.${text}`]) {
        const answer = await host
          .browser()
          .get("/auth/session", { headers: { cookie: `__Host-session=${cookie}` } })
        expect((await answer.json()).user).toBeNull()
      }
    }
  })
})

/** Whatever may stand for a text: as it is, encoded, or digested without a key. */
function spellingsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  const forms = [text, encodeURIComponent(text)]
  for (const encoding of ["base64", "base64url", "hex"] as const) forms.push(bytes.toString(encoding))
  for (const algorithm of ["sha1", "sha256", "sha512", "md5"]) {
    for (const encoding of ["base64", "base64url", "hex"] as const)
      forms.push(createHash(algorithm).update(text).digest(encoding))
  }
  return forms.map((form) => form.replace(/=+$/, ""))
}

/** Base64 of a text that stands somewhere inside another one, at each of the three places where it can begin. */
function insideBase64(text: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.from(`${"x".repeat(shift)}${text}`)
      .toString("base64url")
      .replace(/=+$/, "")
    return whole.slice(shift === 0 ? 0 : shift + 1, -2)
  })
}

describe("sign-in by mail", () => {
  const person = "canary.person@example.com"

  /** A host all of whose stores are overheard; what is asked of them by the address itself is left out, since it is not kept. */
  function listeningHost(options: MailAppOptions = {}): MailHost & { readonly kept: () => string } {
    const clock = adjustableClock(Date.UTC(2026, 10, 21))
    const { heard, stores } = overheardStores(memoryStores({ clock }))
    const kept = (): string =>
      heard()
        .split("\n")
        .filter((line) => !line.startsWith("users.findByEmail "))
        .join("\n")
    return { ...mailApp({ ...options, clock, stores }), kept }
  }

  /** All of it: what says which browser it is, and behind it the half of a code. */
  function heldBy(browser: TestClient): string {
    return browser.cookies.get("__Host-magic-link") ?? ""
  }

  test("nothing about a person stands in any store before the link is confirmed", async () => {
    const host = listeningHost({ magicLink: { metadata: () => ({ note: "canary-note-1f9" }) } })
    const browser = host.browser()
    const mail = await host.mailTo(person, browser, { locale: "de", return_to: "/canary-path-77c" })
    await host.mailTo("canary.person+alias@example.com", browser)
    await host.auth.flows.magicLink.peek({ token: tokenIn(mail), browser: splitHeld(heldBy(browser))[0] })
    for (let n = 0; n < 6; n++) await browser.post("/auth/magic-link/code", { json: { code: "wrong" } })
    await host.browser().get(pathIn(mail))
    expect(host.kept()).toContain("rateLimits.increment")
    const [payload = "", mac = ""] = tokenIn(mail).split(".")
    const { browser: digest, epoch, id } = JSON.parse(Buffer.from(payload, "base64url").toString())
    const traces = [
      ...[person, "canary.person", "canary.person+alias@example.com"].flatMap(spellingsOf),
      ...insideBase64(person),
      ...["canary-note-1f9", "canary-path-77c"].flatMap(spellingsOf),
      ...[payload, mac, digest, epoch, id, mail.code ?? ""],
      ...heldBy(browser).split("."),
    ]
    expect(traces.length).toBeGreaterThan(60)
    for (const trace of traces) expect([trace, host.kept().includes(trace)]).toEqual([trace, false])
    expect(host.kept()).not.toMatch(/canary/i)
    expect(await host.stores.users.list({ limit: 9 })).toEqual([])
    // The traces are what a careless store would have: each is found where it is.
    const careless = JSON.stringify([person, Buffer.from(`{"email":"${person}"}`).toString("base64url")])
    expect(careless).toContain(person)
    expect(insideBase64(person).some((one) => careless.includes(one))).toBe(true)
  })

  test("a dump of every store signs nobody in: before the link is confirmed, and after", async () => {
    const host = listeningHost()
    const browser = host.browser()
    const waiting = await host.mailTo(person, browser)
    const other = host.browser()
    const used = await host.mailTo("b@example.com", other)
    await other.get(pathIn(used))
    const words = [...new Set(host.kept().match(/[\w.$=,+/-]{8,}/g))]
    expect(words.length).toBeGreaterThan(10)
    const [payload = ""] = tokenIn(waiting).split(".")
    const [half = ""] = attemptIn(browser).split(".")
    expect(half).toBe(payload)
    const { confirm, confirmCode } = host.auth.flows.magicLink
    const known = new Set((await host.stores.users.list({ limit: 9 })).map(({ id }) => id))
    for (const word of words) {
      for (const token of [word, `${payload}.${word}`])
        expect(await confirm({ token })).toEqual({ ok: false, reason: "link_invalid" })
      for (const attempt of [word, `${half}.${word}`])
        expect((await confirmCode({ attempt, code: waiting.code ?? "" })).ok).toBe(false)
      const cookie = `__Host-session=${word}; __Host-magic-link=${word}`
      const [session, click] = [
        await host.browser().get("/auth/session", { headers: { cookie } }),
        await host.browser().get(pathIn(waiting), { headers: { cookie } }),
      ]
      expect((await session.json()).user).toBeNull()
      expect([click.status, click.headers.getSetCookie()]).toEqual([200, []])
    }
    expect(new Set((await host.stores.users.list({ limit: 9 })).map(({ id }) => id))).toEqual(known)
  })

  /** Goes every way that the flow has, and answers everything that it said and everything that nobody else may hear. */
  async function everything(host: MailHost) {
    const secrets = new Map<string, string>([[secret, "the host's secret"]])
    const said: string[] = []
    const listen = async (answer: Response): Promise<string> => {
      const text = await answer.text()
      said.push(JSON.stringify([...answer.headers].filter(([name]) => name !== "set-cookie")))
      // The page behind a link is for whoever holds the link already.
      if (!text.includes('type="hidden"')) said.push(text)
      return text
    }
    const noteHeld = (browser: TestClient): void => {
      const [asker = "", half = ""] = splitHeld(heldBy(browser))
      secrets.set(asker, "what says which browser it is").set(asker.split(".")[2] ?? "", "its digest")
      secrets.set(half, "the half of a code").set(half.split(".")[1] ?? "", "its MAC")
      const session = browser.cookies.get("__Host-session")
      if (session) secrets.set(session.slice(23), "session")
    }
    const ask = async (email: string, browser = host.browser(), fields: object = {}) => {
      await listen(await browser.post("/auth/magic-link", { json: { email, ...fields } }))
      await settled()
      noteHeld(browser)
      const mail = host.mails.at(-1)
      const token = mail ? tokenIn(mail) : ""
      secrets.set(token, "link").set(token.split(".")[1] ?? "", "MAC of a link")
      secrets.set(mail?.code ?? "", "code").set(email, "address")
      return { browser, token, code: mail?.code ?? "", path: mail ? pathIn(mail) : "" }
    }
    const post = async (browser: TestClient, path: string, fields: Record<string, string>) => {
      for (const body of [{ json: fields }, { form: fields }]) {
        await listen(await browser.post(path, body))
        noteHeld(browser)
      }
    }

    const first = await ask(person, host.browser(), { return_to: "/canary" })
    await post(first.browser, "/auth/magic-link/code", { code: "12" })
    await listen(await host.browser().get(first.path))
    await listen(await first.browser.get(first.path))
    noteHeld(first.browser)
    await listen(await first.browser.get(first.path))
    await post(host.browser(), "/auth/magic-link/confirm", { token: first.token })
    await listen(await first.browser.get("/auth/session"))
    await listen(await first.browser.get("/auth/sessions"))
    const second = await ask(person)
    await post(second.browser, "/auth/magic-link/code", { code: second.code })
    const squatted = "canary.squatted@example.com"
    await host.stores.users.create({ email: squatted, emailVerifiedAt: null, createdAt: 1 })
    await host.auth.flows.password.register({ ...ada, email: "canary.registered@example.com" })
    const third = await ask("canary.registered@example.com")
    await post(third.browser, "/auth/magic-link/confirm", { token: third.token })
    await post(third.browser, "/auth/magic-link/confirm", { token: third.token, claim: "yes" })
    const fourth = await ask(squatted)
    await post(fourth.browser, "/auth/magic-link/confirm", { token: `${fourth.token}x` })
    host.clock.advance(600_000)
    await post(fourth.browser, "/auth/magic-link/confirm", { token: fourth.token })
    await post(fourth.browser, "/auth/magic-link/code", { code: fourth.code })
    for (let n = 0; n < 6; n++) await post(host.browser(), "/auth/magic-link", { email: person })
    await settled()
    secrets.delete("")
    return { said, secrets }
  }

  test("no link, code, cookie or address in any event, fault, answer, log line, session, inspection or store", async () => {
    const host = listeningHost()
    const { said, secrets } = await everything(host)
    const causes = host.events.flatMap((event) => (event.type === "sign_in.refused" ? [event.cause] : []))
    expect(causes).toEqual(
      expect.arrayContaining([
        "code_wrong",
        "link_used",
        "claim_required",
        "link_invalid",
        "link_expired",
        "code_expired",
      ]),
    )
    expect(host.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["magic_link.requested", "user.claimed", "limit.hit", "sign_in.succeeded"]),
    )
    expect(new Set(secrets.values()).size).toBe(10)
    const deep = { depth: 12, showHidden: true, getters: true } as const
    const sessions = await Promise.all(
      (await host.stores.users.list({ limit: 9 })).map(({ id }) => host.auth.sessions.list(id)),
    )
    // Whoever has confirmed is a user, and of users the address is kept: nothing else is.
    const inStores = host.kept().replaceAll(/^users\..*$|"email":"[^"]*"/gm, "")
    const texts: Readonly<Record<string, string>> = {
      answers: said.join("\n"),
      events: JSON.stringify(host.events),
      faults: inspect(host.faults, deep),
      sessions: inspect(sessions, deep),
      inspections: [host.auth, host.auth.flows.magicLink, host.auth.sessions]
        .map((one) => inspect(one, deep))
        .join(),
      json: JSON.stringify([host.auth, host.auth.flows]),
      stores: inStores,
    }
    for (const [where, text] of Object.entries(texts)) {
      expect([where, text.length > 0]).toEqual([where, true])
      for (const [value, what] of secrets) {
        for (const one of [value, encodeURIComponent(value), Buffer.from(value).toString("base64")])
          expect([where, what, text.includes(one)]).toEqual([where, what, false])
      }
    }
  })

  test("what a sender fails with is logged without what it carries", async () => {
    const lines: string[] = []
    vi.spyOn(console, "error").mockImplementation(
      (...parts: unknown[]) => void lines.push(parts.map(String).join(" ")),
    )
    const mails: { url: string; code: string | undefined }[] = []
    const host = mailApp({
      magicLink: {
        send: async (mail) => {
          mails.push(mail)
          throw Object.assign(new Error("The service said no."), { mail, cause: new Error(mail.url) })
        },
      },
    })
    await host.browser().post("/auth/magic-link", { json: { email: person } })
    await settled()
    for (const fault of host.faults) logFault(fault)
    expect(lines.join("\n")).toContain("The service said no.")
    expect(mails).toHaveLength(1)
    for (const value of [person, mails[0]?.code ?? "?", tokenIn(mails[0] ?? { url: "https://x.example" })])
      expect(lines.join("\n")).not.toContain(value)
  })
})

describe("second factors, passkeys, and links in mails about an account", () => {
  const number = "+4915155501234"
  const moved = "canary.moved@example.com"
  const deep = { depth: 12, showHidden: true, getters: true } as const
  /** Has no second factor, and must have one: a mailbox will do. */
  const bare = { email: "canary.bare@example.com", password: ada.password }
  const required = ({ email }: { readonly email: string }): boolean => email === bare.email

  /** A host whose stores are overheard; `kept` leaves out what is asked of the users by an address. */
  function listeningHost(flows: Flows = {}) {
    const clock = adjustableClock(Date.UTC(2026, 10, 22, 12))
    const memory = memoryStores({ clock })
    const { heard, stores } = overheardStores(memory)
    const kept = (): string =>
      heard()
        .split("\n")
        .filter((line) => !line.startsWith("users."))
        .join("\n")
    const sent = noneSent()
    const host = oauthApp(remote, {
      ...{ clock, stores, password: { knownDevices: knownDevices() } },
      flows: { mfa: secondFactors(sent, { required }), ...(flows as object) },
    })
    return { ...host, kept, memory, sent }
  }

  type Host = ReturnType<typeof listeningHost>

  /** Goes every way; answers what was said to whoever came, but where it shows a secret to its owner, and all that nobody else may hear. */
  async function everything(host: Host) {
    /** What can be guessed, so that a digest without a key would give it away. */
    const guessable = new Map<string, string>()
    const random = new Map<string, string>()
    const said: string[] = []
    const user = await account(host, { verified: true })

    const note = (browser: TestClient): void => {
      for (const [name, value] of browser.cookies) {
        // The beginning of a session's cookie is its id.
        for (const part of new Set([value, ...value.split(/[.~]/)]))
          if (part.length > 21 && !(name === "__Host-session" && part.length < 43)) random.set(part, name)
      }
    }
    const ask = async (browser: TestClient, path: string, json?: unknown, headers = {}) => {
      const answer = await (json === undefined ? browser.get(path) : browser.post(path, { json, headers }))
      await settled()
      note(browser)
      return answer
    }
    const hear = async (browser: TestClient, path: string, json?: unknown): Promise<number> => {
      const answer = await ask(browser, path, json)
      said.push(
        await answer.text(),
        JSON.stringify([...answer.headers].filter(([name]) => name !== "set-cookie")),
      )
      return answer.status
    }
    const shown = async (browser: TestClient, path: string, json: unknown, headers = {}) =>
      (await (await ask(browser, path, json, headers)).json()) as Readonly<Record<string, unknown>>
    const link = async (kind: Parameters<typeof tokenMailed>[1] | "reset_password"): Promise<string> => {
      const { url } = await host.accountMail.nextAccountMail(kind)
      const token = new URL(url).searchParams.get("token") ?? ""
      const [payload = "", mac = ""] = token.split(".")
      const { id } = JSON.parse(Buffer.from(payload, "base64url").toString())
      random.set(token, kind).set(mac, `${kind}, MAC`).set(payload, `${kind}, payload`).set(id, `${kind}, id`)
      return token
    }
    const login = async (browser = host.browser()): Promise<TestClient> => {
      host.clock.advance(30_000)
      expect(await hear(browser, "/auth/login", ada)).toBe(401)
      return browser
    }
    const verify = (browser: TestClient, factor: string, code: string, more = {}): Promise<number> =>
      hear(browser, "/auth/mfa/verify", { factor, code, ...more })
    const codeSent = (): string => {
      const mail = host.sent.mails.filter(({ kind }) => kind === "second_factor").at(-1)
      const code = mail?.kind === "second_factor" ? mail.code : ""
      guessable.set(code, "code by mail")
      return code
    }
    const codeTexted = (): string => {
      const code = host.sent.messages.at(-1)?.code ?? ""
      guessable.set(code, "code by SMS")
      return code
    }
    const noteCodes = (codes: unknown): readonly string[] => {
      for (const code of codes as string[])
        guessable.set(code, "recovery code").set(code.replaceAll("-", ""), "recovery code, bare")
      return codes as string[]
    }

    // An app.
    const own = host.browser()
    expect(await hear(own, "/auth/login", ada)).toBe(200)
    const { uri } = await shown(own, "/auth/mfa/enrol", { factor: "totp" })
    const app = authenticatorApp(`${uri}`, host.clock)
    guessable.set(new URL(`${uri}`).searchParams.get("secret") ?? "", "seed, base32")
    for (const encoding of ["base64", "base64url", "hex"] as const)
      guessable.set(
        app.key.toString(encoding).replace(/=+$/, ""),
        encoding === "hex" ? "seed, hex" : "seed, base64",
      )
    const wrong = (): object => ({ factor: "totp", code: app.wrongCode() })
    expect(await hear(own, "/auth/mfa/enrol/confirm", wrong())).toBe(401)
    const enrolled = await shown(own, "/auth/mfa/enrol/confirm", { factor: "totp", code: app.code() })
    noteCodes(enrolled["recoveryCodes"])
    const [recovery = ""] = noteCodes((await shown(own, "/auth/mfa/recovery-codes", {}))["codes"])

    // A telephone.
    await hear(own, "/auth/mfa/enrol", { factor: "phone", number })
    guessable.set(number, "number").set(number.slice(1), "number, bare")
    expect(await hear(own, "/auth/mfa/enrol/confirm", { factor: "phone", code: codeTexted() })).toBe(200)

    // Every factor, wrong and right; a browser that is remembered.
    const remembered = await login()
    expect(await verify(remembered, "totp", app.wrongCode())).toBe(401)
    expect(await verify(remembered, "totp", app.code(), { remember: true })).toBe(200)
    expect(await hear(remembered, "/auth/logout", {})).toBe(200)
    expect(await hear(remembered, "/auth/login", ada)).toBe(200)
    await account(host, { email: bare.email, verified: true })
    const byMail = host.browser()
    expect(await hear(byMail, "/auth/login", bare)).toBe(401)
    await hear(byMail, "/auth/mfa/begin", { factor: "email" })
    expect(await verify(byMail, "email", codeSent())).toBe(200)
    expect(await verify(byMail, "email", codeSent())).toBe(401)
    const byText = await login()
    await hear(byText, "/auth/mfa/begin", { factor: "phone" })
    expect(await verify(byText, "phone", codeTexted())).toBe(200)
    const byCode = await login()
    expect(await verify(byCode, "recovery_code", recovery)).toBe(200)
    expect(await verify(await login(), "recovery_code", recovery)).toBe(401)
    const headers = { "mortise-session": "tokens" }
    const kept = await shown(host.browser(), "/auth/login", ada, headers)
    random.set(`${kept["challenge"]}`, "challenge")
    expect(await hear(host.browser(), "/auth/mfa/verify", { ...wrong(), ...kept })).toBe(401)

    // A passkey.
    const key = authenticator()
    const options = (await shown(own, "/auth/passkey/register/options", {}))["options"] as CreationOptions
    random.set(options.challenge, "challenge of a registration")
    expect(await hear(own, "/auth/passkey/register", { response: key.create(options) })).toBe(200)
    const keyed = host.browser()
    for (const outcome of [200, 401]) {
      const asked = (await shown(keyed, "/auth/passkey/sign-in/options", {}))["options"] as RequestOptions
      random.set(asked.challenge, "challenge of a sign-in")
      const response = key.get(asked, outcome === 200 ? {} : { counter: 0 })
      expect(await hear(keyed, "/auth/passkey/sign-in", { response })).toBe(outcome)
    }
    for (const path of ["/auth/mfa", "/auth/passkeys", "/auth/sessions", "/auth/session"])
      expect(await hear(own, path)).toBe(200)
    const numbers = new RegExp(`\\${number}`, "g")
    // To its owner the number is shown, and nothing else of it.
    said.push((await (await ask(own, "/auth/account/export")).text()).replaceAll(numbers, ""))

    // Links.
    await host.stores.users.update(user.id, { emailVerifiedAt: null })
    await hear(own, "/auth/email/verify/request", {})
    const verification = await link("verify_email")
    for (const [token, status] of [
      [`${verification}x`, 400],
      [verification, 200],
    ] as const)
      expect([token, await hear(host.browser(), "/auth/email/verify", { token })]).toEqual([token, status])
    await hear(own, "/auth/email/change", { email: moved })
    const change = await link("confirm_email")
    guessable.set(moved, "the new address")
    expect(await hear(own, "/auth/email/confirm", { token: `${change}x` })).toBe(400)
    expect(await hear(own, "/auth/email/confirm", { token: change })).toBe(200)
    const undo = await link("email_changed")
    expect(await hear(host.browser(), "/auth/email/undo", { token: undo })).toBe(200)
    expect(await hear(host.browser(), "/auth/email/undo", { token: undo })).toBe(410)
    await hear(host.browser(), "/auth/password/forgot", { email: ada.email })
    const reset = await link("reset_password")
    expect(await hear(host.browser(), "/auth/password/reset", { token: reset, password: "short" })).toBe(422)
    for (const status of [200, 410])
      expect(
        await hear(host.browser(), "/auth/password/reset", { token: reset, password: ada.password }),
      ).toBe(status)
    const again = await login()
    expect(await verify(again, "totp", app.code())).toBe(200)
    expect(await hear(again, "/auth/account/deactivate", {})).toBe(200)
    const reactivation = await link("reactivate_account")
    expect(await hear(host.browser(), "/auth/account/reactivate", { token: reactivation })).toBe(200)
    await settled()
    return { app, guessable, random, said, user }
  }

  test("no seed, code, number, token, cookie or challenge in any event, fault, answer, inspection or store", async () => {
    const host = listeningHost()
    const { guessable, random, said, user } = await everything(host)
    expect(new Set([...guessable.values(), ...random.values()])).toEqual(
      new Set([
        ...["seed, base32", "seed, base64", "seed, hex"],
        ...["code by mail", "code by SMS", "number", "number, bare", "the new address"],
        ...["recovery code", "recovery code, bare", "challenge"],
        ...["challenge of a registration", "challenge of a sign-in"],
        ...["__Host-session", "__Host-device", "__Host-mfa", "__Host-mfa-device", "__Host-passkey"],
        ...["verify_email", "confirm_email", "email_changed", "reset_password", "reactivate_account"].flatMap(
          (kind) => [kind, `${kind}, MAC`, `${kind}, payload`, `${kind}, id`],
        ),
      ]),
    )
    expect(host.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        ...["factor.enrolled", "factor.passed", "factor.refused", "factor.code_sent", "device.remembered"],
        ...["password.reset", "password.reset_refused", "email.changed", "email.change_undone"],
        ...["user.deactivated", "user.reactivated", "sign_in.refused"],
      ]),
    )
    const { flows, sessions, users } = host.auth
    const views = [
      await sessions.list(user.id),
      await flows.mfa.factors(user.id),
      await flows.passkey.passkeys(user.id),
    ]
    const texts: Readonly<Record<string, string>> = {
      answers: said.join("\n"),
      events: JSON.stringify(host.events),
      log: JSON.stringify(await host.stores.audit.list({ limit: 1000 })),
      faults: inspect(host.faults, deep),
      views: inspect(views, deep),
      inspections: [host.auth, sessions, users, host.memory, ...Object.values(flows)]
        .map((one) => inspect(one, deep))
        .join(),
      json: JSON.stringify([host.auth, flows, host.memory]),
      stores: host.kept(),
    }
    const inAnyForm = (value: string): readonly string[] => [...spellingsOf(value), ...insideBase64(value)]
    // Of what nobody can guess a digest gives nothing away.
    const inPlain = (value: string): readonly string[] => [
      ...[value, encodeURIComponent(value)],
      ...(["base64url", "hex"] as const).map((encoding) => Buffer.from(value).toString(encoding)),
    ]
    const found = (text: string): readonly string[] =>
      (
        [
          [guessable, inAnyForm],
          [random, inPlain],
        ] as const
      ).flatMap(([all, formsOf]) =>
        [...all]
          .filter(([value]) => formsOf(value).some((form) => text.includes(form)))
          .map(([, what]) => what),
      )
    for (const [where, text] of Object.entries(texts)) {
      expect([where, text.length > 0]).toEqual([where, true])
      expect([where, found(text)]).toEqual([where, []])
    }
    // A careless store's are found, each.
    const careless = [...[...guessable.keys()].map((value) => spellingsOf(value).at(-1)), ...random.keys()]
    expect(found(JSON.stringify(careless))).toHaveLength(guessable.size + random.size)
    for (const what of ["mfa:default:", "mfa-enrolment:", "passkey:default:sign-in:"])
      expect(texts["stores"]).toContain(what)
    expect(texts["log"]).toContain("factor.passed")
  })

  test("a dump of every store is no challenge, no remembered browser and no link", async () => {
    const host = listeningHost()
    const { app } = await everything(host)
    host.clock.advance(30_000)
    const waiting = host.browser()
    expect((await waiting.post("/auth/login", { json: ada })).status).toBe(401)
    await host.auth.flows.password.forgot({ email: ada.email })
    const { url } = await host.accountMail.nextAccountMail("reset_password")
    const [payload = ""] = (new URL(url).searchParams.get("token") ?? "").split(".")
    const words = [...new Set(host.kept().match(/[\w.$=,+/-]{20,}/g))]
    expect(words.length).toBeGreaterThan(50)
    const { deactivation, email, mfa, password } = host.auth.flows
    for (const word of words) {
      expect(await mfa.challenge({ challenge: word })).toBeUndefined()
      const answer = app.code()
      expect(await mfa.verify({ challenge: word, factor: "totp", answer })).toMatchObject({ ok: false })
      for (const token of [word, `${payload}.${word}`]) {
        expect((await password.peekReset({ token })).ok).toBe(false)
        expect((await deactivation.peek({ token })).ok).toBe(false)
        for (const action of ["verify-email", "confirm-email", "undo-email"] as const)
          expect((await email.peek(action, { token })).ok).toBe(false)
      }
    }
    for (const word of words.filter((_, n) => n % 7 === 0)) {
      const cookie = `__Host-mfa-device=${word}; __Host-device=${word}; __Host-mfa=${word}`
      const answer = await host.browser().post("/auth/login", { json: ada, headers: { cookie } })
      expect([word, answer.status]).toEqual([word, 401])
    }
    // The challenge itself is good all the same.
    expect(
      (await waiting.post("/auth/mfa/verify", { json: { factor: "totp", code: app.code() } })).status,
    ).toBe(200)
  })

  test("what a sender of codes and links fails with is logged without what it carries", async () => {
    const lines: string[] = []
    vi.spyOn(console, "error").mockImplementation(
      (...parts: unknown[]) => void lines.push(parts.map(String).join(" ")),
    )
    const carried: string[] = []
    const refuse = async (what: object): Promise<never> => {
      carried.push(...Object.values(what).filter((value) => typeof value === "string" && value.length > 5))
      throw Object.assign(new Error("The service said no."), { what, cause: new Error(inspect(what)) })
    }
    const host = listeningHost({
      mfa: mfa({
        required,
        factors: [totp({ issuer: "Example" }), smsCode({ appName: "Example", send: refuse }), emailCode()],
        send: refuse,
      }),
      email: emailAddress({ send: refuse, verifyOnRegistration: false }),
      deactivation: deactivation({ send: refuse }),
    })
    await account(host, { verified: true })
    const own = host.browser()
    await post(own, "/auth/login", ada)
    const { app } = await enrolTotp(host, own)
    await own.post("/auth/mfa/enrol", { json: { factor: "phone", number } })
    await own.post("/auth/email/change", { json: { email: moved } })
    host.clock.advance(30_000)
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    await account(host, { email: bare.email, verified: true })
    const another = host.browser()
    await another.post("/auth/login", { json: bare })
    await another.post("/auth/mfa/begin", { json: { factor: "email" } })
    await post(browser, "/auth/mfa/verify", { factor: "totp", code: app.code() })
    await browser.post("/auth/account/deactivate", { json: {} })
    await settled()
    for (const fault of host.faults) logFault(fault)
    expect(lines.join("\n")).toContain("The service said no.")
    const secrets = carried.filter((value) => /\d{6}|token=|@/.test(value))
    expect(secrets.some((value) => value.includes("token="))).toBe(true)
    expect(secrets).toContain(number)
    expect(secrets.some((value) => /^\d{8}$/.test(value))).toBe(true)
    for (const value of secrets) expect(lines.join("\n")).not.toContain(value)
    expect(lines.join("\n")).not.toContain(app.key.toString("hex"))
  })
})
