import { describe, expect, test } from "vitest"
import { ada } from "../app.js"
import { next, opens, type ResetAppOptions, type ResetHost, resetApp, settled } from "./reset-app.js"

async function ask(host: ResetHost, email: string, peer?: string): Promise<number> {
  return (await host.browser(peer).post("/auth/password/forgot", { json: { email } })).status
}

async function answers(count: number, of: (n: number) => Promise<number>): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n < count; n++) all.push(await of(n))
  return all
}

const limits = (host: ResetHost) =>
  host.events.flatMap((event) => (event.type === "limit.hit" ? [event.limit] : []))

describe("mails", () => {
  test("five to one address in a quarter of an hour, from wherever they are asked for", async () => {
    const host = resetApp()
    await host.account()
    const statuses = await answers(7, (n) => ask(host, n % 2 ? "ADA@example.com" : ada.email, `192.0.2.${n}`))
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429, 429])
    expect(limits(host)).toEqual(["password_reset.address", "password_reset.address"])
    await settled()
    expect(host.mail.accountMails).toHaveLength(5)
    const answer = await host.browser().post("/auth/password/forgot", { form: { email: ada.email } })
    expect(answer.headers.get("location")).toMatch(/^\/forgot-password\?error=rate_limited&retry_after=\d+$/)
    host.clock.advance(900_000)
    expect(await ask(host, ada.email)).toBe(202)
  })

  test("fifty from one network in ten minutes, whoever is meant; an IPv6 customer is one", async () => {
    for (const peer of [() => "192.0.2.1", (n: number) => `2001:db8:0:1::${n.toString(16)}`]) {
      const host = resetApp()
      const statuses = await answers(51, (n) => ask(host, `user${n}@example.com`, peer(n)))
      expect(statuses.filter((status) => status === 202)).toHaveLength(50)
      expect([statuses[50], limits(host)]).toEqual([429, ["password_reset.network"]])
      expect(await ask(host, "one@example.com", "203.0.113.9")).toBe(202)
    }
  })

  test("ten to the aliases of one mailbox in an hour, and none of them cost the plain address", async () => {
    const host = resetApp()
    const statuses = await answers(11, (n) => ask(host, `ada+${n}@example.com`, `192.0.2.${n}`))
    expect(statuses.filter((status) => status === 202)).toHaveLength(10)
    expect(limits(host)).toEqual(["password_reset.mailbox"])
    expect(await ask(host, ada.email)).toBe(202)
  })

  test("of 64 at once over two instances, limit 7: seven", async () => {
    const reset = { limits: { address: { limit: 7, window: "1d" } } } as const
    const host = resetApp({ reset })
    await host.account()
    const { clock, mail, stores } = host
    const twin = resetApp({ clock, mail, reset, stores })
    const statuses = await Promise.all(
      Array.from({ length: 64 }, (_, n) => ask(n % 2 ? host : twin, ada.email, `192.0.2.${n}`)),
    )
    expect(statuses.filter((status) => status === 202)).toHaveLength(7)
    await settled()
    expect(mail.accountMails).toHaveLength(7)
  })

  test("realms count for themselves", async () => {
    const host = resetApp()
    const other = resetApp({ clock: host.clock, stores: host.stores, auth: { realm: "admin" } })
    expect(await answers(6, () => ask(host, ada.email))).toContain(429)
    expect(await ask(other, ada.email)).toBe(202)
  })
})

describe("links that are tried", () => {
  test("fifty from one network in ten minutes; then not even a good one, until they are over", async () => {
    const host = resetApp()
    await host.account()
    const token = await host.tokenFor()
    const before = host.events.length
    const tryOne = async (text: string): Promise<number> => {
      const json = { token: text, password: next }
      return (await host.browser().post("/auth/password/reset", { json })).status
    }
    expect(await answers(50, () => tryOne("x"))).toEqual(Array(50).fill(400))
    expect([await tryOne("x"), await tryOne(token)]).toEqual([429, 429])
    const types = host.events.slice(before).map(({ type }) => type)
    expect(types.filter((type) => type === "password.reset_refused")).toHaveLength(50)
    expect(host.hasher.computed()).toBe(1)
    host.clock.advance(600_000)
    expect(await tryOne(token)).toBe(200)
  })

  test("asking and trying are counted apart", async () => {
    const host = resetApp()
    await host.account()
    const token = await host.tokenFor()
    await answers(51, (n) => ask(host, `user${n}@example.com`))
    const answer = await host.browser().post("/auth/password/reset", { json: { token, password: next } })
    expect([answer.status, await opens(host, next)]).toEqual([200, true])
  })
})

describe("options that are wrong are refused while the flow is built", () => {
  const rows: readonly (readonly [string, NonNullable<ResetAppOptions["reset"]>, RegExp])[] = [
    ["no sender", { send: undefined as never }, /^resetByMail: send.* Write /],
    ["no language", { locales: [] as never }, /^resetByMail: locales.* Write /],
    [
      "a sender without a language",
      { send: Object.assign(async () => {}, { locales: ["en"] }) },
      /accountTemplates: { de/,
    ],
    ["a lifetime of two days", { lifetime: "2d" }, /^resetByMail: lifetime.* Write /],
    ["a lifetime that is none", { lifetime: "soon" as never }, /resetByMail\.lifetime/],
    ["a page elsewhere", { pages: { reset: "//evil.example" } }, /^resetByMail\.pages.* Write /],
    ["a page with a fragment", { pages: { forgot: "/forgot#x" } }, /^resetByMail\.pages.* Write /],
    ["a page that is no path", { pages: { reset: "reset" as never } }, /^resetByMail\.pages.* Write /],
    [
      "a limit below nothing",
      { limits: { network: { limit: -1, window: "1h" } } },
      /^resetByMail: limits\.network\.limit/,
    ],
    [
      "a window that is none",
      { limits: { mailbox: { limit: 1, window: "x" as never } } },
      /resetByMail\.limits\.mailbox\.window/,
    ],
  ]
  test.each(rows)("%s", (_, reset, about) => {
    expect(() => resetApp({ reset })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(about) }),
    )
    expect(() => resetApp({ reset })).toThrow(expect.objectContaining({ name: "ConfigError" }))
  })
})
