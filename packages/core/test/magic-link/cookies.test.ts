import { describe, expect, test } from "vitest"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { mailApp, pathIn, userIn } from "./mail-app.js"

const name = "__Host-magic-link"

test("what says which browser asked is a cookie of this host alone, lives as long as the link, and no script reads it", async () => {
  const attributes = "; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax"
  for (const [code, value] of [
    [false, "[\\w-]{22}\\.[\\da-z]+\\.[\\w-]{43}"],
    [true, "[\\w-]{22}\\.[\\da-z]+\\.[\\w-]{43}\\.[\\w-]+\\.[\\w-]{43}"],
  ] as const) {
    const answer = await mailApp({ magicLink: { code } })
      .browser()
      .post("/auth/magic-link", { json: { email: ada.email } })
    const cookies = answer.headers.getSetCookie()
    expect(cookies).toHaveLength(1)
    expect(cookies[0]).toMatch(new RegExp(`^${name}=${value}${attributes}$`))
  }
})

test("it goes when it was of use, and with the session", async () => {
  const host = mailApp()
  const browser = host.browser()
  const mail = await host.mailTo(ada.email, browser)
  const gone = `${name}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`
  expect((await browser.get(pathIn(mail))).headers.getSetCookie()).toContain(gone)
  expect((await browser.post("/auth/logout")).headers.getSetCookie()).toContain(gone)
})

test("each realm has its own", async () => {
  const host = mailApp({ realm: "admin" })
  const browser = host.browser()
  await host.mailTo(ada.email, browser)
  expect([...browser.cookies.keys()]).toEqual(["__Host-admin-magic-link"])
})

/** Has the form of one, and was signed by nobody. */
const forged = `${"A".repeat(22)}.zzzzzzzz.${"A".repeat(43)}`

/** Each part of a cookie's value with another first character. */
function changed(value: string): string {
  const parts = value.split(".").map((part) => `${part.startsWith("A") ? "B" : "A"}${part.slice(1)}`)
  return parts.join(".")
}

function markIn(browser: TestClient): string {
  return (browser.cookies.get(name) ?? "").split(".").slice(0, 3).join(".")
}

describe("what says which browser it is", () => {
  test("stays as long as a link lives, so that the links of two attempts take one click, and no longer", async () => {
    const host = mailApp()
    const browser = host.browser()
    await host.mailTo(ada.email, browser)
    const first = markIn(browser)
    host.clock.advance(599_999)
    await host.mailTo(ada.email, browser)
    expect(markIn(browser)).toBe(first)
    host.clock.advance(1)
    const mail = await host.mailTo(ada.email, browser)
    expect(markIn(browser)).not.toBe(first)
    browser.cookies.set(name, first)
    expect((await browser.get(pathIn(mail))).status).toBe(200)
  })

  test("is not taken over unless it was made here: neither a forged one nor one of another secret, nor with another date", async () => {
    const other = mailApp({ secret: "another-secret-of-32-characters-0123456789" })
    const elsewhere = other.browser()
    await other.mailTo(ada.email, elsewhere)
    const host = mailApp()
    const browser = host.browser()
    await host.mailTo(ada.email, browser)
    const [id, , digest] = markIn(browser).split(".")
    for (const planted of [forged, markIn(elsewhere), `${id}.zzzzzzzz.${digest}`]) {
      browser.cookies.set(name, planted)
      await host.mailTo("eve@example.com", browser)
      expect(markIn(browser)).not.toBe(planted)
    }
  })

  test("of another browser that asked for another link is good for that link alone", async () => {
    const host = mailApp()
    const [one, other] = [host.browser(), host.browser()]
    const mail = await host.mailTo(ada.email, one)
    await host.mailTo("eve@example.com", other)
    expect((await other.get(pathIn(mail))).status).toBe(200)
    expect(await userIn(other)).toBeUndefined()
  })
})

