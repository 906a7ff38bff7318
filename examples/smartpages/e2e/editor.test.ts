import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { launchBrowser, openVisit, watch } from "../../../tools/e2e/visit.js"
import { type Locale, locales } from "../words/locale.js"
import { wordsIn } from "../words/words.js"
import { askForLink } from "./asked-link.js"
import { patience } from "./running-demo.js"
import { openStage, type Stage } from "./stage.js"
import { newAddress, placeOf } from "./visit.js"

let stage: Stage
let browser: Browser

beforeAll(async () => {
  stage = await openStage()
  browser = await launchBrowser()
}, patience)
afterAll(async () => {
  await browser?.close()
  await stage?.close()
})

describe.each(locales)("in %s", (locale) => {
  const words = wordsIn(locale)

  test("two windows: the one that saves second hears of it, and chooses", async () => {
    const first = await signedIn(locale)
    const second = await openDashboard(first, locale)
    await save(first, locale, "From the first")
    await first.getByText(words.saved, { exact: true }).waitFor()

    await save(second, locale, "From the second")
    await second.getByText(words.conflict).waitFor()
    expect(await title(second, locale).inputValue(), "nothing typed is lost").toBe("From the second")
    await second.getByRole("button", { name: words.conflictKeepMine }).click()
    await second.getByText(words.saved, { exact: true }).waitFor()

    await save(first, locale, "From the first, again")
    await first.getByRole("button", { name: words.conflictTakeTheirs }).click()
    expect(await title(first, locale).inputValue()).toBe("From the second")
    await save(first, locale, "Agreed")
    await first.getByText(words.saved, { exact: true }).waitFor()
    await second.reload()
    await title(second, locale).waitFor()
    expect(await title(second, locale).inputValue()).toBe("Agreed")
  })

  test("what is wrong with a field is said at the field, which has the focus", async () => {
    const page = await signedIn(locale)
    await page.getByLabel(words.fieldPhone).fill("call me")
    await save(page, locale, "  ")
    await page.getByText(words.invalidSummary).waitFor()
    for (const complaint of [words.invalidTitle, words.invalidPhone])
      await page.getByText(complaint).waitFor()
    const focused = page.locator(":focus")
    expect(await focused.getAttribute("name")).toBe("title")
    const described = await focused.getAttribute("aria-describedby")
    expect(await page.locator(`#${described}`).textContent()).toBe(words.invalidTitle)
    await page.getByLabel(words.fieldPhone).fill("030 123-45")
    await save(page, locale, "Better")
    await page.getByText(words.saved, { exact: true }).waitFor()
    expect(await page.locator("[aria-invalid=true]").count()).toBe(0)
  })

  test("signed out in another window: the save is not lost silently, and the way back leads here", async () => {
    const page = await signedIn(locale)
    const other = await openDashboard(page, locale)
    await other.getByRole("button", { name: words.signOut }).click()
    await other.waitForURL(/login/)
    await save(page, locale, "Too late")
    await page.getByText(words.signedOutMeanwhile).waitFor()
    await page.getByRole("link", { name: words.signInAgain }).click()
    expect(placeOf(page)).toBe(`/${locale}/login?return_to=%2F${locale}%2Fdashboard`)
    expect(await page.locator('input[name="return_to"]').first().inputValue()).toBe(`/${locale}/dashboard`)
  })

  test("somebody else signed in in another window: what was typed for one is not saved for the other", async () => {
    const page = await signedIn(locale)
    const { link } = await askForLink(stage.url, newAddress(), locale)
    const other = await page.context().newPage()
    await other.goto(link)
    await other.getByRole("button").click()
    await title(other, locale).waitFor()
    const theirs = await title(other, locale).inputValue()
    await save(page, locale, "Typed for the first")
    await page.getByText(words.signedOutMeanwhile).waitFor()
    await other.reload()
    await title(other, locale).waitFor()
    expect(await title(other, locale).inputValue()).toBe(theirs)
  })

  test("the data Worker is down: the page says so, keeps what was typed, and goes on when it is back", async () => {
    const page = await signedIn(locale)
    const records = await stage.miniflare.getD1Database("RECORDS", "smartpages-data")
    await records.exec("alter table customer_records rename to away")
    try {
      await save(page, locale, "Typed meanwhile")
      await page.getByText(words.unavailable).waitFor()
      expect(await title(page, locale).inputValue()).toBe("Typed meanwhile")
      const later = await openDashboard(page, locale)
      await later.getByText(words.unavailable).waitFor()
      await records.exec("alter table away rename to customer_records")
      await later.getByRole("button", { name: words.tryAgain }).click()
      await title(later, locale).waitFor()
      await page.getByRole("button", { name: words.save }).click()
      await page.getByText(words.saved, { exact: true }).waitFor()
    } finally {
      await records.exec("alter table away rename to customer_records").catch(() => {})
    }
  })
})

test("without a connection the editor says the same", async () => {
  const page = await signedIn("en")
  await page.context().setOffline(true)
  await save(page, "en", "Offline")
  await page.getByText(wordsIn("en").unavailable).waitFor()
  await page.context().setOffline(false)
  await page.getByRole("button", { name: wordsIn("en").save }).click()
  await page.getByText(wordsIn("en").saved, { exact: true }).waitFor()
})

test.each([
  ["light", 390],
  ["dark", 1280],
] as const)(
  "in %s mode, %i pixels wide, nothing sticks out and nothing is complained about",
  async (colorScheme, width) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const complaints = watch(page)
    await page.goto(`${stage.url}/de/login`)
    await expectNoOverflow(page)
    const { link } = await askForLink(stage.url, `${"x".repeat(60)}@${"long-".repeat(10)}example.com`, "de")
    await page.goto(link)
    await expectNoOverflow(page)
    await page.getByRole("button").click()
    await title(page, "de").waitFor()
    await expectNoOverflow(page)
    expect(complaints).toEqual([])
    await stage.miniflare
      .getD1Database("CUSTOMERS", "smartpages-core")
      .then((customers) => customers.exec("delete from customers"))
  },
)

async function expectNoOverflow(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(overflow).toBe(0)
}

/** The dashboard of somebody new, loaded. */
async function signedIn(locale: Locale): Promise<Page> {
  const { link } = await askForLink(stage.url, newAddress(), locale)
  const { page } = await openVisit(browser)
  await page.goto(link)
  await page.getByRole("button").click()
  await title(page, locale).waitFor()
  return page
}

/** The dashboard once more, in another window of the same browser. */
async function openDashboard(page: Page, locale: Locale): Promise<Page> {
  const other = await page.context().newPage()
  await other.goto(`${stage.url}/${locale}/dashboard`)
  await other.getByRole("heading", { level: 1, name: wordsIn(locale).dashboardHeading }).waitFor()
  await other.waitForLoadState("networkidle")
  return other
}

function title(page: Page, locale: Locale) {
  return page.getByLabel(wordsIn(locale).fieldTitle)
}

async function save(page: Page, locale: Locale, text: string): Promise<void> {
  await title(page, locale).fill(text)
  await page.getByRole("button", { name: wordsIn(locale).save, exact: true }).click()
}
