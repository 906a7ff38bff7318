import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openVisit, type Visit } from "../../../tools/e2e/visit.js"
import { allow, type OAuthStage, openOAuthStage } from "./oauth-stage.js"
import { importArticle, newAddress, pathOf, register, signInWithPassword, signOut } from "./visit.js"
import { password } from "./visitor.js"

let stage: OAuthStage
let url: string

beforeAll(async () => {
  stage = await openOAuthStage()
  url = stage.demo.url
})
afterAll(() => stage?.close())

describe.each([
  ["with JavaScript", true],
  ["without JavaScript", false],
])("%s", (_, javaScriptEnabled) => {
  test("an account with a password is connected with the provider that has its address, once its owner proves the password", async () => {
    const { page, complaints } = await visitor({ javaScriptEnabled })
    const email = await registerWithArticle(page, "# Written before\n")

    await page.goto(`${url}/sign-in`)
    await allow(page, "Continue with Google", email)
    expect(pathOf(page)).toBe("/link-account")
    await page.getByRole("heading", { name: "Is this yours?" }).waitFor()
    expect(await page.getByLabel("Email address").inputValue()).toBe(email)
    expect(await page.getByRole("button", { name: "Continue with Google" }).count()).toBe(0)
    await page.goto(`${url}/workspace`)
    expect(pathOf(page)).toBe("/sign-in")

    await page.goto(`${url}/link-account`)
    await signInWithPassword(page, email, "not the right password")
    expect(await page.getByRole("alert").textContent()).toContain("incorrect")
    await signInWithPassword(page, email)
    await page.getByRole("heading", { name: "Connect Google?" }).waitFor()
    await page.getByRole("button", { name: "Connect Google" }).click()
    expect(await page.getByRole("status").textContent()).toContain("Connected")
    await page.getByRole("button", { name: `Disconnect Google ${email}` }).waitFor()

    await signOut(page)
    await page.goto(`${url}/sign-in`)
    await allow(page, "Continue with Google", email)
    await page.getByRole("heading", { level: 2, name: "Written before" }).waitFor()
    expect(complaints).toEqual([])
  })
})

test("the old way in may be another provider, and the way back is kept", async () => {
  const { page } = await visitor()
  const email = newAddress()
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with GitHub", email)
  await signOut(page)

  await page.goto(`${url}/devices`)
  await allow(page, "Continue with Microsoft", email)
  expect(pathOf(page)).toBe("/link-account")
  await allow(page, "Continue with GitHub", email)
  await page.getByRole("button", { name: "Connect Microsoft" }).click()
  expect(pathOf(page)).toBe("/devices")
  await page.goto(`${url}/account`)
  for (const label of ["GitHub", "Microsoft"]) {
    await page.getByRole("button", { name: `Disconnect ${label}` }).waitFor()
  }
})

test("whoever is signed in to another account connects nothing", async () => {
  const { page } = await visitor()
  const email = await register(page, url)
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with Google", email)
  expect(pathOf(page)).toBe("/link-account")
  const other = newAddress()
  await allow(page, "Continue with GitHub", other)
  await page.getByText(`You are signed in as ${other}, which is another account.`).waitFor()
  expect(await page.getByRole("button", { name: "Connect Google" }).count()).toBe(0)
  const confirmed = await page.request.post(`${url}/auth/oauth/confirm`, { form: {}, maxRedirects: 0 })
  expect(confirmed.headers()["location"]).toContain("error=oauth_link_required")
})

test("what waits can be dropped", async () => {
  const { page } = await visitor()
  const email = await register(page, url)
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with Google", email)
  await page.getByRole("button", { name: "Not now" }).click()
  expect(pathOf(page)).toBe("/sign-in")
  await page.goto(`${url}/link-account`)
  await page.getByRole("heading", { name: "Nothing to connect" }).waitFor()
})

test("connecting takes a fresh sign-in", async () => {
  const { page } = await visitor()
  const email = await register(page, url)
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with Google", email)
  await signInWithPassword(page, email)
  await stage.ageSessions()
  await page.getByRole("button", { name: "Connect Google" }).click()
  expect(await page.getByRole("alert").textContent()).toContain("fresh sign-in")
  await page.getByRole("link", { name: "Sign in again" }).click()
  await page.getByRole("heading", { name: "Sign in again" }).waitFor()
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await page.getByRole("button", { name: "Connect Google" }).click()
  expect(await page.getByRole("status").textContent()).toContain("Connected")
})

