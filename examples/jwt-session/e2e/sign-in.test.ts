import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openVisit, watch } from "../../../tools/e2e/visit"
import { patience } from "./running-demo"
import {
  cookieOf,
  mintedCookie,
  newName,
  openStage,
  placeOf,
  type Stage,
  signedIn,
  signedInAtGitHub,
  signInAtGitHub,
} from "./stage"

let stage: Stage

beforeAll(async () => {
  stage = await openStage("jwt")
}, patience)
afterAll(() => stage?.close())

test("a guarded page leads to the sign-in page, to GitHub, and back; the account is made the first time", async () => {
  const { page, complaints } = await openVisit(stage.browser)
  const name = newName()
  await page.goto(`${stage.url}/desk`)
  expect(placeOf(page)).toBe("/sign-in?return_to=%2Fdesk")
  await signInAtGitHub(page, name)
  await page.getByRole("heading", { name: `Good to see you, ${name}` }).waitFor()
  expect(placeOf(page)).toBe("/desk")
  expect(await page.getByTestId("logins").textContent()).toBe("1")

  await page.getByRole("button", { name: "Sign out" }).click()
  await page.getByRole("link", { name: "Sign in", exact: true }).waitFor()
  expect([placeOf(page), await cookieOf(page)]).toEqual(["/", ""])
  await page.goto(`${stage.url}/sign-in?return_to=/desk`)
  // Of what GitHub says now: the claim is as fresh as the sign-in.
  await signInAtGitHub(page, name, true)
  await page.getByText("Yes, thank you").waitFor()
  expect(await page.getByTestId("logins").textContent()).toBe("2")
  expect(complaints).toEqual([])
})

test("what the token says, and who can check it", async () => {
  const { page, name } = await signedInAtGitHub(stage, true)
  const [header = "", payload = ""] = (await cookieOf(page)).replace("__Host-session=", "").split(".")
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString())
  const { keys } = await (await fetch(`${stage.url}/auth/jwks`)).json()
  expect(read(header)).toMatchObject({ alg: "EdDSA", kid: keys[0].kid })
  expect(keys[0]).not.toHaveProperty("d")
  const member = await stage.stores.members.findByEmail(`${name}@users.example`)
  expect(read(payload)).toMatchObject({
    sub: member?.id,
    username: name,
    email: member?.email,
    isSponsor: true,
  })
  expect(member?.lastLoginAt).toBeGreaterThan(0)
})

test("the guarded API: the session's user out of the database, or 401", async () => {
  const { page, name } = await signedIn(stage)
  const answer = await fetch(`${stage.url}/api/me`, { headers: { cookie: await cookieOf(page) } })
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "private, no-store"])
  expect(await answer.json()).toMatchObject({
    username: name,
    email: `${name}@users.example`,
    isSponsor: false,
  })
  const visitor = await fetch(`${stage.url}/api/me`)
  expect([visitor.status, (await visitor.json()).reason]).toEqual([401, "not_signed_in"])
})

test("early notes are for sponsors, at the proxy and in the page", async () => {
  const sponsor = await signedInAtGitHub(stage, true)
  await sponsor.page.getByRole("navigation").getByRole("link", { name: "Early notes" }).click()
  await sponsor.page.getByText("A feed for every part of the project.").waitFor()
  const other = await signedIn(stage)
  const answer = await other.page.goto(`${stage.url}/early`)
  expect(answer?.status()).toBe(403)
  await other.page.getByText("These notes are for sponsors.").waitFor()
  expect(await other.page.content()).not.toContain("A feed for every part")
})

