import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { answerWithApp, confirmAddress, enrolApp, registerKeeper } from "./enrolled.js"
import { codeIn, letterTo, linkIn } from "./mails.js"
import { stage } from "./stage.js"
import {
  expectNotice,
  expectRefusal,
  fillInRegistration,
  pathOf,
  register,
  signIn,
  signOut,
} from "./visit.js"

const on = stage()

test("an authenticator app is set up by what its QR code shows, and asked for from then on: each code once", async () => {
  const { page, complaints } = await on.visit()
  const email = await register(page, on.demo.url)
  const { app, uri } = await enrolApp(page, on.demo.url)
  expect(uri).toMatch(/^otpauth:\/\/totp\/Parlour/)
  expect(decodeURIComponent(uri)).toContain(email)
  await letterTo(on.demo.url, email, /way to sign in to Parlour was added/i)
  await signOut(page)

  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/second-factor`)
  expect(await cookieNames(page)).not.toContain("__Host-session")
  await typeCode(page, "totp", "000000")
  await expectRefusal(page, "code is not right")
  const code = await app.nextCode()
  await typeCode(page, "totp", code)
  await page.waitForURL(`${on.demo.url}/room`)

  await signOut(page)
  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/second-factor`)
  await typeCode(page, "totp", code)
  await expectRefusal(page, "code is not right")
  expect(complaints).toEqual([])
})

test("recovery codes are shown once and are good once each", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  await enrolApp(page, on.demo.url)
  await page.getByRole("button", { name: "Make recovery codes" }).click()
  await page.locator(".codes li").first().waitFor()
  const codes = await page.locator(".codes li").allTextContents()
  expect(codes).toHaveLength(10)
  await page.reload()
  expect(await page.locator(".codes").count()).toBe(0)
  expect(await page.locator("#recovery strong").textContent()).toBe("10")
  await signOut(page)

  await signIn(page, on.demo.url, email)
  await chooseOther(page, "Recovery code")
  await typeCode(page, "recovery_code", codes[3] ?? "")
  await page.waitForURL(`${on.demo.url}/room`)
  await letterTo(on.demo.url, email, /recovery code for Parlour was used/)
  await signOut(page)

  await signIn(page, on.demo.url, email)
  await chooseOther(page, "Recovery code")
  await typeCode(page, "recovery_code", codes[3] ?? "")
  await expectRefusal(page, "code is not right")
  expect(pathOf(page)).toBe("/second-factor")
})

test("whoever must have a second factor and has none is mailed a code; once there is an app, that alone will do", async () => {
  const { page } = await on.visit()
  const email = "night@example.com"
  await fillInRegistration(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/second-factor`)
  expect(await page.locator('form[data-factor="email"]').count()).toBe(0)
  // Whoever reads the mailbox owns the address, signed in or not.
  await page.goto(linkIn(await letterTo(on.demo.url, email, /Confirm your e-mail address/)))
  await page.getByRole("main").getByRole("button").click()

  await signIn(page, on.demo.url, email)
  await page.waitForURL((url) => url.pathname === "/second-factor")
  await page.getByRole("button", { name: "Mail me a code" }).click()
  await expectNotice(page, "on its way")
  const code = codeIn(await letterTo(on.demo.url, email, /\b\d{4} ?\d{4}\b/))
  await typeCode(page, "email", code)
  await page.waitForURL(`${on.demo.url}/room`)

  await enrolApp(page, on.demo.url)
  await signOut(page)
  await signIn(page, on.demo.url, email)
  await page.waitForURL((url) => url.pathname === "/second-factor")
  expect(await page.locator('form[data-factor="totp"]').count()).toBe(1)
  expect(await page.locator('form[data-factor="email"]').count()).toBe(0)
})

test("a telephone number is proven by the code that it gets, and then gets one at every sign-in", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  const number = `+49151${Math.floor(Math.random() * 90_000_000 + 10_000_000)}`
  await page.goto(`${on.demo.url}/security`)
  await page.getByRole("link", { name: "Use text messages" }).click()
  await page.getByLabel("Telephone number").fill(number)
  await page.getByRole("button", { name: "Send me a code" }).click()
  const first = await letterTo(on.demo.url, number, /Parlour/)
  await page.getByLabel("Code that we sent to").fill(codeIn(first))
  await page.getByRole("button", { name: "Turn it on" }).click()
  await expectNotice(page, "second factor now")
  const shown = await page.locator("#factors li").textContent()
  expect(shown).toContain(number.slice(-2))
  expect(shown).not.toContain(number)
  await signOut(page)

  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/second-factor`)
  await page.getByRole("button", { name: "Send me a text message" }).click()
  const second = await letterTo(on.demo.url, number, /Parlour/, first.id)
  expect(second.text).toContain("@localhost")
  await typeCode(page, "phone", codeIn(second))
  await page.waitForURL(`${on.demo.url}/room`)
})

