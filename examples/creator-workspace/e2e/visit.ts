import type { Page } from "playwright-core"
import { expect } from "vitest"
import { password } from "./visitor.js"

/** Creates an account with a password, and answers its address. The sign-in page is open then. */
export async function register(page: Page, url: string): Promise<string> {
  const email = newAddress()
  await page.goto(url)
  await page.getByRole("navigation").getByRole("link", { name: "Create an account" }).click()
  await fillIn(page, email, password)
  await page.getByRole("button", { name: "Create the account" }).click()
  expect(page.url()).toBe(`${url}/sign-in?notice=registered`)
  return email
}

export function newAddress(): string {
  return `${crypto.randomUUID()}@example.com`
}

async function fillIn(page: Page, email: string, secret: string): Promise<void> {
  await page.getByLabel("Email address").fill(email)
  await page.getByLabel("Password").fill(secret)
}

/** Fills in the password form and sends it. */
export async function signInWithPassword(page: Page, email: string, secret = password): Promise<void> {
  await fillIn(page, email, secret)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
}

export async function importArticle(page: Page, content: string | Buffer, verb = "Import"): Promise<void> {
  await page.locator("input[type=file]").setInputFiles({
    name: "ARTICLE.md",
    mimeType: "text/markdown",
    buffer: Buffer.from(content),
  })
  await page.getByRole("button", { name: verb, exact: true }).click()
}

/** Signs out, from any page. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out", exact: true }).click()
  expect(pathOf(page)).toBe("/")
}

export function pathOf(page: Page): string {
  return new URL(page.url()).pathname
}
