import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { launchBrowser, openVisit } from "../../../tools/e2e/visit.js"
import { type Locale, locales } from "../words/locale.js"
import { wordsIn } from "../words/words.js"
import { askForLink } from "./asked-link.js"
import { linkIn, mailTo } from "./mail.js"
import { patience } from "./running-demo.js"
import { openStage, type Stage } from "./stage.js"
import { newAddress } from "./visit.js"

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

/** Whoever opens a link without being asked to. `owner` has the cookie of the browser that asked. */
const visitors: readonly {
  name: string
  method: "GET" | "HEAD"
  headers: Record<string, string>
  owner?: true
}[] = [
  { name: "a mail scanner", method: "GET", headers: { "user-agent": "Mozilla/5.0 (scanner)" } },
  { name: "a scanner that takes HEAD", method: "HEAD", headers: {} },
  {
    name: "a link preview",
    method: "GET",
    headers: { "user-agent": "Slackbot-LinkExpanding 1.0", range: "bytes=0-32768" },
  },
  {
    name: "a scanner that plays browser",
    method: "GET",
    headers: { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  },
  { name: "HEAD by the browser that asked", method: "HEAD", headers: {}, owner: true },
  {
    name: "a prefetch by the browser that asked",
    method: "GET",
    headers: { "sec-purpose": "prefetch;prerender", "sec-fetch-site": "none", "sec-fetch-mode": "navigate" },
    owner: true,
  },
  {
    name: "an image in a page of the browser that asked",
    method: "GET",
    headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    owner: true,
  },
]

describe.each(locales)("in %s", (locale) => {
  test("nobody who only looks signs anybody in or uses anything up, and the owner's click works afterwards", async () => {
    const words = wordsIn(locale)
    const address = newAddress()
    const { page, complaints } = await openVisit(browser, { locale })
    await page.goto(`${stage.url}/${locale}/login`)
    await page.getByLabel(words.emailLabel).fill(address)
    await page.getByRole("button", { name: words.sendLink }).click()
    const link = linkIn(await mailTo(stage.url, address))
    const held = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
    expect(held).toContain("__Host-magic-link=")

    for (const { headers, method, name, owner } of visitors) {
      for (let time = 0; time < 3; time++) {
        const response = await fetch(link, {
          method,
          redirect: "manual",
          headers: owner ? { ...headers, cookie: held } : headers,
        })
        expect(response.status, name).toBe(200)
        expect(response.headers.getSetCookie(), name).toEqual([])
        if (method === "GET") expect(await response.text(), name).toContain(`lang="${locale}"`)
      }
      expect(await customersCalled(address), name).toBe(0)
    }

    await page.goto(`${stage.url}/mails`)
    await page.locator("li").filter({ hasText: address }).getByRole("link").click()
    await page.frameLocator("iframe").getByRole("link").first().click()
    await page.waitForURL(`${stage.url}/${locale}/dashboard`)
    expect(await customersCalled(address)).toBe(1)
    expect(complaints).toEqual([])
  })

  test("on another device the link shows a page in its language, whose button signs in there", async () => {
    const { link } = await askForLink(stage.url, newAddress(), locale)
    for (const javaScriptEnabled of [true, false]) {
      const { page } = await openVisit(browser, { javaScriptEnabled, locale: otherThan(locale) })
      await page.goto(link)
      expect(await page.locator("html").getAttribute("lang")).toBe(locale)
      await page.getByRole("heading", { level: 1 }).waitFor()
      expect((await page.context().cookies()).map(({ name }) => name)).not.toContain("__Host-session")
      if (javaScriptEnabled) continue
      await page.getByRole("button").click()
      await page.waitForURL(`${stage.url}/${locale}/dashboard`)
    }
  })
})

test("a page that another site shows in a frame, or that posts from there, signs nobody in", async () => {
  const { token, link } = await askForLink(stage.url, newAddress(), "en")
  const page = await fetch(link)
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
  const posted = await fetch(`${stage.url}/auth/confirm`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
    body: new URLSearchParams({ token }),
  })
  expect(posted.status).toBe(403)
  expect(posted.headers.getSetCookie()).toEqual([])
})

function otherThan(locale: Locale): Locale {
  return locale === "de" ? "en" : "de"
}

async function customersCalled(address: string): Promise<number> {
  const customers = await stage.miniflare.getD1Database("CUSTOMERS", "smartpages-core")
  return Number(
    await customers
      .prepare("select count(*) as rows from customers where email = ?")
      .bind(address)
      .first("rows"),
  )
}
