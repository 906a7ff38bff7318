import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { stage } from "./stage.js"
import { expectNotice, expectRefusal, pathOf, register, signIn, signOut, withAuthenticator } from "./visit.js"

const on = stage()

test("a passkey is registered, renamed, and signs in without a name or a password: by the button, and as autofill", async () => {
  const { page, complaints } = await on.visit()
  const email = await register(page, on.demo.url)
  const { cdp, authenticatorId } = await withAuthenticator(page)
  await addPasskey(page, "My phone")

  await page.getByText("Rename").click()
  await page.getByLabel("New name").fill("The phone in my bag")
  await page.getByRole("button", { name: "Save" }).click()
  await expectNotice(page, "Renamed")
  await page.getByText("The phone in my bag").first().waitFor()

  await signOut(page)
  // Nobody touches the sensor: what the browser could fill in waits, until the button asks in its stead.
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false })
  await page.goto(`${on.demo.url}/sign-in?return_to=%2Fdevices`)
  // Once the sensor is there, what waits as autofill may be quicker than the button.
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: true })
  const button = page.getByRole("button", { name: "Sign in with a passkey" })
  await button.click({ timeout: 2_000 }).catch(() => {})
  await page.waitForURL(`${on.demo.url}/devices`)
  const { session, user } = await sessionOf(page)
  expect(user.claims.email).toBe(email)
  expect(session.methods).toContain("mfa")
  expect(session.methods).not.toContain("pwd")

  await signOut(page)
  await page.goto(`${on.demo.url}/sign-in`)
  // Chosen among what the field offers: the virtual authenticator does so at once.
  await page.waitForURL(`${on.demo.url}/room`)
  expect((await sessionOf(page)).user.claims.email).toBe(email)
  expect(complaints).toEqual([])
})

test("after the password, a passkey is the second factor", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  const { cdp, authenticatorId } = await withAuthenticator(page)
  await addPasskey(page, "My phone")
  await signOut(page)

  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false })
  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/second-factor`)
  expect((await sessionOf(page)).user).toBeNull()
  await page.goto(`${on.demo.url}/room`)
  expect(pathOf(page)).toBe("/sign-in")

  await page.goto(`${on.demo.url}/second-factor`)
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: true })
  await page.getByRole("button", { name: "Use your passkey or security key" }).click()
  await page.waitForURL(`${on.demo.url}/room`)
  expect((await sessionOf(page)).session.methods).toEqual(expect.arrayContaining(["pwd", "mfa"]))
})

test("an authenticator that is not sure of its user signs nobody in, and one that was removed neither", async () => {
  const { page } = await on.visit()
  await register(page, on.demo.url)
  const { cdp, authenticatorId } = await withAuthenticator(page)
  await addPasskey(page, "My phone")
  await signOut(page)

  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false })
  await page.goto(`${on.demo.url}/sign-in`)
  await page.getByRole("button", { name: "Sign in with a passkey" }).click()
  await expectRefusal(page, "Nothing was done")
  expect(pathOf(page)).toBe("/sign-in")

  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true })
  await page.goto(`${on.demo.url}/sign-in`)
  await page.waitForURL(`${on.demo.url}/room`)
  await page.goto(`${on.demo.url}/security`)
  await page.getByRole("button", { name: "Remove My phone" }).click()
  await expectNotice(page, "removed")
  await signOut(page)
  await page.goto(`${on.demo.url}/sign-in`)
  // The authenticator still has it, and offers it.
  await page.waitForURL((url) => url.searchParams.get("error") === "passkey_invalid")
  expect((await sessionOf(page)).user).toBeNull()
})

async function addPasskey(page: Page, name: string): Promise<void> {
  await page.goto(`${on.demo.url}/security`)
  await page.locator("#passkeys").getByLabel("Name", { exact: true }).fill(name)
  await page.getByRole("button", { name: "Add a passkey" }).click()
  await expectNotice(page, "passkey is ready")
}

interface SessionAnswer {
  readonly user: { readonly claims: { readonly email: string } }
  readonly session: { readonly methods: readonly string[] }
}

async function sessionOf(page: Page): Promise<SessionAnswer> {
  const response = await page.request.get(`${on.demo.url}/api/auth/session`)
  return (await response.json()) as SessionAnswer
}
