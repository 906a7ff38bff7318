import type { Page } from "playwright-core"
import { describe, expect, test } from "vitest"
import { browserForFile, stageForFile } from "./stage.js"
import { look, openVisit, pathOf, signInAt } from "./visit.js"

const stage = stageForFile()
const browser = browserForFile()

/** Where each cookie belongs, and a page of everybody's own. */
const areas = [
  { name: "admin_token", path: "/admin", page: "/admin/dashboard" },
  { name: "store_token", path: "/store", page: "/store/ACME/dashboard" },
  { name: "customer_token", path: "/storefront", page: "/storefront/account/dashboard" },
] as const

describe.each([
  ["with JavaScript", true],
  ["without JavaScript", false],
])("%s", (_, javaScriptEnabled) => {
  test("one browser is signed in to all three areas, and each sees its own cookie alone", async () => {
    const { page, complaints } = await openVisit(browser(), { javaScriptEnabled })
    await signInEverywhere(page)

    const cookies = await page.context().cookies()
    expect(
      cookies.map(({ name, path, httpOnly, secure, sameSite }) => ({
        name,
        path,
        httpOnly,
        secure,
        sameSite,
      })),
    ).toEqual(
      expect.arrayContaining(
        areas.map(({ name, path }) => ({ name, path, httpOnly: true, secure: true, sameSite: "Lax" })),
      ),
    )
    expect(cookies).toHaveLength(3)
    for (const { expires, value } of cookies) expect(Math.abs(expires - expiryOf(value))).toBeLessThan(30)

    for (const { name, path, page: own } of areas) {
      expect(await look(page, stage.url + own)).toEqual({ status: 200, message: "", sent: [name] })
      expect(await receivedAt(page, `${path}/wire`)).toEqual([name])
      expect(await receivedAt(page, `/api/v1${path}/wire`)).toEqual([])
    }
    expect(await receivedAt(page, "/wire")).toEqual([])
    expect((await look(page, `${stage.url}/`)).sent).toEqual([])
    expect((await look(page, `${stage.url}/cookies`)).sent).toEqual([])
    expect(complaints).toEqual([])
  })

  test("signing out of one area leaves the others, and ends that session", async () => {
    const { page } = await openVisit(browser(), { javaScriptEnabled })
    await signInEverywhere(page)
    const copy = (await page.context().cookies()).find(({ name }) => name === "store_token")?.value

    await page.goto(`${stage.url}/store/ACME/dashboard`)
    await page.getByRole("button", { name: "Sign out" }).click()
    expect(pathOf(page)).toBe("/store/login")

    const left = (await page.context().cookies()).map(({ name }) => name)
    expect(left.sort()).toEqual(["admin_token", "customer_token"])
    expect(await look(page, `${stage.url}/store/ACME/dashboard`)).toEqual({
      status: 401,
      message: "Store authentication required",
      sent: [],
    })
    for (const { name, page: own } of areas.filter(({ path }) => path !== "/store")) {
      expect(await look(page, stage.url + own)).toMatchObject({ status: 200, sent: [name] })
    }
    const replayed = await fetch(`${stage.url}/store/ACME/dashboard`, {
      headers: { cookie: `store_token=${copy}` },
    })
    expect(replayed.status).toBe(401)
  })

  test("a browser with the admin's cookie alone does not send it to the store", async () => {
    const { page } = await openVisit(browser(), { javaScriptEnabled })
    await signInAt(page, `${stage.url}/admin/login`, "admin@example.com")
    expect(pathOf(page)).toBe("/admin/dashboard")
    expect(await look(page, `${stage.url}/store/ACME/dashboard`)).toEqual({
      status: 401,
      message: "Store authentication required",
      sent: [],
    })
  })

  test("an order: from the public catalogue, through the door, to the store", async () => {
    const { page, complaints } = await openVisit(browser(), { javaScriptEnabled })
    await page.goto(stage.url)
    await page.getByRole("link", { name: "Order: Folding rule" }).click()
    expect(await page.locator("#detail").textContent()).toBe("Customer authentication required")

    await page.getByRole("link", { name: "Sign in: Your account" }).click()
    await page.getByLabel("Email address").fill("customer@example.com")
    await page.getByLabel("Password").fill("mortise-demo-password")
    await page.getByRole("button", { name: "Sign in" }).click()
    expect(pathOf(page)).toMatch(/^\/storefront\/account\/orders\?product=\d+$/)

    await page.getByLabel("Quantity").fill("3")
    await page.getByRole("button", { name: "Place the order" }).click()
    expect(await page.getByRole("status").textContent()).toContain("Your order is with the store")
    await page.getByRole("row").filter({ hasText: "3 × Folding rule" }).first().waitFor()

    await signInAt(page, `${stage.url}/store/login`, "store")
    await page.getByRole("row").filter({ hasText: "3 × Folding rule" }).first().waitFor()
    expect(complaints).toEqual([])
  })

  test("a store changes a price, and the market shows it", async () => {
    const { page } = await openVisit(browser(), { javaScriptEnabled })
    await signInAt(page, `${stage.url}/store/login`, "store@other.com")
    expect(pathOf(page)).toBe("/store/OTHER/dashboard")
    await page.getByRole("link", { name: "Products" }).click()
    const price = javaScriptEnabled ? "41.50" : "42"
    await page.getByRole("textbox", { name: "Price of Enamel teapot" }).fill(price)
    await page.getByRole("button", { name: "Save the price of Enamel teapot" }).click()
    expect(await page.getByRole("status").textContent()).toContain("on the market")
    await page.goto(stage.url)
    const teapot = page.getByRole("listitem").filter({ hasText: "Enamel teapot" })
    expect(await teapot.textContent()).toContain(javaScriptEnabled ? "€41.50" : "€42.00")

    await page.goto(`${stage.url}/store/OTHER/products`)
    await page.getByRole("textbox", { name: "Price of Enamel teapot" }).fill("-1")
    await page.getByRole("button", { name: "Save the price of Enamel teapot" }).click()
    expect(await page.getByRole("alert").textContent()).toContain("above zero")
  })

  test("the page of cookies shows what is sent, and every row is answered as it must be", async () => {
    const { page, complaints } = await openVisit(browser(), { javaScriptEnabled })
    await signInEverywhere(page)
    await page.goto(`${stage.url}/cookies`)

    for (const { name, path } of areas) {
      const row = page.locator(`[data-wire="${path}/wire"]`)
      if (javaScriptEnabled) {
        await row.locator("[data-sent]").getByText(name, { exact: true }).waitFor()
        await row.locator("[data-answer]").getByText("200").waitFor()
      } else {
        await row.getByRole("link", { name: "Look" }).click()
        expect((await page.locator("#cookies").textContent())?.trim()).toBe(name)
        await page.getByRole("link", { name: "Back to all paths" }).click()
      }
    }

    await page.getByRole("button", { name: "Try them all" }).click()
    const results = page.locator("[data-result] .result")
    const rows = await page.locator("[data-trial]").count()
    expect(rows).toBe(13)
    await results.nth(rows - 1).waitFor()
    expect(await page.locator("[data-result] .result.right").count()).toBe(rows)
    expect(await page.locator("[data-result] .result.wrong").count()).toBe(0)

    expect(await page.locator("[data-summary]").textContent()).toBe("13 of 13 as it must be.")

    // Nobody was signed out by it.
    for (const { name, page: own } of areas) {
      expect(await look(page, stage.url + own)).toMatchObject({ status: 200, sent: [name] })
    }
    expect(complaints).toEqual([])
  })
})

/** Of a JWT, in seconds. */
function expiryOf(token: string): number {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).exp
}

async function signInEverywhere(page: Page): Promise<void> {
  await signInAt(page, `${stage.url}/admin/login`, "admin")
  expect(pathOf(page)).toBe("/admin/dashboard")
  await signInAt(page, `${stage.url}/store/login`, "store")
  expect(pathOf(page)).toBe("/store/ACME/dashboard")
  await signInAt(page, `${stage.url}/storefront/login`, "customer@example.com")
  expect(pathOf(page)).toBe("/storefront/account/dashboard")
}

/** The names of the cookies as the server received them, and as the network says that they were sent. */
async function receivedAt(page: Page, path: string): Promise<string[]> {
  const { status, sent } = await look(page, stage.url + path)
  expect(status).toBe(200)
  const text = (await page.locator("#cookies").textContent())?.trim() ?? ""
  const received = text === "none" ? [] : text.split(/\s+/)
  expect(received).toEqual(sent)
  return received
}
