/** The built-in letters as a mail program of the browser's kind shows them, reads them out and copies from them. */

import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { launchBrowser } from "../../../../tools/e2e/visit.js"
import { letterWriter } from "../../src/mail.js"
import { signInMail } from "../../test/mail/sign-in-mail.js"

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** The longest link that there may be: a token with 1 KiB of the host's own. */
const url = `https://app.example.com/auth/magic-link/confirm?token=${"Aa0-_".repeat(500)}`

/** Shows a letter, and notes what a letter must not do. */
async function shown(
  locale: "en" | "de",
  { appName = "SmartPages", ...options }: BrowserContextOptions & { readonly appName?: string } = {},
): Promise<{ readonly page: Page; readonly deeds: readonly string[] }> {
  const { html } = await letterWriter({ appName }).write(signInMail({ locale, url }))
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const deeds: string[] = []
  page.on("request", (request) => deeds.push(request.url()))
  page.on("dialog", (dialog) => {
    deeds.push(dialog.message())
    return dialog.dismiss()
  })
  page.on("console", (message) => deeds.push(message.text()))
  await page.setContent(html)
  return { page, deeds }
}

/** Roles and names that Chromium hands to screen readers. What is in an image is not read: its children are presentational. */
async function spokenOn(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send("Accessibility.getFullAXTree")
  const byId = new Map(nodes.map((node) => [node.nodeId, node]))
  const read = (id: string): readonly string[] => {
    const { childIds = [], ignored, name, role } = byId.get(id) ?? {}
    const own = ignored ? [] : [`${role?.value}: ${name?.value}`]
    return role?.value === "image" ? own : [...own, ...childIds.flatMap(read)]
  }
  return read(nodes[0]?.nodeId ?? "")
}

describe.each(["en", "de"] as const)("the letter in %s", (locale) => {
  const action = locale === "en" ? "Sign in to SmartPages" : "Anmelden bei SmartPages"

  test("is read out with its heading, its link by name and its code by digits", async () => {
    const { page, deeds } = await shown(locale)
    expect(await page.title()).toBe(action)
    const spoken = await spokenOn(page)
    expect(spoken).toContain(`heading: ${action}`)
    expect(spoken).toContain(`link: ${action}`)
    expect(spoken).toContain("image: 8 6 4 2 9 7 5 3")
    // Nothing else is read of the code.
    expect(spoken.join()).not.toMatch(/8642|9753/)
    expect(await page.getByRole("link").count()).toBe(1)
    expect(await page.getByRole("link").getAttribute("href")).toBe(url)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale)
    expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe("ltr")
    expect(deeds).toEqual([])
  })

  test("shows the code in two groups, and gives it to the clipboard in one", async () => {
    const { page } = await shown(locale)
    const code = page.getByRole("img")
    const [left, right] = await code
      .locator("span")
      .evaluateAll((groups) => groups.map((group) => group.getBoundingClientRect()))
    expect((right?.left ?? 0) - (left?.right ?? 0)).toBeGreaterThan(8)
    await code.evaluate((element) => getSelection()?.selectAllChildren(element))
    expect(await page.evaluate(() => `${getSelection()}`)).toBe("86429753")
  })

  test.each([320, 640, 1280])(
    "needs no sideways scrolling at %i pixels, at twice the size",
    async (width) => {
      const { page } = await shown(locale, { viewport: { width, height: 800 } })
      const sideways = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      const sizeOf = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize))
      expect(await sideways()).toBe(0)
      const before = await sizeOf()
      await page.addStyleTag({ content: "html { font-size: 200% }" })
      expect(await sizeOf()).toBe(before * 2)
      expect(await sideways()).toBe(0)
      const target = await page.getByRole("link").boundingBox()
      // WCAG 2.2, 2.5.8.
      expect(Math.min(target?.height ?? 0, target?.width ?? 0)).toBeGreaterThan(44)
    },
  )

  test.each(["light", "dark"] as const)("can be read in %s colours", async (colorScheme) => {
    const { page } = await shown(locale, { colorScheme })
    // What a page without colours of its own stands on.
    await page.evaluate(() =>
      document.body.append(Object.assign(document.createElement("i"), { id: "canvas" })),
    )
    await page.addStyleTag({ content: "#canvas { color: Canvas }" })
    const brightnessOf = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const [, red, green, blue] = /(\d+), (\d+), (\d+)/.exec(getComputedStyle(element).color) ?? []
          return (Number(red) + Number(green) + Number(blue)) / 765
        })
    const canvas = await brightnessOf("#canvas")
    expect(canvas > 0.5).toBe(colorScheme === "light")
    for (const selector of ["h1", "p", "a", "[role=img]"]) {
      expect(Math.abs((await brightnessOf(selector)) - canvas)).toBeGreaterThan(0.85)
    }
  })

  test("does nothing that a name tells it", async () => {
    const appName = `"><img src=https://eve.example.com/x onerror=alert(1)><script>alert(2)</script>`
    const { page, deeds } = await shown(locale, { appName })
    expect(await page.locator("img, script").count()).toBe(0)
    expect(await page.getByRole("heading").textContent()).toContain(appName)
    expect(deeds).toEqual([])
  })
})
