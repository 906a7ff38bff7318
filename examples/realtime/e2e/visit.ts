import type { CDPSession, Page } from "playwright-core"
import { expect } from "vitest"

export const password = "correct horse battery staple"

/** A phone with a fingerprint, attached to the page: it makes and uses passkeys without asking anybody. */
export async function withAuthenticator(page: Page): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send("WebAuthn.enable")
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: true,
      defaultBackupState: true,
    },
  })
  await page.bringToFront()
  return { cdp, authenticatorId }
}

export function newAddress(): string {
  return `${crypto.randomUUID()}@example.com`
}

/** Fills in the form for a new account and sends it. Where that leads is looked at by whoever calls. */
export async function fillInRegistration(page: Page, url: string, email: string): Promise<void> {
  await page.goto(`${url}/register`)
  await page.getByLabel("Email address").fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Create the account" }).click()
}

/** Creates an account with a password, and answers its address. The room is open then. */
export async function register(page: Page, url: string, email = newAddress()): Promise<string> {
  await fillInRegistration(page, url, email)
  await page.waitForURL(`${url}/room`)
  return email
}

/** Fills in the password form and sends it. Where that leads is looked at by whoever calls. */
export async function signIn(page: Page, url: string, email: string, secret = password): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel("Email address").fill(email)
  await page.getByLabel("Password").fill(secret)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
}

/** Signs out, from any page. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out", exact: true }).click()
  await page.waitForURL((url) => url.pathname === "/")
}

export function pathOf(page: Page): string {
  return new URL(page.url()).pathname
}

/** The sentence on top of the page. */
export async function expectNotice(page: Page, words: string): Promise<void> {
  await page.getByRole("status").filter({ hasText: words }).first().waitFor()
}

/** The one that refuses. */
export async function expectRefusal(page: Page, words: string): Promise<void> {
  const alert = page.locator(".banner.error").first()
  await alert.waitFor()
  expect(await alert.textContent()).toContain(words)
}
