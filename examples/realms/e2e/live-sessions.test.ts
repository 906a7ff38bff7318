import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { ask, bearer, logIn, password, postJson } from "./client.js"
import { browserForFile, stageForFile } from "./stage.js"
import { look, openVisit, pathOf, signInAt } from "./visit.js"

// In this order: each test leaves the accounts as it found them, or as the next one says.
const stage = stageForFile()
const browser = browserForFile()
let admin: Page

beforeAll(async () => {
  admin = (await openVisit(browser(), { javaScriptEnabled: false })).page
  await signInAt(admin, `${stage.url}/admin/login`, "admin")
})

/** The card of somebody on the administrator's page. */
async function person(email: string): Promise<ReturnType<Page["locator"]>> {
  await admin.goto(`${stage.url}/admin/users`)
  return admin.locator(`[data-email="${email}"]`)
}

async function changeRole(email: string, role: string): Promise<void> {
  const card = await person(email)
  await card.getByLabel("Role").selectOption(role)
  await card.getByRole("button", { name: "Change the role" }).click()
  expect(await admin.getByRole("status").textContent()).toContain("sessions have ended")
}

async function press(email: string, button: string): Promise<void> {
  const card = await person(email)
  await card.getByRole("button", { name: button }).click()
  await admin.getByRole("status").waitFor()
}

/** The same session in a browser and in a header, and another one in a client of its own. */
async function storeUser(): Promise<{ page: Page; tokens: readonly string[] }> {
  const { page } = await openVisit(browser())
  await signInAt(page, `${stage.url}/store/login`, "store")
  expect(pathOf(page)).toBe("/store/ACME/dashboard")
  const held = (await page.context().cookies()).find(({ name }) => name === "store_token")?.value ?? ""
  const { body } = await logIn(stage.url, "store", { username: "store" })
  return { page, tokens: [held, body.access_token] }
}

test("store access that is withdrawn is gone with the next request, and back when it is granted", async () => {
  const { page, tokens } = await storeUser()
  const dashboard = `${stage.url}/store/ACME/dashboard`
  const products = `${stage.url}/api/v1/store/ACME/products`
  for (const token of tokens) expect(await ask(products, bearer(token))).toMatchObject({ status: 200 })

  await press("store@acme.com", "Withdraw access to ACME")
  const refused = { status: 403, message: "You have no access to this store" }
  expect(await look(page, dashboard)).toMatchObject(refused)
  for (const token of tokens) {
    expect(await ask(dashboard, bearer(token))).toEqual(refused)
    expect(await ask(products, bearer(token))).toEqual(refused)
  }
  // Who they are has not changed, and so the session goes on.
  expect(await look(page, `${stage.url}/store`)).toMatchObject({ status: 200 })
  expect(await page.locator(".lead").textContent()).toContain("No store has let you in yet")

  await press("store@acme.com", "Grant access to OTHER")
  expect(await look(page, `${stage.url}/store/OTHER/dashboard`)).toMatchObject({ status: 200 })
  await press("store@acme.com", "Withdraw access to OTHER")
  await press("store@acme.com", "Grant access to ACME")
  expect(await look(page, dashboard)).toMatchObject({ status: 200 })
})

test("a role that is changed ends the session with the next request", async () => {
  const { page, tokens } = await storeUser()
  const dashboard = `${stage.url}/store/ACME/dashboard`

  await changeRole("store@acme.com", "admin")
  const ended = { status: 401, message: "Store authentication required" }
  expect(await look(page, dashboard)).toMatchObject(ended)
  for (const token of tokens) {
    expect(await ask(dashboard, bearer(token))).toEqual(ended)
    expect(await ask(`${stage.url}/api/v1/store/ACME/orders`, bearer(token))).toEqual(ended)
  }
  const again = await postJson(`${stage.url}/api/v1/store/auth/login`, { username: "store", password })
  expect([again.status, await again.json()]).toEqual([
    403,
    expect.objectContaining({ detail: "Admins cannot access store portal" }),
  ])
  // An administrator now, until the next change.
  const { body } = await logIn(stage.url, "admin", { username: "store" })
  expect(await ask(`${stage.url}/api/v1/admin/users`, bearer(body.access_token))).toMatchObject({
    status: 200,
  })
  await changeRole("store@acme.com", "store")
  expect(await ask(`${stage.url}/api/v1/admin/users`, bearer(body.access_token))).toEqual({
    status: 401,
    message: "Admin authentication required",
  })
  await signInAt(page, `${stage.url}/store/login`, "store")
  expect(pathOf(page)).toBe("/store/ACME/dashboard")
})

