import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { openVisit, type Visit } from "../../../tools/e2e/visit.js"
import { allow, allowedCallback, goTo, labels, type OAuthStage, openOAuthStage } from "./oauth-stage.js"
import { importArticle, newAddress, pathOf, signOut } from "./visit.js"

let stage: OAuthStage
let url: string

/** How the stand-in is mended, while it is broken. */
let mend: (() => Promise<void> | void) | undefined

beforeAll(async () => {
  stage = await openOAuthStage()
  url = stage.demo.url
})
afterEach(async () => {
  await mend?.()
  mend = undefined
})
afterAll(() => stage?.close())

// First, while nothing is known of the providers yet.
test("a provider that was never reached is an error on the sign-in page, and the same button works once it is back", async () => {
  const { page } = await visitor()
  await page.goto(`${url}/sign-in?return_to=/devices`)
  await breakDown("is gone")
  await page.getByRole("button", { name: "Continue with Microsoft" }).click()
  await expectRefusal(page, "We cannot reach Microsoft")
  await mended()
  await allow(page, "Continue with Microsoft", newAddress())
  expect(pathOf(page)).toBe("/devices")
})

describe.each([
  ["with JavaScript", true],
  ["without JavaScript", false],
])("%s", (_, javaScriptEnabled) => {
  test.each(labels)("%s: the first sign-in makes the user, the second finds them", async (label) => {
    const { page, complaints } = await visitor({ javaScriptEnabled })
    const email = newAddress()
    await page.goto(`${url}/register`)
    await page.getByText("not to Google, GitHub, or Microsoft").waitFor()
    await allow(page, `Continue with ${label}`, email)
    expect(pathOf(page)).toBe("/workspace")
    const cookies = await page.context().cookies(url)
    expect(cookies.find(({ name }) => name === "__Host-session")).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: "Lax",
    })
    await importArticle(page, "# By the side door\n")
    await page.getByRole("heading", { level: 2, name: "By the side door" }).waitFor()
    await signOut(page)

    await page.goto(`${url}/sign-in`)
    await allow(page, `Continue with ${label}`, email.toUpperCase())
    await page.getByRole("heading", { level: 2, name: "By the side door" }).waitFor()
    await page.getByRole("link", { name: "Account" }).click()
    await page.getByText(`Signed in as ${email}`).waitFor()
    await page.getByRole("button", { name: `Disconnect ${label}` }).waitFor()
    expect(await page.getByLabel("Current password").count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test("a no at the provider leads back to the sign-in page, which remembers where one wanted to go", async () => {
    const { page, complaints } = await visitor({ javaScriptEnabled })
    await page.goto(`${url}/devices`)
    await goTo(page, "Continue with GitHub", newAddress())
    await page.getByRole("button", { name: "Deny" }).click()
    await expectRefusal(page, "You did not agree at GitHub")
    await page.getByRole("button", { name: "Continue with Google" }).click()
    await page.getByRole("button", { name: "Cancel" }).click()
    await expectRefusal(page, "You did not agree at Google")
    await allow(page, "Continue with GitHub", newAddress())
    expect(pathOf(page)).toBe("/devices")
    expect(complaints).toEqual([])
  })
})

describe("what comes back and does not belong to what was begun", () => {
  test("another state", async () => {
    const { callback, email, page } = await begun()
    const wrong = new URL(callback)
    wrong.searchParams.set("state", "A".repeat(43))
    await page.goto(wrong.href)
    await expectMismatchAndRetry(page, email)
  })

  test("a state that came too late", async () => {
    const { callback, email, page } = await begun()
    await stage.expireAttempts()
    await page.goto(callback)
    await expectMismatchAndRetry(page, email)
  })

  test("a browser that lost the cookie", async () => {
    const { callback, email, page } = await begun()
    await page.context().clearCookies({ name: "__Host-oauth" })
    await page.goto(callback)
    await expectMismatchAndRetry(page, email)
  })

  test("a cookie that somebody made up", async () => {
    const { callback, email, page } = await begun()
    const [cookie] = await page.context().cookies(url)
    expect(cookie?.name).toBe("__Host-oauth")
    if (cookie) await page.context().addCookies([{ ...cookie, value: "A".repeat(43) }])
    await page.goto(callback)
    await expectMismatchAndRetry(page, email)
  })

  test("another browser, which is not signed in to somebody else's account", async () => {
    const attacker = await begun()
    const victim = await visitor()
    await victim.page.goto(attacker.callback)
    await expectMismatchAndRetry(victim.page, newAddress())
    // The attempt itself is not used up by that.
    await attacker.page.goto(attacker.callback)
    expect(pathOf(attacker.page)).toBe("/workspace")
  })

  test("the callback of another provider", async () => {
    const { callback, email, page } = await begun()
    await page.goto(callback.replace("/google/callback", "/microsoft/callback"))
    await expectMismatchAndRetry(page, email)
  })

  test("the same callback once more", async () => {
    const { callback, email, page } = await begun()
    await page.goto(callback)
    expect(pathOf(page)).toBe("/workspace")
    await signOut(page)
    await page.goto(callback)
    await expectMismatchAndRetry(page, email)
  })
})

// Microsoft is asked as Google is.
describe.each(["is gone", "hangs"] as const)("a provider that %s", (way) => {
  test.each(["Google", "GitHub"] as const)("while somebody comes back from it: %s", async (label) => {
    const { callback, email, page } = await begun(label, "/devices")
    await breakDown(way)
    await page.goto(callback)
    await expectRefusal(page, `We cannot reach ${label}`)
    await mended()
    await allow(page, `Continue with ${label}`, email)
    expect(pathOf(page)).toBe("/devices")
  })
})

test("two tabs that sign in with different providers at once do not disturb each other", async () => {
  const { page: first } = await visitor()
  const second = await first.context().newPage()
  const [byGoogle, byGitHub] = [newAddress(), newAddress()]
  for (const page of [first, second]) await page.goto(`${url}/sign-in`)
  await goTo(first, "Continue with Google", byGoogle)
  await goTo(second, "Continue with GitHub", byGitHub)
  await second.getByRole("button", { name: "Allow" }).click()
  await second.getByTitle(`Signed in as ${byGitHub}`).waitFor()
  await first.getByRole("button", { name: "Allow" }).click()
  await first.getByTitle(`Signed in as ${byGoogle}`).waitFor()
  // One browser is one session, so the tab that came last decides who it is.
  await second.reload()
  await second.getByTitle(`Signed in as ${byGoogle}`).waitFor()
})

test("two tabs with the same provider neither", async () => {
  const { page: first } = await visitor()
  const second = await first.context().newPage()
  const email = newAddress()
  for (const page of [first, second]) {
    await page.goto(`${url}/sign-in`)
    await goTo(page, "Continue with Google", email)
  }
  for (const page of [first, second]) {
    await page.getByRole("button", { name: "Allow" }).click()
    expect(pathOf(page)).toBe("/workspace")
  }
})

test("a way back that leads to another site is not followed", async () => {
  const { page } = await visitor()
  await page.goto(`${url}/sign-in?return_to=${encodeURIComponent("//elsewhere.example/")}`)
  await allow(page, "Continue with Google", newAddress())
  expect(page.url()).toBe(`${url}/workspace`)
})

function visitor(options: { javaScriptEnabled?: boolean } = {}): Promise<Visit> {
  return openVisit(stage.browser, options)
}

/** Somebody who has just allowed it, and the address that the provider sends them back to. */
async function begun(
  label = "Google",
  returnTo = "/workspace",
): Promise<{ page: Page; email: string; callback: string }> {
  const { page } = await visitor()
  const email = newAddress()
  await page.goto(`${url}/sign-in?return_to=${returnTo}`)
  await goTo(page, `Continue with ${label}`, email)
  const callback = await allowedCallback(page, email)
  expect(callback).toContain("code=")
  return { page, email, callback }
}

async function breakDown(way: "hangs" | "is gone"): Promise<void> {
  const { standIn } = stage
  if (way === "hangs") {
    standIn.pause()
    mend = () => standIn.resume()
  } else {
    await standIn.kill()
    mend = () => standIn.restart()
  }
}

async function mended(): Promise<void> {
  await mend?.()
  mend = undefined
}

/** The sign-in page says why. */
async function expectRefusal(page: Page, words: string): Promise<void> {
  expect(await page.getByRole("alert").textContent()).toContain(words)
  expect(pathOf(page)).toBe("/sign-in")
}

/** Nobody is signed in, the page says why, and the button there works. */
async function expectMismatchAndRetry(page: Page, email: string): Promise<void> {
  await expectRefusal(page, "has expired, or was begun in another browser")
  const cookies = await page.context().cookies(url)
  expect(cookies.map(({ name }) => name)).not.toContain("__Host-session")
  await allow(page, "Continue with Google", email)
  expect(pathOf(page)).toBe("/workspace")
}
