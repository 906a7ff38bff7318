import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { launchBrowser, openVisit, type Visit, type VisitOptions } from "../../../tools/e2e/visit.js"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"
import { importArticle, pathOf, register as registerAt, signInWithPassword } from "./visit.js"
import { password } from "./visitor.js"

let demo: RunningDemo
let browser: Browser
let data: Awaited<ReturnType<typeof dataDirectory>>

beforeAll(async () => {
  data = await dataDirectory()
  demo = await startDemo({ env: { DATA_DIR: data.path } })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
  await data?.remove()
})

describe.each([
  ["with JavaScript", true],
  ["without JavaScript", false],
])("%s", (_, javaScriptEnabled) => {
  test("from the front page into the workspace and out again", async () => {
    const { page, complaints } = await open({ javaScriptEnabled })
    const email = await register(page)

    await page.goto(demo.url)
    await page.getByRole("link", { name: "Creator Portal" }).click()
    expect(pathOf(page)).toBe("/sign-in")

    await signInWithPassword(page, email, "not the right password")
    expect(await page.getByRole("alert").textContent()).toContain("incorrect")
    expect(pathOf(page)).toBe("/sign-in")

    await signInWithPassword(page, email)
    expect(pathOf(page)).toBe("/workspace")
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Import ARTICLE.md")
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({
      name: "__Host-session",
      httpOnly: true,
      secure: true,
      sameSite: "Lax",
      path: "/",
    })

    await importArticle(page, "# The last paper mill\n\nIt smells of *wet wool*.\n")
    await page.getByRole("heading", { level: 2, name: "The last paper mill" }).waitFor()
    await page.reload()
    expect(await page.locator("article em").textContent()).toBe("wet wool")

    await importArticle(page, "# The second draft\n", "Replace")
    await page.getByRole("heading", { level: 2, name: "The second draft" }).waitFor()
    expect(await page.locator("article").textContent()).not.toContain("wet wool")

    await page.getByRole("link", { name: "Devices" }).click()
    await page.getByRole("listitem").filter({ hasText: "This device" }).waitFor()
    expect(await itemsOf(page)).toBe(1)

    await page.getByRole("button", { name: "Sign out", exact: true }).click()
    expect(pathOf(page)).toBe("/")
    const replayed = await fetch(`${demo.url}/workspace`, {
      headers: { cookie: `${cookie?.name}=${cookie?.value}`, accept: "application/json" },
    })
    expect(replayed.status).toBe(401)

    await page.goto(`${demo.url}/workspace`)
    expect(page.url()).toBe(`${demo.url}/sign-in?return_to=%2Fworkspace`)
    await signInWithPassword(page, email)
    await page.getByRole("heading", { level: 2, name: "The second draft" }).waitFor()
    expect(complaints).toEqual([])
  })

  test("a way back that leads to another site is not followed", async () => {
    const { page } = await open({ javaScriptEnabled })
    const email = await register(page)
    await page.goto(`${demo.url}/sign-in?return_to=${encodeURIComponent("//elsewhere.example/")}`)
    await signInWithPassword(page, email)
    expect(page.url()).toBe(`${demo.url}/workspace`)
  })

  test("what is no article is refused with words, and the one that is there stays", async () => {
    const { page } = await open({ javaScriptEnabled })
    await signInAnew(page)
    await importArticle(page, "# Stays\n")
    await page.getByRole("heading", { level: 2, name: "Stays" }).waitFor()

    const alerts = page.locator(".banner.error")
    for (const [content, words] of [
      [Buffer.from([0x23, 0x20, 0xe9, 0x74, 0xe9]), "UTF-8"],
      [Buffer.from("a\0b"), "UTF-8"],
      [Buffer.from(" \n\n"), "empty"],
      [Buffer.alloc(256 * 1024 + 1, "a"), "larger than 256 KB"],
    ] as const) {
      await page.goto(`${demo.url}/workspace`)
      await importArticle(page, content, "Replace")
      await alerts.filter({ hasText: words }).waitFor()
    }
    await page.goto(`${demo.url}/workspace`)
    expect(await page.getByRole("heading", { level: 2, name: "Stays" }).count()).toBe(1)
  })

  test("a device that is ended is signed out, and so is every other when the password changes", async () => {
    const desk = await open({ javaScriptEnabled })
    const phone = await open({
      javaScriptEnabled,
      userAgent: "Mozilla/5.0 (iPhone) Version/19.0 Safari/604.1",
    })
    const email = await signInAnew(desk.page)
    const phoneSignsIn = async (): Promise<void> => {
      await phone.page.goto(`${demo.url}/sign-in`)
      await signInWithPassword(phone.page, email)
      expect(pathOf(phone.page)).toBe("/workspace")
    }
    const phoneIsOut = async (): Promise<void> => {
      await phone.page.goto(`${demo.url}/devices`)
      expect(pathOf(phone.page)).toBe("/sign-in")
    }

    await phoneSignsIn()
    await desk.page.goto(`${demo.url}/devices`)
    await desk.page.getByRole("button", { name: /^Sign out Safari on iPhone/ }).click()
    expect(await desk.page.getByRole("status").textContent()).toContain("signed out")
    expect(await itemsOf(desk.page)).toBe(1)
    await phoneIsOut()

    await phoneSignsIn()
    await desk.page.goto(`${demo.url}/devices`)
    await desk.page.getByRole("button", { name: "Sign out all other devices" }).click()
    await phoneIsOut()

    await phoneSignsIn()
    await desk.page.goto(`${demo.url}/account`)
    await desk.page.getByLabel("Current password").fill("not the current one")
    await desk.page.getByLabel("New password").fill("another horse, another battery")
    await desk.page.getByRole("button", { name: "Change the password" }).click()
    expect(await desk.page.getByRole("alert").textContent()).toContain("current password is incorrect")
    await desk.page.getByLabel("Current password").fill(password)
    await desk.page.getByLabel("New password").fill("another horse, another battery")
    await desk.page.getByRole("button", { name: "Change the password" }).click()
    expect(await desk.page.getByRole("status").textContent()).toContain("password is changed")
    await phoneIsOut()

    await desk.page.goto(`${demo.url}/devices`)
    await desk.page.getByRole("button", { name: "Sign out everywhere" }).click()
    expect(pathOf(desk.page)).toBe("/sign-in")
    await desk.page.goto(`${demo.url}/workspace`)
    expect(pathOf(desk.page)).toBe("/sign-in")
  })
})

