import { describe, expect, test } from "vitest"
import { cookieNames, hour, kinds, people, phrase, type Role, shop } from "./shop.js"

const pages = {
  admin: "/admin/dashboard",
  store: "/store/ACME/dashboard",
  storefront: "/storefront/account/orders",
} as const
const names = ["admin", "store", "storefront"] as const
const own: Readonly<Record<(typeof names)[number], Role>> = {
  admin: "admin",
  store: "store",
  storefront: "customer",
}

describe.each(kinds)("three realms beside each other, %s sessions", (_, sessions) => {
  test.each(names)(
    "%s: its own user passes at its pages by cookie and header, at its API by header",
    async (name) => {
      const host = await shop(sessions)
      const { bearer, cookie } = await host.signIn(name, own[name])
      const page = { status: 200, json: { realm: name, met: name } }
      expect(await host.ask("GET", pages[name], cookie)).toMatchObject(page)
      expect(await host.ask("GET", pages[name], bearer)).toMatchObject(page)
      expect(await host.ask("GET", `/api/v1/${name}/things`, bearer)).toMatchObject(page)
    },
  )

  test("what no area holds is public, and no session is loaded", async () => {
    const host = await shop(sessions)
    const { cookie } = await host.signIn("admin", "admin")
    for (const target of ["/", "/catalogue", "/administrator", "/store-locator?x=/store", "/api/v1/other"]) {
      expect(await host.ask("GET", target, cookie)).toMatchObject({
        status: 200,
        json: { realm: null, met: null },
      })
    }
  })

  test("open paths need no session, and know one that is there", async () => {
    const host = await shop(sessions)
    expect(await host.ask("GET", "/admin/login")).toMatchObject({
      status: 200,
      json: { met: "admin", realm: null },
    })
    expect(await host.ask("GET", "/admin/assets/a/b.css")).toMatchObject({ status: 200 })
    expect(await host.ask("GET", "/admin/login/more")).toMatchObject({ status: 401 })
    expect(await host.ask("GET", "/admin/assetsX")).toMatchObject({ status: 401 })
    const { cookie } = await host.signIn("admin", "admin")
    expect(await host.ask("GET", "/admin/login", cookie)).toMatchObject({ json: { realm: "admin" } })
  })

  test.each([
    ["admin", "store", 403, "Store access only - admins cannot use store portal"],
    ["store", "admin", 403, "Admin privileges required"],
    ["storefront", "admin", 403, "Admin privileges required"],
    ["storefront", "store", 403, "Store access only - admins cannot use store portal"],
    ["admin", "storefront", 403, "forbidden"],
  ] as const)("a token of %s in the header at %s: %i %s", async (from, at, status, detail) => {
    const host = await shop(sessions)
    const { bearer } = await host.signIn(from, own[from])
    host.events.length = 0
    for (const target of [pages[at], `/api/v1/${at}/things`]) {
      const asked = await host.ask("GET", target, bearer)
      expect(asked).toMatchObject({ status, json: { reason: "forbidden", detail } })
    }
    expect(host.events.filter(({ type }) => type === "guard.refused")).toMatchObject([
      { realm: at, cause: "wrong_realm" },
      { realm: at, cause: "wrong_realm" },
    ])
  })

  test("the same tokens in the cookie of the realm count as none: 401", async () => {
    const host = await shop(sessions)
    for (const from of names) {
      const { token } = await host.signIn(from, own[from])
      for (const at of names.filter((name) => name !== from)) {
        const renamed = { cookie: `${cookieNames[at]}=${token}` }
        expect(await host.ask("GET", pages[at], renamed)).toMatchObject({ status: 401 })
      }
    }
  })

  test("a browser with another realm's cookie, and nobody at all: 401 with the realm's own words", async () => {
    const host = await shop(sessions)
    const { cookie } = await host.signIn("admin", "admin")
    for (const headers of [cookie, {}]) {
      const asked = await host.ask("GET", pages.store, headers)
      expect(asked).toMatchObject({ status: 401, json: { detail: "Store authentication required" } })
    }
  })

  test("the header goes before the cookie, right or wrong", async () => {
    const host = await shop(sessions)
    const { bearer, cookie } = await host.signIn("store", "store")
    expect(await host.ask("GET", pages.store, { ...cookie, ...bearer })).toMatchObject({ status: 200 })
    for (const authorization of ["Bearer", "Bearer ", "Bearer nonsense", "bearer x", "BEARER\tx"]) {
      const asked = await host.ask("GET", pages.store, { ...cookie, authorization })
      expect(asked, authorization).toMatchObject({ status: authorization === "BEARER\tx" ? 200 : 401 })
    }
    // Another scheme is somebody else's.
    expect(await host.ask("GET", pages.store, { ...cookie, authorization: "Basic YTpi" })).toMatchObject({
      status: 200,
    })
  })

  test("a cookie alone never authenticates the API: 401 with WWW-Authenticate", async () => {
    const host = await shop(sessions)
    const { cookie } = await host.signIn("store", "store")
    const asked = await host.ask("GET", "/api/v1/store/things", cookie)
    expect(asked).toMatchObject({ status: 401, json: { reason: "not_signed_in" } })
    expect(asked.headers.get("www-authenticate")).toBe('Bearer realm="store"')
    const wrong = await host.ask("GET", "/api/v1/store/things", { authorization: "Bearer x" })
    expect(wrong.headers.get("www-authenticate")).toBe('Bearer realm="store", error="invalid_token"')
    expect(await host.ask("GET", "/api/v1/store/auth/session", cookie)).toMatchObject({
      json: { user: null },
    })
  })

  test("the API needs no word of where a request comes from; a page of the realm does", async () => {
    const host = await shop(sessions)
    const { bearer, cookie } = await host.signIn("store", "store")
    const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" }
    expect(await host.ask("POST", "/api/v1/store/things", { ...bearer, ...foreign })).toMatchObject({
      status: 200,
    })
    expect(await host.ask("POST", pages.store, { ...cookie, ...foreign })).toMatchObject({
      status: 403,
      json: { reason: "cross_origin" },
    })
    // Signing in sets a cookie, and so is asked at the API as well.
    const body = JSON.stringify({ email: people.store, password: phrase })
    const json = { "content-type": "application/json" }
    expect(await host.ask("POST", "/api/v1/store/auth/login", { ...json, ...foreign }, body)).toMatchObject({
      status: 403,
    })
  })

  test("a WebSocket is opened by the realm's own pages only", async () => {
    const host = await shop(sessions)
    const { bearer, cookie } = await host.signIn("store", "store")
    const upgrade = { upgrade: "websocket", connection: "Upgrade" }
    const foreign = { ...upgrade, origin: "https://evil.example" }
    expect(
      await host.ask("GET", "/store/live", { ...cookie, ...upgrade, origin: "https://app.example.com" }),
    ).toMatchObject({ status: 200 })
    expect(await host.ask("GET", "/store/live", { ...cookie, ...foreign })).toMatchObject({ status: 403 })
    expect(await host.ask("GET", "/store/live", { ...bearer, ...foreign })).toMatchObject({ status: 200 })
  })

  test("signing out of one leaves the others, by cookie and by header", async () => {
    const host = await shop(sessions)
    const [admin, store, storefront] = await Promise.all(names.map((name) => host.signIn(name, own[name])))
    const out = await host.ask("POST", "/store/auth/logout", {
      ...store?.cookie,
      origin: "https://app.example.com",
    })
    expect(out.status).toBe(200)
    expect(out.cookies).toEqual([expect.stringMatching(/^store_token=; Max-Age=0; Path=\/store;/)])
    expect(await host.ask("GET", pages.store, store?.cookie)).toMatchObject({ status: 401 })
    expect(await host.ask("GET", pages.store, store?.bearer)).toMatchObject({ status: 401 })
    expect(await host.ask("GET", pages.admin, admin?.cookie)).toMatchObject({ status: 200 })
    const gone = await host.ask("POST", "/api/v1/storefront/auth/logout", storefront?.bearer)
    expect(gone).toMatchObject({ status: 200 })
    expect(gone.cookies).toEqual([expect.stringMatching(/^customer_token=; Max-Age=0; Path=\/storefront;/)])
    expect(await host.ask("GET", pages.storefront, storefront?.cookie)).toMatchObject({ status: 401 })
    expect(await host.ask("GET", pages.admin, admin?.bearer)).toMatchObject({ status: 200 })
  })

  test("the sign-in answers token and user, the store's own fields, and sets the realm's cookie", async () => {
    const host = await shop(sessions)
    const { answer, token } = await host.signIn("store", "store")
    expect(answer.json).toMatchObject({
      access_token: token,
      token_type: "Bearer",
      expires_in: 8 * 3600,
      user: { id: expect.any(String) },
      store: { code: "ACME" },
    })
    const [cookie = ""] = answer.cookies
    expect(cookie).toMatch(/^store_token=[^;]+; Max-Age=\d+; Path=\/store; HttpOnly; Secure; SameSite=Lax$/)
    expect(cookie).toContain(`store_token=${token};`)
  })

  test("a role that changed is refused by the next request, and by the library's own routes; signing out still works", async () => {
    const host = await shop(sessions)
    const { bearer, cookie } = await host.signIn("admin", "admin")
    expect(await host.ask("GET", "/admin/auth/sessions", cookie)).toMatchObject({ status: 200 })
    host.roles.set(people.admin, "store")
    const user = await host.stores.users.findByEmail(people.admin)
    // What a session carries of its user is as old as its last renewal; whoever changes a role ends that.
    const ended = await host.auths.admin.sessions.endAll(user?.id ?? "", "permissions_changed", {})
    expect(ended).toBe(1)
    for (const headers of [cookie, bearer]) {
      expect(await host.ask("GET", pages.admin, headers)).toMatchObject({ status: 401 })
      expect(await host.ask("GET", "/admin/auth/sessions", headers)).toMatchObject({ status: 401 })
    }
  })
})