test("the owner of an address takes over an account that somebody else made with it, and that one is out", async () => {
  const squatter = await visitor()
  const email = await registerWithArticle(squatter.page, "# Planted\n", { stay: true })

  const owner = await visitor()
  await owner.page.goto(`${url}/sign-in`)
  await allow(owner.page, "Continue with Google", email)
  const warning = owner.page.getByText("This cannot be undone.")
  await warning.waitFor({ state: "hidden" })
  await owner.page.getByText("You never made this account").click()
  await warning.waitFor()
  await owner.page.getByRole("button", { name: "Take over the account" }).click()
  await owner.page.getByTitle(`Signed in as ${email}`).waitFor()

  await squatter.page.goto(`${url}/workspace`)
  expect(pathOf(squatter.page)).toBe("/sign-in")
  await signInWithPassword(squatter.page, email)
  expect(await squatter.page.getByRole("alert").textContent()).toContain("incorrect")
  // Now that it is verified it cannot be taken over once more, not even by who has the address elsewhere.
  await squatter.page.goto(`${url}/sign-in`)
  await allow(squatter.page, "Continue with Microsoft", email)
  await squatter.page.getByRole("heading", { name: "Is this yours?" }).waitFor()
  expect(await squatter.page.getByText("You never made this account").count()).toBe(0)
})

test("an address that the provider has not verified opens no account of somebody else, and says nothing of it", async () => {
  const { page } = await visitor()
  const email = await register(page, url)
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with Google", email, { verified: false })
  expect(await page.getByRole("alert").textContent()).toContain("not verified at Google")
  expect(pathOf(page)).toBe("/sign-in")
  await page.goto(`${url}/link-account`)
  await page.getByRole("heading", { name: "Nothing to connect" }).waitFor()
})

test("ways in are connected and disconnected on the account page, and the last one stays", async () => {
  const { page, complaints } = await visitor()
  const [email, elsewhere] = [newAddress(), newAddress()]
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with Google", email)
  await importArticle(page, "# Only mine\n")
  await page.getByRole("heading", { level: 2, name: "Only mine" }).waitFor()

  await page.goto(`${url}/account`)
  await page.getByRole("button", { name: "Disconnect Google" }).click()
  expect(await page.getByRole("alert").textContent()).toContain("only way into your account")

  await allow(page, "Connect GitHub", elsewhere)
  expect(await page.getByRole("status").textContent()).toContain("Connected")
  await page.getByRole("button", { name: `Disconnect GitHub ${elsewhere}` }).waitFor()
  await page.getByRole("button", { name: "Disconnect Google" }).click()
  expect(await page.getByRole("status").textContent()).toContain("Disconnected")
  await page.getByRole("button", { name: "Connect Google" }).waitFor()
  await signOut(page)

  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with Google", email)
  expect(pathOf(page)).toBe("/link-account")
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with GitHub", elsewhere)
  await page.getByRole("heading", { level: 2, name: "Only mine" }).waitFor()
  expect(complaints).toEqual([])
})

test("connecting and disconnecting take a fresh sign-in, by a way in that the account has", async () => {
  const { page } = await visitor()
  const email = newAddress()
  await page.goto(`${url}/sign-in`)
  await allow(page, "Continue with Google", email)
  await page.goto(`${url}/account`)
  for (const button of ["Disconnect Google", "Connect GitHub"]) {
    await stage.ageSessions()
    await page.getByRole("button", { name: button }).click()
    expect(await page.getByRole("alert").textContent()).toContain("fresh sign-in")
    await page.getByRole("link", { name: "Sign in again" }).click()
    await page.getByText(`You are signed in as ${email}`).waitFor()
    expect(await page.getByRole("button", { name: /^(Continue with (?!Google)|Sign in)/ }).count()).toBe(0)
    await allow(page, "Continue with Google", email)
    expect(pathOf(page)).toBe("/account")
  }
  await allow(page, "Connect GitHub", email)
  expect(await page.getByRole("status").textContent()).toContain("Connected")
})

test("an identity belongs to one account", async () => {
  const [one, other] = [await visitor(), await visitor()]
  const email = newAddress()
  await one.page.goto(`${url}/sign-in`)
  await allow(one.page, "Continue with Google", email)
  await other.page.goto(`${url}/sign-in`)
  await allow(other.page, "Continue with GitHub", newAddress())
  await other.page.goto(`${url}/account`)
  await allow(other.page, "Connect Google", email)
  expect(await other.page.getByRole("alert").textContent()).toContain("connected to somebody else")
  expect(pathOf(other.page)).toBe("/account")
})

function visitor(options: { javaScriptEnabled?: boolean } = {}): Promise<Visit> {
  return openVisit(stage.browser, options)
}

/** An account with a password and an article, by default signed out again. */
async function registerWithArticle(page: Page, text: string, { stay = false } = {}): Promise<string> {
  const email = await register(page, url)
  await signInWithPassword(page, email)
  await importArticle(page, text)
  await page.getByRole("heading", { level: 2, name: text.slice(2).trim() }).waitFor()
  if (!stay) await signOut(page)
  return email
}
