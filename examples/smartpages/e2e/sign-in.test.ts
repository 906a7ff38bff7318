import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { launchBrowser, openVisit } from "../../../tools/e2e/visit.js"
import { type Locale, locales } from "../words/locale.js"
import { noticeWords } from "../words/sign-in-words.js"
import { wordsIn } from "../words/words.js"
import { codeIn, linkIn, mailTo } from "./mail.js"
import { dataDirectory, patience, type RunningDemo, startDemo } from "./running-demo.js"
import { newAddress, placeOf } from "./visit.js"

let demo: RunningDemo
let browser: Browser
let data: Awaited<ReturnType<typeof dataDirectory>>

beforeAll(async () => {
  data = await dataDirectory()
  demo = await startDemo({ dataDirectory: data.path })
  browser = await launchBrowser()
}, patience)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
  await data?.remove()
})

const firstTitles: Readonly<Record<Locale, string>> = { en: "My page", de: "Meine Seite" }
const subjects: Readonly<Record<Locale, string>> = {
  en: "Your link to sign in to SmartPages",
  de: "Ihr Link zur Anmeldung bei SmartPages",
}

describe.each(locales)("in %s", (locale) => {
  const words = wordsIn(locale)

  test("login page → mail → click → dashboard → edit → save → reload → still there → sign out", async () => {
    const { page, complaints } = await openVisit(browser, { locale })
    const address = newAddress()
    await page.goto(demo.url)
    expect(placeOf(page)).toBe(`/${locale}/login`)
    // Before its script is there, the form posts itself.
    await page.locator("astro-island:not([ssr])").first().waitFor({ state: "attached" })
    await askForMail(page, locale, address)
    await page.getByRole("heading", { name: words.sentHeading }).waitFor()
    expect(placeOf(page), "the script asks without leaving the page").toBe(`/${locale}/login`)

    await clickInMail(page, locale, address)
    await page.waitForURL(`${demo.url}/${locale}/dashboard`)
    expect(await page.locator("html").getAttribute("lang")).toBe(locale)
    await page.getByRole("heading", { level: 1, name: words.dashboardHeading }).waitFor()
    await page.getByText(address).waitFor()
    const title = page.getByLabel(words.fieldTitle)
    await title.waitFor()
    expect(await title.inputValue()).toBe(firstTitles[locale])

    await title.fill("Bäckerei Krümel & Söhne <3")
    await page.getByLabel(words.fieldAbout).fill("Brot.\nUnd Kuchen.")
    await page.getByRole("button", { name: words.save }).click()
    await page.getByText(words.saved, { exact: true }).waitFor()
    await page.reload()
    await title.waitFor()
    expect(await title.inputValue()).toBe("Bäckerei Krümel & Söhne <3")
    expect(await page.getByLabel(words.fieldAbout).inputValue()).toBe("Brot.\nUnd Kuchen.")

    const cookie = (await page.context().cookies()).find(({ name }) => name === "__Host-session")
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax", path: "/" })
    await page.getByRole("button", { name: words.signOut }).click()
    await page.waitForURL(`${demo.url}/${locale}/login?notice=signed_out`)
    await page
      .getByRole("status")
      .filter({ hasText: noticeWords(locale, "signed_out") ?? "" })
      .waitFor()
    const replayed = await fetch(`${demo.url}/api/customer`, {
      headers: { cookie: `${cookie?.name}=${cookie?.value}` },
    })
    expect(replayed.status).toBe(401)
    expect(complaints).toEqual([])
  })

  test("without JavaScript the same link signs in, and the page says what happens", async () => {
    const { page, complaints } = await openVisit(browser, { javaScriptEnabled: false })
    const address = newAddress()
    await page.goto(`${demo.url}/${locale}/dashboard`)
    expect(placeOf(page)).toBe(`/${locale}/login?return_to=%2F${locale}%2Fdashboard`)

    await askForMail(page, locale, "nobody@localhost")
    await page
      .getByRole("alert")
      .filter({ hasText: /E-Mail-Adresse|email address/ })
      .waitFor()
    expect(await page.getByRole("heading", { name: words.sentHeading }).isVisible()).toBe(false)

    await askForMail(page, locale, address)
    await page.getByRole("heading", { name: words.sentHeading }).waitFor()
    await clickInMail(page, locale, address)
    await page.waitForURL(`${demo.url}/${locale}/dashboard`)
    await page.getByRole("heading", { level: 1, name: words.dashboardHeading }).waitFor()
    // Playwright turns scripts off without telling the parser, so what is inside is not shown here.
    expect(await page.locator("noscript").textContent()).toContain(words.needsScript)
    await page.goto(`${demo.url}/${locale}/login`)
    expect(placeOf(page), "who is signed in has no use for the form").toBe(`/${locale}/dashboard`)
    await page.getByRole("button", { name: words.signOut }).click()
    expect(placeOf(page)).toBe(`/${locale}/login?notice=signed_out`)
    await page
      .getByRole("status")
      .filter({ hasText: noticeWords(locale, "signed_out") ?? "" })
      .waitFor()
    expect(complaints).toEqual([])
  })

  test("the mail is read on another device: its code signs in where it was asked for", async () => {
    const { page, complaints } = await openVisit(browser)
    const address = newAddress()
    await page.goto(`${demo.url}/${locale}/login`)
    await askForMail(page, locale, address)
    const mail = await mailTo(demo.url, address)
    await page.getByLabel(words.codeLabel).fill("0000 0000")
    await page.getByRole("button", { name: words.useCode }).click()
    await page.waitForURL(/error=code_invalid/)
    await page
      .getByRole("alert")
      .filter({ hasText: /Ziffern|digits/ })
      .waitFor()
    await page.getByLabel(words.codeLabel).fill(codeIn(mail))
    await page.getByRole("button", { name: words.useCode }).click()
    await page.waitForURL(`${demo.url}/${locale}/dashboard`)
    await page.getByText(address).waitFor()
    // The link of the same mail is used up with it.
    await page.goto(linkIn(mail))
    expect(placeOf(page)).toContain("/auth/confirm?")
    expect(complaints.filter((complaint) => !complaint.includes("410"))).toEqual([])
  })

  test("a form that is refused says why and keeps what was typed", async () => {
    const { page } = await openVisit(browser)
    await page.goto(`${demo.url}/${locale}/login`)
    await page.waitForLoadState("networkidle")
    await askForMail(page, locale, "somebody@localhost")
    await page
      .getByRole("alert")
      .filter({ hasText: /E-Mail-Adresse|email address/ })
      .waitFor()
    expect(await page.getByLabel(words.emailLabel).inputValue()).toBe("somebody@localhost")
    expect(placeOf(page)).toBe(`/${locale}/login`)
  })
})

test("somebody who knows no language of ours gets the first one, and may change it", async () => {
  const { page } = await openVisit(browser, { locale: "fr-FR" })
  await page.goto(demo.url)
  expect(placeOf(page)).toBe("/en/login")
  await page.getByRole("link", { name: "Deutsch" }).click()
  expect(placeOf(page)).toBe("/de/login")
})

/** Fills in the form and sends it. */
async function askForMail(page: Page, locale: Locale, address: string): Promise<void> {
  const words = wordsIn(locale)
  await page.getByLabel(words.emailLabel).fill(address)
  await page.getByRole("button", { name: words.sendLink }).click()
}

/** Opens the mail where the demo shows it, as in a mail program, and clicks. */
async function clickInMail(page: Page, locale: Locale, address: string): Promise<void> {
  const mail = await mailTo(demo.url, address)
  expect(mail.subject).toBe(subjects[locale])
  await page.goto(`${demo.url}/mails`)
  await page.locator("li").filter({ hasText: address }).getByRole("link", { name: subjects[locale] }).click()
  await page.frameLocator("iframe").getByRole("link").first().click()
}