test("a file that is dropped on the page is imported, and a refusal is read out in place", async () => {
  const { page, complaints } = await open({ javaScriptEnabled: true })
  await signInAnew(page)
  await drop(page, "")
  await page.locator("[aria-live]").filter({ hasText: "empty" }).waitFor()
  expect(page.url()).toBe(`${demo.url}/workspace`)
  await drop(page, "# Dropped\n")
  await page.getByRole("heading", { level: 2, name: "Dropped" }).waitFor()
  // The browser itself notes the refusal, which is a 422.
  expect(complaints.filter((complaint) => !complaint.includes("422"))).toEqual([])
})

test("an import from another site is refused", async () => {
  const { page } = await open({ javaScriptEnabled: true })
  await signInAnew(page)
  const [cookie] = await page.context().cookies()
  for (const headers of [{ origin: "https://elsewhere.example" }, { "sec-fetch-site": "cross-site" }]) {
    const body = new FormData()
    body.set("article", new File(["# Planted\n"], "ARTICLE.md"))
    const response = await fetch(`${demo.url}/workspace/article`, {
      method: "POST",
      body,
      headers: { ...headers, cookie: `${cookie?.name}=${cookie?.value}` } as Record<string, string>,
    })
    expect(response.status).toBe(403)
  }
})

function open(options: VisitOptions): Promise<Visit> {
  return openVisit(browser, options)
}

function register(page: Page): Promise<string> {
  return registerAt(page, demo.url)
}

async function signInAnew(page: Page): Promise<string> {
  const email = await register(page)
  await signInWithPassword(page, email)
  expect(pathOf(page)).toBe("/workspace")
  return email
}

// A click returns as soon as the browser has decided for the next page. Whoever counts, and whoever needs the page's script, waits for all of it.

async function itemsOf(page: Page): Promise<number> {
  await page.waitForLoadState()
  return page.getByRole("listitem").count()
}

async function drop(page: Page, text: string): Promise<void> {
  await page.waitForLoadState()
  const dataTransfer = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([content], "ARTICLE.md", { type: "text/markdown" }))
    return transfer
  }, text)
  await page.dispatchEvent("main", "drop", { dataTransfer })
}