test("a browser that is remembered is not asked again; another one is", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  const { app } = await enrolApp(page, on.demo.url)
  await signOut(page)
  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/second-factor`)
  await page.locator('form[data-factor="totp"]').getByLabel("Do not ask again").check()
  await answerWithApp(page, app)
  await page.waitForURL(`${on.demo.url}/room`)
  await signOut(page)

  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/room`)
  const other = await on.visit()
  await signIn(other.page, on.demo.url, email)
  await other.page.waitForURL(`${on.demo.url}/second-factor`)
})

test("the room is closed by nobody without a second factor; whoever has one steps up, and comes back to where they were", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  await page.goto(`${on.demo.url}/room/close`)
  expect(pathOf(page)).toBe("/confirm")
  await page.getByText("you have none yet").waitFor()

  const { app } = await enrolApp(page, on.demo.url)
  await signOut(page)
  // A browser that is remembered opens a session of one factor.
  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/second-factor`)
  await page.locator('form[data-factor="totp"]').getByLabel("Do not ask again").check()
  await answerWithApp(page, app)
  await page.waitForURL(`${on.demo.url}/room`)
  await signOut(page)
  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/room`)
  await page.getByPlaceholder("Say something").fill("Soon gone")
  await page.getByRole("button", { name: "Say it" }).click()
  await page.locator(".messages li", { hasText: "Soon gone" }).waitFor()

  const refused = await page.request.post(`${on.demo.url}/room/close`, {
    headers: { accept: "application/json", origin: on.demo.url },
  })
  expect([refused.status(), (await refused.json()).reason]).toEqual([401, "insufficient_user_authentication"])

  await page.getByRole("link", { name: "Close the room for the night" }).click()
  await page.getByRole("button", { name: "Use your second factor" }).click()
  await answerWithApp(page, app)
  await page.waitForURL(`${on.demo.url}/room/close`)
  await page.getByRole("button", { name: "Close the room" }).click()
  await expectNotice(page, "room is empty")
  expect(await page.locator(".messages li").count()).toBe(0)
})

test("whoever keeps the house sets up a second factor before they are in, and sees the whole log", async () => {
  const { page } = await on.visit()
  const { url } = on.demo
  const email = "keeper@example.com"
  const app = await registerKeeper(page, url, email)
  // An address that nobody has proven makes nobody a keeper.
  const stranger = await page.request.get(`${url}/keeper`, { headers: { accept: "application/json" } })
  expect(stranger.status()).toBe(403)
  await confirmAddress(page, url, email)
  await signOut(page)
  await signIn(page, url, email)
  await answerWithApp(page, app)
  await page.waitForURL(`${url}/room`)

  await page.getByRole("link", { name: "House log" }).click()
  await page.getByText("Account created").first().waitFor()
  await page.getByRole("button", { name: "Check the log" }).click()
  await expectNotice(page, "records are as they were written")
})

async function typeCode(page: Page, factor: string, code: string): Promise<void> {
  const form = page.locator(`form[data-factor="${factor}"]`)
  await form.locator('input[name="code"]').fill(code)
  await form.getByRole("button", { name: "Go on" }).click()
}

async function chooseOther(page: Page, name: string): Promise<void> {
  await page.waitForURL((url) => url.pathname === "/second-factor")
  await page.locator("summary", { hasText: name }).click()
}

async function cookieNames(page: Page): Promise<readonly string[]> {
  return (await page.context().cookies()).map(({ name }) => name)
}