test("the proxy is not the only line: what it leaves out asks by itself", async () => {
  const headers = { cookie: await mintedCookie(stage) }
  expect((await fetch(`${stage.url}/api/me`)).status).toBe(401)
  expect((await fetch(`${stage.url}/api/notes`)).status).toBe(401)
  expect((await fetch(`${stage.url}/api/me`, { headers })).status).toBe(200)
  expect((await fetch(`${stage.url}/api/notes`, { headers })).status).toBe(403)
  const sponsor = await signedInAtGitHub(stage, true)
  const notes = await fetch(`${stage.url}/api/notes`, { headers: { cookie: await cookieOf(sponsor.page) } })
  expect((await notes.json()).notes).toHaveLength(3)
})

test("the header that once made Next skip its proxy (CVE-2025-29927) skips nothing", async () => {
  const skipping = { "x-middleware-subrequest": "src/proxy:src/proxy:src/proxy:src/proxy:src/proxy" }
  for (const path of ["/desk", "/early", "/errors"]) {
    const answer = await fetch(stage.url + path, { headers: skipping, redirect: "manual" })
    expect([path, answer.status]).toEqual([path, 401])
  }
})

describe("two tabs", () => {
  test("one signs in, the other knows without being loaded again", async () => {
    const { page: first } = await openVisit(stage.browser)
    const second = await first.context().newPage()
    const complaints = watch(second)
    await second.goto(stage.url)
    await second.evaluate(() => Object.assign(window, { neverLoadedAgain: true }))
    const name = newName()
    await first.goto(`${stage.url}/sign-in?return_to=/desk`)
    await signInAtGitHub(first, name, true)
    await second.getByTitle(`Signed in as ${name}`).waitFor()
    // Rendered again by the server, in its place.
    await second.getByRole("link", { name: "To your desk" }).waitFor()
    expect(await second.evaluate(() => "neverLoadedAgain" in window)).toBe(true)
    expect(complaints).toEqual([])
  })

  test("one signs out, the other is signed out and shows nothing any more", async () => {
    const { page: first, name } = await signedIn(stage)
    const second = await first.context().newPage()
    await second.goto(stage.url)
    await second.getByTitle(`Signed in as ${name}`).waitFor()
    await second.getByRole("button", { name: "Sign out" }).click()
    await first.waitForURL(/\/sign-in/)
    expect(await first.content()).not.toContain(name)
  })

  test("whoever signs out and goes back sees nothing of before", async () => {
    const { page, name } = await signedIn(stage)
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("link", { name: "Sign in", exact: true }).waitFor()
    await page.goBack()
    await page.waitForURL(/\/sign-in/)
    expect(await page.content()).not.toContain(`Good to see you, ${name}`)
  })
})

test("without JavaScript: sign in, read, sign out", async () => {
  const { page } = await openVisit(stage.browser, { javaScriptEnabled: false })
  const name = newName()
  await page.goto(`${stage.url}/desk`)
  await signInAtGitHub(page, name)
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(`Good to see you, ${name}`)
  expect(await page.getByTestId("expires").textContent()).toContain("UTC")
  await page.goto(`${stage.url}/errors`)
  await page.locator("#missing-cookie").getByRole("button").click()
  expect(await page.getByTestId("cause").textContent()).toContain("missing cookie")
  await page.getByRole("button", { name: "Sign out" }).click()
  expect(placeOf(page)).toBe("/")
})

test("a way back that leads to another site is not followed", async () => {
  const { page } = await openVisit(stage.browser)
  await page.goto(`${stage.url}/sign-in?return_to=${encodeURIComponent("//elsewhere.example/")}`)
  await signInAtGitHub(page, newName())
  await page.getByRole("heading", { name: "Good to see you" }).waitFor()
  expect(page.url()).toBe(`${stage.url}/desk`)
})

test("whoever says no at GitHub is told so", async () => {
  const { page } = await openVisit(stage.browser)
  await page.goto(`${stage.url}/sign-in`)
  await page.getByRole("button", { name: "Continue with GitHub" }).click()
  await page.getByRole("button", { name: "Deny" }).click()
  await page.getByText("You did not agree at GitHub").waitFor()
  expect(await cookieOf(page)).toBe("")
})
