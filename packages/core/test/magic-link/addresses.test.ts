import { describe, expect, test } from "vitest"
import { canonicalEmail } from "../../src/email-address.js"
import { mailApp, pathIn, settled } from "./mail-app.js"

/** What is looked up, kept unique and mailed is one string, however it was typed. */
describe("one spelling", () => {
  test.each([
    ["Ada@Example.COM", "ada@example.com"],
    ["  ada@example.com ", "ada@example.com"],
    ["a.d.a+tag@example.com", "a.d.a+tag@example.com"],
    ["o'neill@example.ie", "o'neill@example.ie"],
    ["ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
    ["ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
  ])("%s is looked up, mailed, shown and kept as %s", async (typed, email) => {
    const host = mailApp()
    const { users } = host.stores
    const lookedUp: string[] = []
    const stores = {
      ...host.stores,
      users: {
        ...users,
        findByEmail(address: string) {
          lookedUp.push(address)
          return users.findByEmail(address)
        },
      },
    }
    const watching = mailApp({ clock: host.clock, stores })
    const browser = watching.browser()
    const mail = await watching.mailTo(typed, browser)
    expect(mail.to).toBe(email)
    const shown = await (await watching.browser().get(pathIn(mail))).text()
    expect(shown).toContain(`<strong>${email.replaceAll("'", "&#39;")}</strong>`)
    expect((await browser.get(pathIn(mail))).status).toBe(303)
    expect((await users.list({ limit: 9 })).map((user) => user.email)).toEqual([email])
    expect(new Set(lookedUp)).toEqual(new Set([email]))
  })

  test("all spellings of one address are one user; plus tags and dots are others", async () => {
    const host = mailApp()
    for (const typed of ["ada@example.com", "ADA@example.com ", "ada+x@example.com", "a.da@example.com"]) {
      const browser = host.browser()
      await browser.get(pathIn(await host.mailTo(typed, browser)))
    }
    const kept = (await host.stores.users.list({ limit: 9 })).map(({ email }) => email)
    expect(kept.sort()).toEqual(["a.da@example.com", "ada+x@example.com", "ada@example.com"])
  })

  test("a look-alike domain is another mailbox", async () => {
    const host = mailApp()
    const mail = await host.mailTo("ada@exаmple.com", host.browser())
    expect(mail.to).toMatch(/^ada@xn--/)
  })
})

describe("what is no address is mailed to nobody", () => {
  const eve = "eve@evil.example"
  test.each<[string, string]>([
    ["a header by line feed", `ada@example.com\nBcc: ${eve}`],
    ["a header by carriage return and line feed", `ada@example.com\r\nBcc: ${eve}`],
    ["a header by carriage return", `ada@example.com\rBcc: ${eve}`],
    ["a header in front", `Bcc: ${eve}\r\nada@example.com`],
    ["a header in the local part", "ada\r\nBcc:eve@example.com"],
    ["an encoded line break", `ada@example.com%0d%0aBcc:${eve}`],
    ["a Unicode line separator", `ada@example.com\u2028Bcc:${eve}`],
    ["a vertical tab", `ada@example.com\u000bBcc:${eve}`],
    ["NUL", `ada@example.com\0${eve}`],
    ["a list with comma", `ada@example.com,${eve}`],
    ["a list with semicolon", `ada@example.com;${eve}`],
    ["a list with space", `ada@example.com ${eve}`],
    ["a group", `friends: ada@example.com, ${eve};`],
    ["a display name", `Ada <${eve}>`],
    ["angle brackets", `<${eve}>`],
    ["a quoted local part", '"ada,eve"@example.com'],
    ["a comment", "ada(comment)@example.com"],
    ["a source route", "@evil.example:ada@example.com"],
    ["two at-signs", "ada@example.com@evil.example"],
    ["a percent route", "ada%evil.example@"],
    ["a full-width at-sign", "ada＠example.com"],
    ["a small at-sign", "ada﹫example.com"],
    ["a homoglyph in the local part", "аda@example.com"],
    ["the Kelvin sign", "\u212Aate@example.com"],
    ["a dotless i", "ıda@example.com"],
    ["right-to-left override", "ada\u202E@example.com"],
    ["a zero-width space", "ada@exam\u200bple.com"],
    ["an IP literal", "ada@[127.0.0.1]"],
    ["a bare IP address", "ada@127.0.0.1"],
    ["a single label", "ada@localhost"],
    ["a port", "ada@example.com:25"],
    ["a trailing dot", "ada@example.com."],
    ["a local part of 65", `${"a".repeat(65)}@example.com`],
    ["a hundred thousand characters that a form takes", `${"a".repeat(10_000)}@example.com`],
  ])("%s", async (_, email) => {
    expect(canonicalEmail(email)).toBeUndefined()
    const host = mailApp()
    const asScript = await host.browser().post("/auth/magic-link", { json: { email } })
    expect([asScript.status, await asScript.json()]).toEqual([
      422,
      expect.objectContaining({ reason: "invalid_email" }),
    ])
    const asForm = await host.browser().post("/auth/magic-link", { form: { email } })
    expect(asForm.headers.get("location")).toBe("/en/login?error=invalid_email")
    for (const answer of [asScript, asForm]) expect(answer.headers.getSetCookie()).toEqual([])
    await settled()
    expect([host.mails, host.events]).toEqual([[], []])
  })

  test.each<[string, unknown]>([
    ["a list", ["ada@example.com", eve]],
    ["an object", { $ne: null }],
    ["a number", 1],
    ["true", true],
    ["null", null],
  ])("%s in JSON", async (_, email) => {
    const host = mailApp()
    const answer = await host.browser().post("/auth/magic-link", { json: { email } })
    await settled()
    expect([answer.status, host.mails]).toEqual([400, []])
  })

  test("a field that is posted twice", async () => {
    const host = mailApp()
    const answer = await host.browser().post("/auth/magic-link", {
      raw: `email=ada%40example.com&email=${encodeURIComponent(eve)}`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    })
    await settled()
    expect([answer.headers.getSetCookie(), host.mails]).toEqual([[], []])
  })
})

describe("what the sender gets", () => {
  test("is the address, the link on the host's own origin, and texts without control characters", async () => {
    const host = mailApp({ magicLink: { metadata: (body) => ({ note: String(body["note"]) }) } })
    const fields = { locale: "de", return_to: "/x?a=1#b", note: "a\r\nBcc: eve@evil.example" }
    const mail = await host.mailTo("ada@example.com", host.browser(), fields)
    const { metadata, ...own } = mail
    expect(Object.keys(own).sort()).toEqual(["code", "expiresAt", "locale", "to", "url"])
    for (const text of [own.to, own.url, own.locale, own.code ?? ""]) expect(text).toMatch(/^[!-~]+$/)
    // What of a posted body a host wants to have in a mail is the host's to escape: it comes as it was posted.
    expect(metadata).toEqual({ note: fields.note })
  })

  test("a body cannot say where the link leads, to whom it is mailed, or in which code", async () => {
    const host = mailApp()
    const evil = "https://evil.example"
    const fields = {
      to: "eve@evil.example",
      url: evil,
      origin: evil,
      code: "00000000",
      expiresAt: 9e15,
      cc: "x",
    }
    const mail = await host.mailTo("ada@example.com", host.browser(), fields)
    expect(JSON.stringify(mail)).not.toContain("evil.example")
    expect([mail.to, mail.expiresAt]).toEqual(["ada@example.com", host.clock() + 600_000])
  })

  test("nor who somebody is: role, id and verification in a body are nobody's", async () => {
    const host = mailApp()
    const browser = host.browser()
    const fields = {
      id: "1",
      role: "admin",
      emailVerified: true,
      disabledAt: null,
      metadata: { role: "admin" },
    }
    const mail = await host.mailTo("ada@example.com", browser, fields)
    expect(mail.metadata).toBeUndefined()
    await browser.get(pathIn(mail))
    const [user] = await host.stores.users.list({ limit: 9 })
    expect(user?.id).not.toBe("1")
    expect(JSON.stringify(user)).not.toContain("admin")
  })
})