describe("who is let in", () => {
  test.each(kinds)(
    "an admin is told so at the store, after the right password only; %s",
    async (_, sessions) => {
      const host = await shop(sessions)
      const { answer } = await host.signIn("store", "admin")
      expect(answer).toMatchObject({
        status: 403,
        json: { reason: "forbidden", detail: "Admins cannot access store portal" },
      })
      expect(answer.cookies).toEqual([])
      expect(host.events.at(-1)).toMatchObject({
        type: "sign_in.refused",
        cause: "not_admitted",
        realm: "store",
      })
      const body = JSON.stringify({ email: people.admin, password: "not this one at all" })
      const json = { "content-type": "application/json", origin: "https://app.example.com" }
      expect(await host.ask("POST", "/api/v1/store/auth/login", json, body)).toMatchObject({
        status: 401,
        json: { reason: "invalid_credentials" },
      })
      expect(
        (await host.stores.sessions.listByUser((await host.stores.users.findByEmail(people.admin))?.id ?? ""))
          .length,
      ).toBe(0)
    },
  )

  test("the form leads back with the reason", async () => {
    const host = await shop()
    const form = { "content-type": "application/x-www-form-urlencoded", origin: "https://app.example.com" }
    const body = new URLSearchParams({ email: people.admin, password: phrase }).toString()
    const asked = await host.ask("POST", "/store/auth/login", form, body)
    expect(asked.status).toBe(303)
    expect(asked.headers.get("location")).toBe("/sign-in?error=forbidden")
    expect(await host.ask("POST", "/api/v1/store/auth/login", form, body)).toMatchObject({ status: 415 })
  })

  test("a JWT's cookie lives as long as the JWT", async () => {
    const host = await shop()
    const { answer, token } = await host.signIn("storefront", "customer")
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
    expect(answer.cookies[0]).toContain(`Max-Age=${claims.exp - claims.iat};`)
    host.clock.advance(8 * hour + 31_000)
    expect(await host.ask("GET", pages.storefront, { cookie: `customer_token=${token}` })).toMatchObject({
      status: 401,
    })
  })
})

