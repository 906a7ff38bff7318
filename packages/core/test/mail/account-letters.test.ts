/** Letters about accounts: every kind and every notice, in both built-in languages. */
import { describe, expect, test } from "vitest"
import { accountEn } from "../../src/mail/templates/account-en.js"
import { type AccountTemplate, letterWriter } from "../../src/mail.js"
import { accountMail, accountMails } from "./account-mails.js"
import { readOf } from "./read-letter.js"
import { canaries, signInMail } from "./sign-in-mail.js"
import { mailFault } from "./thrown.js"

const appName = "SmartPages"
const writer = letterWriter({ appName })
const locales = ["en", "de"] as const
const plain: AccountTemplate = ({ kind }) => ({ subject: kind, text: kind, html: `<p>${kind}</p>` })

describe.each(locales)("in %s", (locale) => {
  describe.each(accountMails)("%s", (_what, english) => {
    const mail = { ...english, locale }
    const [url, code] = ["url" in mail ? mail.url : undefined, "code" in mail ? mail.code : undefined]

    test("says the same as text and as HTML, under a subject of one line with the host's name", async () => {
      const { subject, text, html } = await writer.write(mail)
      expect(subject).toContain(appName)
      expect(subject).toMatch(/^[^\r\n]{10,78}$/)
      const [heading, ...read] = readOf(html)
      expect(heading).toBe(subject)
      const lines = text.split("\n").filter((line) => line !== "")
      // A link has a text of its own, and a sentence for who cannot open it.
      const inText = url === undefined ? read : read.filter((_, at) => at !== 1 && at !== 2)
      expect(lines).toEqual([
        subject,
        ...inText.map((line) => (line === code ? `${code.slice(0, 4)} ${code.slice(4)}` : line)),
      ])
      expect(read).toHaveLength(url ? 6 : code ? 4 : 2)
    })

    test("has its link once as a link and once in full, its code in groups, and the time with its zone", async () => {
      const { text, html } = await writer.write(mail)
      expect([...html.matchAll(/href=/g)]).toHaveLength(url ? 1 : 0)
      expect(text.includes(canaries.token)).toBe(url !== undefined)
      expect(text.includes("8642 9753")).toBe(code !== undefined)
      if (url) expect(html).toContain(`href="${url.replaceAll("&", "&#38;")}"`)
      if (url) expect(readOf(html)).toContain(url)
      if (code) expect(html).toContain('role="img" aria-label="8 6 4 2 9 7 5 3"')
      const hasTime = (form: string): boolean => form.includes("16:50 UTC") && form.includes("2026")
      expect([hasTime(text), hasTime(html)]).toEqual([true, true])
    })

    test("looks as every letter does, and loads nothing", async () => {
      const { html, subject } = await writer.write(mail)
      const frame = (letter: string): string => letter.replace(/<title>.*<\/h1>/s, "")
      const [head = ""] = frame(html).split("<p ")
      const [usual] = frame((await writer.write(signInMail({ locale }))).html).split("<p ")
      expect(head).toBe(usual)
      expect(html).toContain(`<title>${subject}</title>`)
      expect(html).not.toMatch(/<(?:img|link|style|script|iframe|object)|\bsrc=|url\(|@import/i)
      expect(html).not.toMatch(/\dp[xt]\b|#[\da-f]{3,6}\b(?!;)|background/i)
    })

    test("escapes whatever comes from outside", async () => {
      const bait = `"><img src=x onerror=alert(1)>'&<script>`
      const baited = {
        ...mail,
        ...(url && { url: `https://app.example.com/?a=${bait}` }),
        ...(code && { code: `1<b>"' ` }),
      }
      const { html } = await letterWriter({ appName: bait }).write(baited)
      const tags = html.match(/<[^>]*>/g) ?? []
      for (const tag of tags) {
        expect(tag).toMatch(/^<(?:!doctype html|\/?(?!img|script|b\b)[a-z][a-z\d]*(?: [a-z-]+="[^"<>]*")*)>$/)
      }
      expect(tags.length).toBeGreaterThan(15)
    })

    test("has a subject on one line for a name that is one", async () => {
      const { subject } = await letterWriter({ appName: "Bücher & Söhne" }).write(mail)
      expect(subject).toContain("Bücher & Söhne")
      expect(subject).not.toMatch(/\p{Cc}/u)
    })

    test("comes out the same each time", async () => {
      expect(await writer.write(mail)).toEqual(await writer.write(mail))
    })
  })

  test("no two letters have one subject, nor one opening sentence", async () => {
    const letters = await Promise.all(accountMails.map(([, mail]) => writer.write({ ...mail, locale })))
    expect(new Set(letters.map(({ subject }) => subject)).size).toBe(letters.length)
    expect(new Set(letters.map(({ text }) => text.split("\n")[2])).size).toBe(letters.length)
  })
})

test.each(accountMails)("%s: the two languages share no sentence", async (_what, mail) => {
  const [english, german] = await Promise.all(locales.map((locale) => writer.write({ ...mail, locale })))
  const sentences = (text = ""): readonly string[] => text.split("\n").filter((line) => /[a-z] /.test(line))
  expect(sentences(english?.text).length).toBeGreaterThanOrEqual(3)
  for (const sentence of sentences(english?.text)) expect(german?.text).not.toContain(sentence)
  expect(german?.text).toContain("21. November 2026")
})

describe("a host's templates", () => {
  test("replace one kind of mail and leave the others", async () => {
    const own: AccountTemplate<undefined> = (mail, host) =>
      mail.kind === "reset_password" ? plain(mail, host) : undefined
    const { write } = letterWriter({ appName, accountTemplates: { en: own } })
    expect((await write(accountMail("reset_password"))).subject).toBe("reset_password")
    expect(await write(accountMail("verify_email"))).toEqual(await writer.write(accountMail("verify_email")))
    const inGerman = accountMail("reset_password", { locale: "de" })
    expect(await write(inGerman)).toEqual(await writer.write(inGerman))
  })

  test("add a locale, and get the whole mail and what the host is called", async () => {
    const seen: unknown[] = []
    const fr: AccountTemplate = (mail, host) => {
      seen.push(mail, host)
      return plain(mail, host)
    }
    const options = { appName, timeZone: "Europe/Paris", accountTemplates: { fr } }
    const added = letterWriter(options)
    expect([added.locales, added.accountLocales]).toEqual([
      ["en", "de"],
      ["en", "de", "fr"],
    ])
    const mail = { ...accountMail("second_factor"), locale: "fr" as const }
    expect(await added.write(mail)).toMatchObject({ to: mail.to, subject: "second_factor" })
    expect(seen).toEqual([mail, { appName, timeZone: "Europe/Paris" }])
    // It has words for accounts, not for signing in.
    const signIn = { ...signInMail(), locale: "fr" } as unknown as ReturnType<typeof signInMail>
    expect(await mailFault(added.write(signIn))).toBe("invalid: locale")
  })

  test("that answer nothing in a locale of their own send nothing", async () => {
    const fr = (() => undefined) as unknown as AccountTemplate
    const added = letterWriter({ appName, accountTemplates: { fr } })
    const mail = { ...accountMail("notice"), locale: "fr" as const }
    expect(await mailFault(added.write(mail))).toBe("invalid: template")
  })

  test("may build on a built-in letter, and from a database", async () => {
    const en: AccountTemplate = async (mail, host) => ({ ...(await accountEn(mail, host)), subject: "Ours" })
    const { write } = letterWriter({ appName, accountTemplates: { en } })
    const letter = await write(accountMail("verify_email"))
    expect(letter).toEqual({ ...(await writer.write(accountMail("verify_email"))), subject: "Ours" })
  })

  test("that throw are heard as they are; a subject of many lines becomes one", async () => {
    const down = new Error("no such table: templates")
    const broken = letterWriter({ appName, accountTemplates: { de: () => Promise.reject(down) } })
    await expect(broken.write(accountMail("notice", { locale: "de" }))).rejects.toBe(down)
    const twoLines: AccountTemplate = () => ({ subject: "a\r\nBcc: eve@example.com", text: "b", html: "c" })
    const { write } = letterWriter({ appName, accountTemplates: { en: twoLines } })
    expect((await write(accountMail("notice"))).subject).toBe("a Bcc: eve@example.com")
  })
})

describe.each(accountMails)("%s is not written", (_what, mail) => {
  test.each(["fr", "", "EN", "__proto__", "constructor"])("in the locale %j", async (locale) => {
    expect(await mailFault(writer.write({ ...mail, locale: locale as "en" }))).toBe("invalid: locale")
  })

  test.each([
    "ada@example.com, eve@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "Ada <ada@example.com>",
    "ADA@example.com",
    "",
  ])("to %j", async (to) => {
    expect(await mailFault(writer.write({ ...mail, to }))).toBe("invalid: address")
  })
})

test.each(accountMails.filter(([, mail]) => "url" in mail))(
  "%s has a web address or is not written",
  async (_what, mail) => {
    for (const url of ["javascript:alert(1)", "data:text/html,x", "/auth/link", "", undefined]) {
      expect(await mailFault(writer.write({ ...mail, url } as typeof mail))).toBe("invalid: link")
    }
  },
)

test.each([
  { kind: "welcome" },
  { kind: "constructor", url: "https://app.example.com" },
  { kind: "notice", notice: "toString" },
])("a mail that nobody has words for is not written: %j", async (body) => {
  const mail = { ...accountMail("notice"), ...body } as unknown as ReturnType<typeof accountMail>
  expect(await mailFault(writer.write(mail))).toBe("invalid: kind")
})
