import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { confirmAddress, enrolApp } from "./enrolled.js"
import { lettersTo, letterTo, linkIn } from "./mails.js"
import { stage } from "./stage.js"
import {
  expectNotice,
  expectRefusal,
  newAddress,
  password,
  pathOf,
  register,
  signIn,
  signOut,
} from "./visit.js"

const on = stage()
const another = "four quite different words"

test("a forgotten password is replaced by a link in a mail: once, without signing in, and every device is signed out", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  await page.getByText("Live", { exact: true }).waitFor()
  const elsewhere = await on.visit()
  await elsewhere.page.goto(`${on.demo.url}/sign-in`)
  await elsewhere.page.getByRole("link", { name: "Forgot your password?" }).click()
  await elsewhere.page.getByLabel("Email address").fill(email)
  await elsewhere.page.getByRole("button", { name: "Mail me a link" }).click()
  await expectNotice(elsewhere.page, "If there is an account")
  const link = linkIn(await letterTo(on.demo.url, email, /Choose a new password for/))

  await elsewhere.page.goto(link)
  expect(elsewhere.page.url()).toBe(`${on.demo.url}/reset-password`)
  await elsewhere.page.getByLabel("New password").fill("password12345678")
  await elsewhere.page.getByRole("button", { name: "Set the new password" }).click()
  await expectRefusal(elsewhere.page, "password")
  await elsewhere.page.getByLabel("New password").fill(another)
  await elsewhere.page.getByRole("button", { name: "Set the new password" }).click()
  await expectNotice(elsewhere.page, "Sign in with the new one")
  expect(pathOf(elsewhere.page)).toBe("/sign-in")

  // The room that was open there is closed, and leads to the sign-in by itself.
  await page.waitForURL((url) => url.pathname === "/sign-in")
  await page.goto(`${on.demo.url}/devices`)
  expect(pathOf(page)).toBe("/sign-in")
  await signIn(page, on.demo.url, email)
  await expectRefusal(page, "incorrect")
  await signIn(page, on.demo.url, email, another)
  await page.waitForURL(`${on.demo.url}/room`)
  await elsewhere.page.goto(link)
  await expectRefusal(elsewhere.page, "link has")
})

test("who asks for a link to an address without an account reads the same, and no mail leaves", async () => {
  const { page } = await on.visit()
  const nobody = newAddress()
  await page.goto(`${on.demo.url}/forgot-password`)
  await page.getByLabel("Email address").fill(nobody)
  await page.getByRole("button", { name: "Mail me a link" }).click()
  await expectNotice(page, "If there is an account")
  // One that is asked for later has come: so would this have.
  const email = await register(page, on.demo.url)
  await letterTo(on.demo.url, email, /Confirm your e-mail address/)
  expect(await lettersTo(on.demo.url, nobody)).toEqual([])
})

test("a new address counts once it is proven; the old one is told, and takes the change back", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  await confirmAddress(page, on.demo.url, email)
  const changed = newAddress()
  await page.goto(`${on.demo.url}/security`)
  await page.getByLabel("New address").fill(changed)
  await page.getByRole("button", { name: "Change the address" }).click()
  await expectNotice(page, "on its way to the new address")
  expect(await page.locator("#email").textContent()).toContain(email)

  await page.goto(linkIn(await letterTo(on.demo.url, changed, /Confirm your new e-mail address/)))
  await page.getByText(changed).waitFor()
  await page.getByRole("main").getByRole("button").click()
  await expectNotice(page, "address is changed")
  expect(await page.locator("#email").textContent()).toContain(changed)

  const elsewhere = await on.visit()
  await elsewhere.page.goto(
    linkIn(await letterTo(on.demo.url, email, /e-mail address for Parlour was changed/)),
  )
  await elsewhere.page.getByRole("main").getByRole("button").click()
  await expectNotice(elsewhere.page, "old email address is back")
  // Whoever changed it is out, and the password is gone with them.
  await page.goto(`${on.demo.url}/security`)
  expect(pathOf(page)).toBe("/sign-in")
  await signIn(page, on.demo.url, email)
  await expectRefusal(page, "incorrect")
  await signIn(page, on.demo.url, changed)
  await expectRefusal(page, "incorrect")
})