test("what is allowed where, as data", async () => {
  const { site } = await shop()
  expect(site.table).toMatchInlineSnapshot(`
    [
      {
        "cookie": undefined,
        "credentials": [
          "bearer",
        ],
        "open": [],
        "path": "/api/v1/storefront",
        "realm": "storefront",
        "rule": "hasRole("customer")",
      },
      {
        "cookie": undefined,
        "credentials": [
          "bearer",
        ],
        "open": [],
        "path": "/api/v1/admin",
        "realm": "admin",
        "rule": "hasRole("admin")",
      },
      {
        "cookie": undefined,
        "credentials": [
          "bearer",
        ],
        "open": [],
        "path": "/api/v1/store",
        "realm": "store",
        "rule": "not(hasRole("admin"))",
      },
      {
        "cookie": "customer_token",
        "credentials": [
          "bearer",
          "cookie",
        ],
        "open": [],
        "path": "/storefront",
        "realm": "storefront",
        "rule": "hasRole("customer")",
      },
      {
        "cookie": "admin_token",
        "credentials": [
          "bearer",
          "cookie",
        ],
        "open": [
          "/admin/login",
          "/admin/assets/*",
        ],
        "path": "/admin",
        "realm": "admin",
        "rule": "hasRole("admin")",
      },
      {
        "cookie": "store_token",
        "credentials": [
          "bearer",
          "cookie",
        ],
        "open": [
          "/store/login",
        ],
        "path": "/store",
        "realm": "store",
        "rule": "not(hasRole("admin"))",
      },
    ]
  `)
})

test("tries at one account count in all realms that share it", async () => {
  const host = await shop()
  const json = { "content-type": "application/json", origin: "https://app.example.com" }
  const attempt = (name: string, tried: string): ReturnType<typeof host.ask> =>
    host.ask(
      "POST",
      `/api/v1/${name}/auth/login`,
      json,
      JSON.stringify({ email: people.store, password: tried }),
    )
  for (const name of ["admin", "storefront", "admin", "storefront", "admin"])
    await attempt(name, "wrong, but long enough")
  // The account backs off, whichever door is tried next.
  expect(await attempt("store", phrase)).toMatchObject({ status: 401 })
  host.clock.advance(31_000)
  expect(await attempt("store", phrase)).toMatchObject({ status: 200 })
})
