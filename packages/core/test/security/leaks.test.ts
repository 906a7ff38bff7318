import { inspect } from "node:util"
import { describe, expect, test, vi } from "vitest"
import { StoreError } from "../../src/errors.js"
import { logFault } from "../../src/http/fault-log.js"
import { ada, app, appWithAda, secret } from "../app.js"

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
