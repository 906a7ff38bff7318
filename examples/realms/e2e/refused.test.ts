import { request } from "node:http"
import { beforeAll, describe, expect, test } from "vitest"
import { allTokens, ask, bearer, logIn, password, postJson, see } from "./client.js"
import { stageForFile } from "./stage.js"

const stage = stageForFile()
let tokens: Awaited<ReturnType<typeof allTokens>>

beforeAll(async () => {
  tokens = await allTokens(stage.url)
})

type Whose = "admin" | "store" | "customer"

const notAdmin = "Admin privileges required"
const noAdmins = "Store access only - admins cannot use store portal"
const noAccess = "You have no access to this store"

describe("by header", () => {
  test.each<[who: Whose, path: string, status: number, message: string]>([
    ["admin", "/store/ACME/dashboard", 403, noAdmins],
    ["store", "/admin/dashboard", 403, notAdmin],
    ["customer", "/admin/dashboard", 403, notAdmin],
    ["store", "/store/OTHER/dashboard", 403, noAccess],
    ["store", "/store/NONE/dashboard", 403, noAccess],
    ["admin", "/storefront/account/orders", 403, "Customer account required"],
    ["customer", "/store/ACME/dashboard", 403, noAdmins],
    ["customer", "/storefront/account/orders", 200, ""],
    ["store", "/store/ACME/dashboard", 200, ""],
    ["admin", "/admin/dashboard", 200, ""],
  ])("%s at %s: %i %s", async (who, path, status, message) => {
    const header = bearer(tokens[who])
    expect(await ask(stage.url + path, header)).toEqual({ status, message })
    expect(await see(stage.url + path, header)).toEqual({ status, message })
  })

  test.each<[who: Whose, path: string, status: number, message: string]>([
    ["admin", "/api/v1/store/ACME/products", 403, noAdmins],
    ["store", "/api/v1/admin/users", 403, notAdmin],
    ["customer", "/api/v1/admin/users", 403, notAdmin],
    ["store", "/api/v1/store/OTHER/products", 403, noAccess],
    ["store", "/api/v1/store/ACME/products", 200, ""],
    ["customer", "/api/v1/storefront/orders", 200, ""],
    ["admin", "/api/v1/admin/users", 200, ""],
  ])("%s at the API %s: %i %s", async (who, path, status, message) => {
    expect(await ask(stage.url + path, bearer(tokens[who]))).toEqual({ status, message })
  })

  test("it is looked at first: with one that is not valid, the right cookie does not count", async () => {
    const cookie = `admin_token=${tokens.admin}`
    expect(await ask(`${stage.url}/admin/dashboard`, { cookie })).toMatchObject({ status: 200 })
    expect(await ask(`${stage.url}/admin/dashboard`, { cookie, ...bearer("rubbish") })).toEqual({
      status: 401,
      message: "Admin authentication required",
    })
    expect(await ask(`${stage.url}/admin/dashboard`, { cookie, ...bearer(tokens.store) })).toEqual({
      status: 403,
      message: notAdmin,
    })
  })
})

describe("by cookie", () => {
  const realms = [
    {
      whose: "admin",
      name: "admin_token",
      page: "/admin/dashboard",
      message: "Admin authentication required",
    },
    {
      whose: "store",
      name: "store_token",
      page: "/store/ACME/dashboard",
      message: "Store authentication required",
    },
    {
      whose: "customer",
      name: "customer_token",
      page: "/storefront/account/orders",
      message: "Customer authentication required",
    },
  ] as const

  test.each(realms)("$name: its own token is taken at $page", async ({ whose, name, page }) => {
    expect(await ask(stage.url + page, { cookie: `${name}=${tokens[whose]}` })).toEqual({
      status: 200,
      message: "",
    })
  })

  test.each(
    realms.flatMap((at) => realms.filter(({ whose }) => whose !== at.whose).map((of) => ({ ...at, of }))),
  )(
    "$of.whose's token, moved to $page: 401, renamed to $name or not",
    async ({ name, page, message, of }) => {
      const token = tokens[of.whose]
      for (const cookie of [
        `${name}=${token}`,
        `${of.name}=${token}`,
        `${of.name}=${token}; ${name}=${token}`,
      ]) {
        expect(await ask(stage.url + page, { cookie })).toEqual({ status: 401, message })
        expect(await see(stage.url + page, { cookie })).toEqual({ status: 401, message })
      }
    },
  )

  test("a store user of ACME, at the other store: 403", async () => {
    const cookie = `store_token=${tokens.store}`
    const refused = { status: 403, message: noAccess }
    expect(await ask(`${stage.url}/store/OTHER/dashboard`, { cookie })).toEqual(refused)
    expect(await see(`${stage.url}/store/OTHER/dashboard`, { cookie })).toEqual(refused)
  })

  test.each([
    ["admin", "admin_token", "/api/v1/admin/users", "Admin authentication required"],
    ["store", "store_token", "/api/v1/store/ACME/products", "Store authentication required"],
    ["customer", "customer_token", "/api/v1/storefront/orders", "Customer authentication required"],
  ] as const)("%s's, alone, at an API: 401, and what to send instead", async (whose, name, path, message) => {
    const cookie = `${name}=${tokens[whose]}`
    expect(await ask(stage.url + path, { cookie })).toEqual({ status: 401, message })
    const { headers } = await fetch(stage.url + path, { headers: { cookie } })
    expect(headers.get("www-authenticate")).toMatch(/^Bearer realm="(admin|store|storefront)"$/)
  })
})