test("an account that was closed opens nothing until the link in the mail was followed", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  await page.goto(`${on.demo.url}/security`)
  await page.getByRole("button", { name: "Close my account" }).click()
  await expectNotice(page, "account is closed")
  await signIn(page, on.demo.url, email)
  await page.locator(".banner.error").waitFor()
  await page.goto(linkIn(await letterTo(on.demo.url, email, /Reactivate your account/)))
  await page.getByRole("main").getByRole("button").click()
  await expectNotice(page, "open again")
  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/room`)
})

test("the download holds everything of a person, and no secret", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  await page.getByPlaceholder("Say something").fill("For the record")
  await page.getByRole("button", { name: "Say it" }).click()
  await page.locator(".messages li", { hasText: "For the record" }).waitFor()
  const { uri } = await enrolApp(page, on.demo.url)
  await page.getByRole("button", { name: "Make recovery codes" }).click()
  await page.locator(".codes li").first().waitFor()
  const codes = await page.locator(".codes li").allTextContents()

  await page.goto(`${on.demo.url}/privacy`)
  await page.getByRole("button", { name: "Agree: newsletter" }).click()
  await expectNotice(page, "take that back")
  await page.getByRole("button", { name: "Take back: newsletter" }).click()
  await expectNotice(page, "Taken back")
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download my data" }).click(),
  ])
  const text = await readFile(await download.path(), "utf8")
  const data = JSON.parse(text)
  expect(data).toMatchObject({
    format: "mortise.account/1",
    user: { email },
    consents: [
      { purpose: "newsletter", given: true },
      { purpose: "newsletter", given: false },
    ],
    parts: { room: { messages: [{ text: "For the record" }] } },
  })
  expect(data.credentials.map(({ kind }: { kind: string }) => kind)).toContain("totp")
  expect(data.events.map(({ type }: { type: string }) => type)).toContain("factor.enrolled")

  const [session] = (await page.context().cookies()).filter(({ name }) => name === "__Host-session")
  const secrets = [
    password,
    new URL(uri).searchParams.get("secret") ?? "?",
    session?.value.split(".")[1] ?? "?",
    ...codes,
    "$argon2",
  ]
  for (const secret of secrets) expect(text).not.toContain(secret)
})

test("an account that is ended is gone at once, with what was said, out of every open window", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  const witness = await on.visit()
  await register(witness.page, on.demo.url)
  const words = `Words of ${email}`
  await page.getByPlaceholder("Say something").fill(words)
  await page.getByRole("button", { name: "Say it" }).click()
  await witness.page.locator(".messages li", { hasText: words }).waitFor()

  const otherTab = await page.context().newPage()
  await otherTab.goto(`${on.demo.url}/privacy`)
  await otherTab.getByText("I want to end my account").click()
  await otherTab.getByRole("button", { name: "End my account for good" }).click()
  await otherTab.waitForURL((url) => url.pathname === "/")
  await page.waitForURL((url) => url.pathname === "/sign-in")
  await expect.poll(() => witness.page.locator(".messages li", { hasText: words }).count()).toBe(0)
  await witness.page.reload()
  expect(await witness.page.content()).not.toContain(words)

  await signIn(page, on.demo.url, email)
  await expectRefusal(page, "incorrect")
  // The address is free again.
  await register(page, on.demo.url, email)
  await page.goto(`${on.demo.url}/activity`)
  expect(await page.getByText("Account created").count()).toBe(1)
  await signOut(page)
})

test("what was done with an account stands on its page of activity", async () => {
  const { page } = await on.visit()
  const email = await register(page, on.demo.url)
  await signOut(page)
  await signIn(page, on.demo.url, email, "not the right password")
  await expectRefusal(page, "incorrect")
  await signIn(page, on.demo.url, email)
  await page.waitForURL(`${on.demo.url}/room`)
  await page.goto(`${on.demo.url}/activity`)
  for (const words of ["Account created", "Signed in (password)", "Session ended: signed out"]) {
    await page.getByText(words).first().waitFor()
  }
})
