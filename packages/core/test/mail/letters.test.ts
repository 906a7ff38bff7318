import { describe, expect, test } from "vitest"
import { letterWriter, type MailTemplate, signInLetter } from "../../src/mail.js"
import { readOf } from "./read-letter.js"
import { signInMail } from "./sign-in-mail.js"
import { mailFault } from "./thrown.js"

const appName = "SmartPages"
const plain: MailTemplate = ({ url }) => ({ subject: "Hello", text: url, html: `<p>${url}</p>` })
const locales = ["en", "de"] as const

describe.each(locales)("the built-in mail in %s", (locale) => {
  const writer = letterWriter({ appName })

  test("says the same as text and as HTML", async () => {
    const mail = signInMail({ locale })
    const { subject, text, html } = await writer.write(mail)
    const read = readOf(html)
    expect(read).toHaveLength(9)
    // Heading, sentence, link, sentence, address, sentence, code, validity, warning: all but what only a link needs.
    const [heading, openLink, linkText, , address, ...others] = [...read]
    expect([heading, linkText]).toEqual([subject, subject])
    expect(address).toBe(mail.url)
    const lines = text.split("\n").filter((line) => line !== "")
    expect(lines).toEqual([
      subject,
      openLink,
      mail.url,
      ...others.map((line) => line.replace("86429753", "8642 9753")),
    ])
  })

  test("has link, code, name and end of validity", async () => {
    const mail = signInMail({ locale })
    const { subject, text, html } = await writer.write(mail)
    expect(subject).toContain(appName)
    expect(text).toContain(`\n${mail.url}\n`)
    expect(text).toContain("\n8642 9753\n")
    expect(html).toContain(`href="${mail.url.replaceAll("&", "&#38;")}"`)
    for (const form of [text, html]) expect(form).toContain("2026")
    for (const form of [text, html]) expect(form).toContain("16:50 UTC")
  })

  test("without a code mentions none", async () => {
    const { text, html } = await writer.write(signInMail({ locale, code: undefined }))
    for (const form of [text, html]) expect(form).not.toMatch(/code|8642|undefined/i)
  })

  test("marks language, title and both colour schemes, and loads nothing", async () => {
    const { html, subject } = await writer.write(signInMail({ locale }))
    expect(html).toMatch(new RegExp(`^<!doctype html>\\n<html lang="${locale}"`))
    expect(html).toContain(`<div lang="${locale}"`)
    expect(html).toContain(`<title>${subject}</title>`)
    expect(html).toContain('<meta name="color-scheme" content="light dark">')
    expect(html).not.toMatch(/<(?:img|link|style|script|iframe|object)|\bsrc=|url\(|@import/i)
    // One address, and it is the link's.
    expect([...html.matchAll(/href=/g)]).toHaveLength(1)
    // Nothing is fixed that a reader may want larger or in other colours.
    expect(html).not.toMatch(/\dp[xt]\b|#[\da-f]{3,6}\b(?!;)|background/i)
  })

  test("spells the code for screen readers, and copies without gaps", async () => {
    const { html } = await writer.write(signInMail({ locale }))
    expect(html).toContain('role="img" aria-label="8 6 4 2 9 7 5 3"')
    expect(readOf(html)).toContain("86429753")
  })

  test.each([
    ["123456", "123 456"],
    ["1234567", "123 4567"],
  ])("writes the code %s as %s", async (code, written) => {
    expect((await writer.write(signInMail({ locale, code }))).text).toContain(`\n${written}\n`)
  })

  test("says the time in the host's zone", async () => {
    const { text } = await letterWriter({ appName, timeZone: "Europe/Berlin" }).write(signInMail({ locale }))
    expect(text).toMatch(/17:50 (?:MEZ|GMT\+1)/)
  })

  test("comes out the same each time", async () => {
    const mail = signInMail({ locale })
    expect(await writer.write(mail)).toEqual(await writer.write(mail))
  })

  test("escapes whatever comes from outside", async () => {
    const bait = `"><img src=x onerror=alert(1)>'&<script>`
    const mail = signInMail({
      locale,
      url: `https://app.example.com/?a=${bait}`,
      code: `1<b>"' `,
      metadata: bait,
    })
    const { html, text } = await letterWriter({ appName: bait }).write(mail)
    expect(html).not.toMatch(/<(?:img|script|b)\b/)
    // No attribute was left, or entered, by a quote.
    const tags = html.match(/<[^>]*>/g) ?? []
    for (const tag of tags) {
      expect(tag).toMatch(/^<(?:!doctype html|\/?[a-z][a-z\d]*(?: [a-z-]+="[^"<>]*")*)>$/)
    }
    expect(tags.length).toBeGreaterThan(20)
    expect(text).toContain(bait)
  })

  test("shows no metadata", async () => {
    const { html, text, subject } = await writer.write(
      signInMail({ locale, metadata: { plan: "canary-plan" } }),
    )
    for (const form of [html, text, subject]) expect(form).not.toContain("canary-plan")
  })
})

test("the two languages differ in every sentence", async () => {
  const writer = letterWriter({ appName })
  const [english, german] = await Promise.all(locales.map((locale) => writer.write(signInMail({ locale }))))
  expect(english?.text).toContain("21, 2026")
  expect(german?.text).toContain("21. November 2026")
  const sentences = (text = ""): readonly string[] => text.split("\n").filter((line) => /[a-z] /.test(line))
  expect(sentences(english?.text)).toHaveLength(5)
  for (const sentence of sentences(english?.text)) expect(german?.text).not.toContain(sentence)
})

describe("a host's templates", () => {
  test("replace one locale and leave the other", async () => {
    const writer = letterWriter({ appName, templates: { de: plain } })
    expect(writer.locales).toEqual(["en", "de"])
    expect((await writer.write(signInMail({ locale: "de" }))).subject).toBe("Hello")
    expect((await writer.write(signInMail({ locale: "en" }))).subject).toBe("Sign in to SmartPages")
  })

  test("add a locale, and get the whole mail and what the host is called", async () => {
    const seen: unknown[] = []
    const writer = letterWriter({
      appName,
      timeZone: "Europe/Paris",
      templates: {
        fr: (mail, host) => {
          seen.push(mail, host)
          return plain(mail, host)
        },
      },
    })
    expect(writer.locales).toEqual(["en", "de", "fr"])
    const mail = { ...signInMail({ metadata: { plan: "pro" } }), locale: "fr" as const }
    expect(await writer.write(mail)).toEqual({ to: mail.to, ...plain(mail, { appName, timeZone: "UTC" }) })
    expect(seen).toEqual([mail, { appName, timeZone: "Europe/Paris" }])
  })

  test("may be the built-in letter in another language", async () => {
    const fr = signInLetter({
      language: "fr",
      signIn: (name) => `Connexion à ${name}`,
      openLink: "Ouvrez ce lien :",
      copyAddress: "Ou copiez cette adresse :",
      enterCode: "Ou saisissez ce code :",
      validUntil: (until) => `Valable jusqu'au ${until}.`,
      notYou: "Sinon, ignorez ce message.",
    })
    const { html, text } = await letterWriter({ appName, templates: { fr } }).write({
      ...signInMail(),
      locale: "fr",
    })
    expect(html).toContain('<html lang="fr" dir="auto">')
    expect(text).toContain("Valable jusqu'au 21 novembre 2026")
  })

  test("may come from a database", async () => {
    const writer = letterWriter({
      appName,
      templates: { de: async (mail, host) => ({ ...(await plain(mail, host)), subject: "Aus der Tabelle" }) },
    })
    expect((await writer.write(signInMail({ locale: "de" }))).subject).toBe("Aus der Tabelle")
  })

  test("that throw are heard as they are", async () => {
    const down = new Error("no such table: templates")
    const writer = letterWriter({ appName, templates: { de: () => Promise.reject(down) } })
    await expect(writer.write(signInMail({ locale: "de" }))).rejects.toBe(down)
  })

  test.each(["a\r\nBcc: eve@example.com", "a\nb", "a\u0000b", "a\u2028b", "a\u0085b\r\n\tc"])(
    "have a subject on one line: %j",
    async (subject) => {
      const writer = letterWriter({
        appName,
        templates: { de: (mail, host) => ({ ...Object(plain(mail, host)), subject }) },
      })
      const letter = await writer.write(signInMail({ locale: "de" }))
      expect(letter.subject).toMatch(/^a [ -~]*$/)
    },
  )

  test.each([
    undefined,
    null,
    "text",
    {},
    { subject: "a", text: "b" },
    { subject: "", text: "b", html: "c" },
  ])("that answer %j send nothing", async (content) => {
    const writer = letterWriter({ appName, templates: { de: (() => content) as unknown as MailTemplate } })
    expect(await mailFault(writer.write(signInMail({ locale: "de" })))).toBe("invalid: template")
  })

  test("cannot name a file in place of a text", async () => {
    const content = { subject: "a", text: { path: "/etc/passwd" }, html: "c" }
    const writer = letterWriter({ appName, templates: { de: (() => content) as unknown as MailTemplate } })
    expect(await mailFault(writer.write(signInMail({ locale: "de" })))).toBe("invalid: template")
  })
})

describe("what is not written", () => {
  const writer = letterWriter({ appName })

  test.each(["fr", "", "EN", "__proto__", "constructor", "toString"])(
    "a mail in the locale %j",
    async (locale) => {
      expect(await mailFault(writer.write(signInMail({ locale })))).toBe("invalid: locale")
    },
  )

  test.each([
    "ada@example.com, eve@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "Ada <ada@example.com>",
    "ADA@example.com",
    " ada@example.com",
    "ada@example.com;eve@example.com",
    "ada",
    "",
  ])("a mail to %j", async (to) => {
    expect(await mailFault(writer.write(signInMail({ to })))).toBe("invalid: address")
  })

  test.each(["javascript:alert(1)", "data:text/html,x", "/auth/confirm", ""])("a link to %j", async (url) => {
    expect(await mailFault(writer.write(signInMail({ url })))).toBe("invalid: link")
  })
})