describe("logging in", () => {
  const refused = { status: 403, detail: "Admins cannot access store portal" }

  test.each(["admin", "admin@example.com", " Admin@Example.COM "])(
    "as %j at the store: 403, and nothing opens",
    async (username) => {
      for (const path of ["/api/v1/store/auth/login", "/store/auth/login"]) {
        const response = await postJson(stage.url + path, { username, password })
        expect(await response.json()).toMatchObject(refused)
        expect(response.status).toBe(403)
        expect(response.headers.getSetCookie()).toEqual([])
      }
    },
  )

  test("with the wrong password an admin hears there what everybody hears", async () => {
    const answers = ["admin", "nobody"].map(async (username) => {
      const response = await postJson(`${stage.url}/api/v1/store/auth/login`, { username, password: "wrong" })
      return [response.status, await response.text()]
    })
    const [admin, nobody] = await Promise.all(answers)
    expect(admin).toEqual(nobody)
    expect(admin?.[0]).toBe(401)
  })

  test("by form: back to the sign-in page, which says why", async () => {
    const response = await fetch(`${stage.url}/store/auth/login`, {
      method: "POST",
      headers: { accept: "text/html" },
      body: new URLSearchParams({ username: "admin", password }),
      redirect: "manual",
    })
    expect(response.status).toBe(303)
    expect(response.headers.getSetCookie()).toEqual([])
    const page = await fetch(new URL(response.headers.get("location") ?? "", stage.url))
    expect(await page.text()).toContain("Admins cannot access store portal")
  })

  test.each([
    ["admin", { username: "store" }, "Admin privileges required"],
    ["admin", { username: "customer@example.com" }, "Admin privileges required"],
    ["storefront", { email: "admin@example.com" }, "Customer account required"],
  ])("at %s as %j: 403", async (realm, fields, detail) => {
    const response = await postJson(`${stage.url}/api/v1/${realm}/auth/login`, { ...fields, password })
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ detail })
  })

  test.each([
    ["admin", { username: "admin" }, "admin_token", "/admin", "admin@example.com", undefined],
    ["admin", { username: "admin@example.com" }, "admin_token", "/admin", "admin@example.com", undefined],
    ["store", { username: "store" }, "store_token", "/store", "store@acme.com", "ACME"],
    ["store", { username: "store@acme.com" }, "store_token", "/store", "store@acme.com", "ACME"],
    ["store", { username: "store@other.com" }, "store_token", "/store", "store@other.com", "OTHER"],
    [
      "storefront",
      { email: "customer@example.com" },
      "customer_token",
      "/storefront",
      "customer@example.com",
      undefined,
    ],
  ])(
    "at %s as %j: token, user, and a cookie that lives as long as the token",
    async (realm, fields, name, path, email, store) => {
      const { body, cookie } = await logIn(stage.url, realm, fields)
      expect(body.user).toMatchObject({ email })
      expect(body.store).toEqual(store && expect.objectContaining({ code: store }))
      const { iat, exp, aud } = claimsOf(body.access_token)
      expect(aud).toBe(realm)
      expect(exp - iat).toBe(8 * 3600)
      expect(body.expires_in).toBe(exp - iat)
      expect(cookie).toBe(
        `${name}=${body.access_token}; Max-Age=${exp - iat}; Path=${path}; HttpOnly; Secure; SameSite=Lax`,
      )
    },
  )

  test("an API takes no form", async () => {
    const response = await fetch(`${stage.url}/api/v1/admin/auth/login`, {
      method: "POST",
      body: new URLSearchParams({ username: "admin", password }),
    })
    expect(response.status).toBe(415)
  })
})

test.each([
  "/",
  "/cookies",
  "/wire",
  "/api/v1/catalogue",
  "/admin/login",
  "/store/login",
  "/storefront/login",
])("%s is public", async (path) => expect((await fetch(stage.url + path)).status).toBe(200))

test.each([
  "//admin/dashboard",
  "/Admin/dashboard",
  "/%61dmin/dashboard",
  "/admin;x/dashboard",
  "/admin//dashboard",
  "/x/%2e%2e/admin/dashboard",
])("%s is nothing, also to an admin", async (path) => {
  const { status } = await rawGet(path, tokens.admin)
  expect(status).toBe(404)
})

/** Unlike fetch, which tidies the path up. */
async function rawGet(path: string, token: string): Promise<{ status: number }> {
  const { hostname, port } = new URL(stage.url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: bearer(token) }, (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0 })
    })
      .on("error", reject)
      .end()
  })
}

function claimsOf(token: string): { iat: number; exp: number; aud: string } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
}
