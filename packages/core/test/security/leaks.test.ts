import { createHash } from "node:crypto"
import { inspect } from "node:util"
import { describe, expect, test, vi } from "vitest"
import { StoreError } from "../../src/errors.js"
import { splitHeld } from "../../src/flows/magic-link/asking-browser.js"
import { logFault } from "../../src/http/fault-log.js"
import { memoryStores } from "../../src/memory.js"
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
import { overheardStores } from "../oauth/overheard-stores.js"

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
