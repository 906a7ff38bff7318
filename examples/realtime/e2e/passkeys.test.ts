import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { stage } from "./stage.js"
import { expectNotice, expectRefusal, pathOf, register, signIn, signOut, withAuthenticator } from "./visit.js"

const on = stage()

test("a passkey is registered, renamed, and signs in by the button, without a name or a password", async () => {
  const { page, complaints } = await on.visit()
  // A browser that offers no passkeys as autofill: what signs in is the button.
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false
  })
  const email = await register(page, on.demo.url)
  await withAuthenticator(page)
  await addPasskey(page, "My phone")

  await page.getByText("Rename").click()
  await page.getByLabel("New name").fill("The phone in my bag")
  await page.getByRole("button", { name: "Save" }).click()
  await expectNotice(page, "Renamed")
  await page.getByText("The phone in my bag").first().waitFor()

  await signOut(page)
  await page.goto(`${on.demo.url}/sign-in?return_to=%2Fdevices`)
  await page.getByRole("button", { name: "Sign in with a passkey" }).click()
  await page.waitForURL(`${on.demo.url}/devices`)
  await expectPasskeySession(page, email)
  expect(complaints).toEqual([])
})

test("a passkey that the browser offers as autofill signs in, once it is chosen", async () => {
  const { page, complaints } = await on.visit()
  const email = await register(page, on.demo.url)
  const { cdp, authenticatorId } = await withAuthenticator(page)
  await addPasskey(page, "My phone")
  await signOut(page)

  // Nobody chooses: the page waits.
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false })
  const offered = page.waitForResponse(/passkey\/sign-in\/options$/)
  await page.goto(`${on.demo.url}/sign-in`)
  await offered
  expect(pathOf(page)).toBe("/sign-in")
  expect((await sessionOf(page)).user).toBeNull()

  // The virtual authenticator chooses at once.
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: true })
  await openSignIn(page)
  await page.waitForURL(`${on.demo.url}/room`)
  await expectPasskeySession(page, email)
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
  await openSignIn(page)
  await page.waitForURL(`${on.demo.url}/room`)
  await page.goto(`${on.demo.url}/security`)
  await page.getByRole("button", { name: "Remove My phone" }).click()
  await expectNotice(page, "removed")
  await signOut(page)
  await openSignIn(page)
  // The authenticator still has it, and offers it.
  await page.waitForURL((url) => url.searchParams.get("error") === "passkey_invalid")
  expect((await sessionOf(page)).user).toBeNull()
})

/** The page may be left before it is whole: an authenticator that chooses at once sends its form. */
async function openSignIn(page: Page): Promise<void> {
  await page.goto(`${on.demo.url}/sign-in`, { waitUntil: "commit" })
}

async function addPasskey(page: Page, name: string): Promise<void> {
  await page.goto(`${on.demo.url}/security`)
  await page.locator("#passkeys").getByLabel("Name", { exact: true }).fill(name)
  await page.getByRole("button", { name: "Add a passkey" }).click()
  await expectNotice(page, "passkey is ready")
}

async function expectPasskeySession(page: Page, email: string): Promise<void> {
  const { session, user } = await sessionOf(page)
  expect(user.claims.email).toBe(email)
  expect(session.methods).toContain("mfa")
  expect(session.methods).not.toContain("pwd")
}

interface SessionAnswer {
  readonly user: { readonly claims: { readonly email: string } }
  readonly session: { readonly methods: readonly string[] }
}

async function sessionOf(page: Page): Promise<SessionAnswer> {
  const response = await page.request.get(`${on.demo.url}/api/auth/session`)
  return (await response.json()) as SessionAnswer
}
