import { expect, test } from "vitest"
import { scan } from "./authenticator-app.js"
import { answerWithApp, confirmAddress } from "./enrolled.js"
import { stage } from "./stage.js"
import { expectNotice, expectRefusal, pathOf, register, signIn, signOut } from "./visit.js"

const on = stage()
const withoutScript = { javaScriptEnabled: false }

test("registering, talking, a second factor, recovery codes, step-up and the end of an account work without JavaScript", async () => {
  const { page, complaints } = await on.visit(withoutScript)
  const { url } = on.demo
  const email = await register(page, url)
  await page.getByPlaceholder("Say something").fill("Nobody scripts here")
  await page.getByRole("button", { name: "Say it" }).click()
  await page.locator(".messages li", { hasText: "Nobody scripts here" }).waitFor()
  await confirmAddress(page, url, email)

  // The picture is read in a browser with scripts; what is in it is typed into this one.
  await page.goto(`${url}/security/totp`)
  const key = (await page.locator(".secret").textContent()) ?? ""
  const app = await scan(await pictureOf(await page.locator(".qr").innerHTML()))
  expect(new URL(app.uri).searchParams.get("secret")).toBe(key.replaceAll(" ", ""))
  await page.getByLabel("Six digits").fill("000000")
  await page.getByRole("button", { name: "Turn it on" }).click()
  await expectRefusal(page, "code is not right")
  expect(pathOf(page)).toBe("/security/totp")
  await page.getByLabel("Six digits").fill(await app.app.nextCode())
  await page.getByRole("button", { name: "Turn it on" }).click()
  await expectNotice(page, "second factor now")

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Make recovery codes" }).click(),
  ])
  expect(download.suggestedFilename()).toBe("recovery-codes.txt")
  await signOut(page)

  await signIn(page, url, email)
  await answerWithApp(page, app.app)
  await page.waitForURL(`${url}/room`)
  await page.goto(`${url}/room/close`)
  await page.getByRole("button", { name: "Close the room" }).click()
  await expectNotice(page, "room is empty")

  await page.goto(`${url}/privacy`)
  await page.getByText("I want to end my account").click()
  await page.getByRole("button", { name: "End my account for good" }).click()
  expect(pathOf(page)).toBe("/")
  await signIn(page, url, email)
  await expectRefusal(page, "incorrect")
  expect(complaints).toEqual([])
}, 120_000)

/** The code alone, on a page of a browser that can read it. */
async function pictureOf(svg: string): Promise<import("playwright-core").Locator> {
  const { page } = await on.visit()
  await page.setContent(`<div id="code" style="width:500px;padding:10px;background:#fff">${svg}</div>`)
  return page.locator("#code")
}