describe("a cookie that somebody has meddled with", () => {
  const spoilt: readonly (readonly [string, (genuine: string) => string])[] = [
    ["doubled", (value) => `${name}=${value}; ${name}=${value}`],
    ["doubled, another first", (value) => `${name}=${forged}; ${name}=${value}`],
    ["doubled, another last", (value) => `${name}=${value}; ${name}=${forged}`],
    ["quoted", (value) => `${name}="${value}"`],
    ["in another case", (value) => `__host-magic-link=${value}`],
    ["inside another value", (value) => `x=${name}=${value}`],
    ["as the end of another name", (value) => `x${name}=${value}`],
    ["cut", (value) => `${name}=${value.slice(0, 42)}`],
    ["empty", () => `${name}=`],
    ["forged", () => `${name}=${forged}`],
    ["changed in each part", (value) => `${name}=${changed(value)}`],
    ["in another order", (value) => `${name}=${value.split(".").reverse().join(".")}`],
    ["a hundred kilobytes of others before", (value) => `${"a=1; ".repeat(20_000)}x${name}=${value}`],
    ["of a hundred kilobytes", () => `${name}=${"A".repeat(100_000)}`],
    ["without an equals sign", () => name],
  ]

  test.each(spoilt)("%s: no click signs in, no code is right, and nothing is used up", async (_, spoil) => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const headers = { cookie: spoil(browser.cookies.get(name) ?? "") }
    const stranger = host.browser()
    const clicked = await stranger.get(pathIn(mail), { headers })
    expect([clicked.status, clicked.headers.getSetCookie()]).toEqual([200, []])
    const typed = await stranger.post("/auth/magic-link/code", { json: { code: mail.code }, headers })
    expect([typed.status, typed.headers.getSetCookie()]).toEqual([410, []])
    expect(await userIn(stranger)).toBeUndefined()
    expect((await browser.get(pathIn(mail))).status).toBe(303)
  })

  test.each(spoilt)("%s: asking makes a new one, which works", async (_, spoil) => {
    const host = mailApp()
    const before = host.browser()
    await host.mailTo("eve@example.com", before)
    const browser = host.browser()
    const headers = { cookie: spoil(before.cookies.get(name) ?? "") }
    const answer = await browser.post("/auth/magic-link", { json: { email: ada.email }, headers })
    expect(answer.status).toBe(202)
    const value = browser.cookies.get(name) ?? ""
    expect(value).toMatch(/^[\w-]{22}\.[\da-z]+\.[\w-]{43}\./)
    expect(markIn(browser)).not.toBe(markIn(before))
    await new Promise((resolve) => setTimeout(resolve, 0))
    const mail = host.mails.at(-1)
    expect((await browser.get(pathIn(mail ?? { url: "" }))).status).toBe(303)
  })

  test("only what has the form of one is taken over, so nothing that was planted comes back as an attribute", async () => {
    const planted = [
      `${forged} Domain=evil.example`,
      `${forged}.x Domain=evil.example`,
      "x, y=1",
      `${forged}, Domain=evil.example`,
    ]
    for (const value of planted) {
      const host = mailApp()
      const browser = host.browser()
      const headers = { cookie: `${name}=${value}` }
      const answer = await browser.post("/auth/magic-link", { json: { email: ada.email }, headers })
      expect(answer.headers.getSetCookie()).toHaveLength(1)
      expect(answer.headers.getSetCookie()[0]).not.toContain("evil.example")
    }
  })

  test("a half that belongs to another browser's secret is still only a half", async () => {
    const host = mailApp()
    const [victim, attacker] = [host.browser(), host.browser()]
    const mail = await host.mailTo(ada.email, victim)
    await host.mailTo("eve@example.com", attacker)
    // Who can plant a cookie here plants their own attempt; the code in the victim's mail is none of it.
    victim.cookies.set(name, attacker.cookies.get(name) ?? "")
    const answer = await victim.post("/auth/magic-link/code", { json: { code: mail.code } })
    expect(await answer.json()).toMatchObject({ reason: "code_invalid" })
    expect(await userIn(victim)).toBeUndefined()
  })
})
