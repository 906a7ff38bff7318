import type { Page } from "playwright-core"
import { expect } from "vitest"
import { type AuthenticatorApp, scan } from "./authenticator-app.js"
import { letterTo, linkIn } from "./mails.js"
import { expectNotice, expectRefusal, fillInRegistration, pathOf } from "./visit.js"

/** Sets up an authenticator app on the security page, by its QR code. The page is open afterwards. */
export async function enrolApp(page: Page, url: string): Promise<{ uri: string; app: AuthenticatorApp }> {
  await page.goto(`${url}/security`)
  await page.getByRole("link", { name: "Set up an authenticator app" }).click()
  const scanned = await scan(page.getByRole("img", { name: "QR code" }))
  await page.getByLabel("Six digits").fill(await scanned.app.nextCode())
  await page.getByRole("button", { name: "Turn it on" }).click()
  await expectNotice(page, "second factor now")
  return scanned
}

/** Follows the link in the mail that came after registering. */
export async function confirmAddress(page: Page, url: string, email: string): Promise<void> {
  await page.goto(linkIn(await letterTo(url, email, /Confirm your e-mail address/)))
  await page.getByRole("main").getByRole("button").click()
  await expectNotice(page, "confirmed")
}

/** Types a code of the app where a second factor is asked for. */
export async function answerWithApp(page: Page, app: AuthenticatorApp): Promise<void> {
  await page.waitForURL((address) => address.pathname === "/second-factor")
  await page.getByLabel("Code in your authenticator app").fill(await app.nextCode())
  await page.locator('form[data-factor="totp"]').getByRole("button", { name: "Go on" }).click()
}

/** Registers with the address of a keeper: not in before an authenticator app is set up. The room is open then. */
export async function registerKeeper(page: Page, url: string, email: string): Promise<AuthenticatorApp> {
  await fillInRegistration(page, url, email)
  await page.waitForURL(`${url}/second-factor`)
  const { app } = await scan(page.getByRole("img", { name: "QR code" }))
  await page.getByLabel("Six digits").fill("000000")
  await page.getByRole("button", { name: "Turn it on" }).click()
  await expectRefusal(page, "code is not right")
  expect(pathOf(page)).toBe("/second-factor")
  await page.getByLabel("Six digits").fill(await app.nextCode())
  await page.getByRole("button", { name: "Turn it on" }).click()
  await page.waitForURL((address) => address.pathname === "/room")
  return app
}