test("whoever is deactivated is out with the next request, and does not get in", async () => {
  const { page } = await openVisit(browser())
  await signInAt(page, `${stage.url}/storefront/login`, "customer@example.com")
  const { body } = await logIn(stage.url, "storefront", { email: "customer@example.com" })
  const orders = `${stage.url}/storefront/account/orders`
  expect(await look(page, orders)).toMatchObject({ status: 200 })

  await press("customer@example.com", "Deactivate")
  const ended = { status: 401, message: "Customer authentication required" }
  expect(await look(page, orders)).toMatchObject(ended)
  expect(await ask(orders, bearer(body.access_token))).toEqual(ended)
  expect(await ask(`${stage.url}/api/v1/storefront/orders`, bearer(body.access_token))).toEqual(ended)
  await signInAt(page, `${stage.url}/storefront/login`, "customer@example.com")
  expect(await page.getByRole("alert").textContent()).toContain("That is not right")

  await press("customer@example.com", "Activate")
  // What has ended stays so.
  expect(await ask(orders, bearer(body.access_token))).toEqual(ended)
  await signInAt(page, `${stage.url}/storefront/login`, "customer@example.com")
  expect(pathOf(page)).toBe("/storefront/account/dashboard")
})

test("nobody changes their own account, by no way", async () => {
  const card = await person("admin@example.com")
  expect(await card.getByRole("button", { name: "Deactivate" }).isDisabled()).toBe(true)
  const { body } = await logIn(stage.url, "admin", { username: "admin" })
  const { id } = body.user as { id: string }
  for (const change of [{ role: "customer" }, { active: false }]) {
    const response = await fetch(`${stage.url}/api/v1/admin/users/${id}`, {
      method: "PATCH",
      headers: { ...bearer(body.access_token), "content-type": "application/json" },
      body: JSON.stringify(change),
    })
    expect(response.status).toBe(409)
  }
  expect(await ask(`${stage.url}/admin/dashboard`, bearer(body.access_token))).toMatchObject({ status: 200 })
})

test("the same changes by the API, whose clients send no cookie", async () => {
  const { body } = await logIn(stage.url, "admin", { username: "admin" })
  const headers = { ...bearer(body.access_token), "content-type": "application/json" }
  const { users } = await (await fetch(`${stage.url}/api/v1/admin/users`, { headers })).json()
  const otto = users.find(({ email }: { email: string }) => email === "store@other.com")
  const session = await logIn(stage.url, "store", { username: "store@other.com" })
  const products = `${stage.url}/api/v1/store/OTHER/products`
  const asOtto = bearer(session.body.access_token)
  expect(await ask(products, asOtto)).toMatchObject({ status: 200 })

  const access = `${stage.url}/api/v1/admin/users/${otto.id}/stores/OTHER`
  expect((await fetch(access, { method: "DELETE", headers })).status).toBe(204)
  expect(await ask(products, asOtto)).toMatchObject({ status: 403 })
  expect((await fetch(access, { method: "PUT", headers })).status).toBe(204)
  expect(await ask(products, asOtto)).toMatchObject({ status: 200 })

  const change = (fields: object): Promise<Response> =>
    fetch(`${stage.url}/api/v1/admin/users/${otto.id}`, {
      method: "PATCH",
      headers,
      body: JSON.stringify(fields),
    })
  expect(await (await change({ active: false })).json()).toMatchObject({ user: { active: false } })
  expect(await ask(products, asOtto)).toMatchObject({ status: 401 })
  expect((await change({ active: true })).status).toBe(200)
  expect((await change({ role: "king" })).status).toBe(400)
})

test("a form of another site changes nothing", async () => {
  const held = (await admin.context().cookies()).find(({ name }) => name === "admin_token")?.value
  const card = await person("customer@example.com")
  const action = await card.locator("form").last().getAttribute("action")
  const response = await fetch(stage.url + action, {
    method: "POST",
    headers: {
      cookie: `admin_token=${held}`,
      origin: "https://elsewhere.example",
      "sec-fetch-site": "cross-site",
    },
    body: new URLSearchParams({ active: "no" }),
    redirect: "manual",
  })
  expect(response.status).toBe(403)
  expect(await (await person("customer@example.com")).textContent()).not.toContain("Deactivated")
})
