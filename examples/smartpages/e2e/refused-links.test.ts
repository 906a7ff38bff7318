import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { launchBrowser, openVisit } from "../../../tools/e2e/visit.js"
import { type Locale, locales } from "../words/locale.js"
import { wordsIn } from "../words/words.js"
import { askForLink } from "./asked-link.js"
import { mintLink } from "./minted-link.js"
import { dataDirectory, patience, type RunningDemo, startDemo } from "./running-demo.js"
import { newAddress, placeOf } from "./visit.js"

const secret = crypto.randomUUID()
let demo: RunningDemo
let browser: Browser
let data: Awaited<ReturnType<typeof dataDirectory>>

beforeAll(async () => {
  data = await dataDirectory()
  demo = await startDemo({ dataDirectory: data.path, secret })
  browser = await launchBrowser()
}, patience)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
  await data?.remove()
})

/** Every kind of link that does not work, with the status and the words of its page. */
const kinds = [
  {
    kind: "used before",
    status: 410,
    words: { en: "The link has been used.", de: "Der Link wurde schon benutzt." },
    async link(locale: Locale): Promise<string> {
      const { link } = await askForLink(demo.url, newAddress(), locale)
      const owner = await openVisit(browser)
      await owner.page.goto(link)
      await owner.page.getByRole("button").click()
      await owner.page.waitForURL(/dashboard/)
      await owner.page.context().close()
      return link
    },
  },
  {
    kind: "expired",
    status: 410,
    words: { en: "The link has expired.", de: "Der Link ist abgelaufen." },
    link: (locale: Locale) => mintLink({ origin: demo.url, secret, locale, age: 11 }),
  },
  {
    kind: "tampered",
    status: 400,
    words: { en: "The link is not complete, or was not made by us.", de: "Der Link ist unvollständig" },
    async link(locale: Locale): Promise<string> {
      const link = new URL(await mintLink({ origin: demo.url, secret, locale }))
      const [payload = "", mac = ""] = link.searchParams.get("token")?.split(".") ?? []
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString())
      const changed = Buffer.from(JSON.stringify({ ...claims, email: "victim@example.com" }))
      link.searchParams.set("token", `${changed.toString("base64url")}.${mac}`)
      return link.href
    },
  },
  {
    kind: "of another secret",
    status: 400,
    words: { en: "The link is not complete, or was not made by us.", de: "Der Link ist unvollständig" },
    link: (locale: Locale) => mintLink({ origin: demo.url, secret: crypto.randomUUID(), locale }),
  },
] as const

describe.each(locales)("in %s", (locale) => {
  test.each(kinds)("a link $kind gets a page that says so, and leads to another mail", async (each) => {
    const link = await each.link(locale)
    // Of another language than the link: the link's counts.
    const { page, complaints } = await openVisit(browser, { locale: locale === "de" ? "en" : "de" })
    const response = await page.goto(link)
    expect(response?.status()).toBe(each.status)
    expect(await page.locator("html").getAttribute("lang")).toBe(locale)
    expect(await page.title()).toContain("SmartPages")
    await page.getByRole("alert").filter({ hasText: each.words[locale] }).waitFor()
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain("__Host-session")

    await page
      .getByRole("link", { name: locale === "de" ? "Neuen Link anfordern" : "Ask for a new link" })
      .click()
    expect(placeOf(page)).toBe(`/${locale}/login`)
    await page.getByLabel(wordsIn(locale).emailLabel).fill(newAddress())
    await page.getByRole("button", { name: wordsIn(locale).sendLink }).click()
    await page.getByRole("heading", { name: wordsIn(locale).sentHeading }).waitFor()
    // The browser notes the status of the page by itself; anything else would be ours.
    expect(complaints.filter((complaint) => !/status of 4(00|10)/.test(complaint))).toEqual([])
  })

  test("what the four links have in common works: a link that is none of them signs in", async () => {
    const { page } = await openVisit(browser)
    await page.goto(await mintLink({ origin: demo.url, secret, locale, age: 9 }))
    await page.getByRole("button").click()
    await page.waitForURL(`${demo.url}/${locale}/dashboard`)
  })
})

test("a link without a token, or with half of one, is refused in the browser's language", async () => {
  const { page } = await openVisit(browser, { locale: "de" })
  for (const query of ["", "?token=", "?token=x.y", `?token=${"x".repeat(8000)}`]) {
    const response = await page.goto(`${demo.url}/auth/confirm${query}`)
    expect(response?.status()).toBe(400)
    expect(await page.locator("html").getAttribute("lang")).toBe("de")
    await page.getByRole("alert").waitFor()
  }
})
