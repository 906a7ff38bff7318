import type { Rule } from "@mortise/core"
import { NextResponse } from "next/server.js"
import { describe, expect, test, vi } from "vitest"
import { sessionProxy } from "../src/index.js"
import { grace, lifetime, openShop, origin, page, request, type ShopClaims, script } from "./shop.js"

const forSponsors: Rule<ShopClaims> = ({ claims }) => claims.isSponsor

/** Whether Next goes on to the page. */
function goesOn(response: Response): boolean {
  return response.headers.get("x-middleware-next") === "1"
}

/** The cookies that the page behind it reads. */
function readBehind(response: Response): string | null {
  return response.headers.get("x-middleware-request-cookie")
}

describe("guards", () => {
  const shop = openShop()
  const proxy = sessionProxy(shop.auth, { guards: { "/desk": true, "/desk/early/": forSponsors } })

  test("a visitor passes where nothing is guarded", async () => {
    for (const path of ["/", "/desktop", "/other/desk", "/sign-in?return_to=/desk"]) {
      expect(goesOn(await proxy(request(path, page)))).toBe(true)
    }
  })

  test.each(["/desk", "/desk/", "/desk/letters", "/%64esk", "/desk%2fletters", "/desk?tab=2"])(
    "a visitor's browser is sent from %s to the sign-in page, and knows where it wanted to go",
    async (path) => {
      const response = await proxy(request(path, page))
      expect([response.status, goesOn(response)]).toEqual([303, false])
      const location = new URL(response.headers.get("location") ?? "")
      expect(location.origin + location.pathname).toBe(`${origin}/sign-in`)
      expect(location.searchParams.get("return_to")).toBe(path)
      expect(response.headers.get("cache-control")).toBe("no-store")
    },
  )

  test("a path that cannot be decoded is below every guard", async () => {
    expect((await proxy(request("/%E0%A4%A", script))).status).toBe(401)
  })

  test("a visitor's script hears 401 as problem details", async () => {
    const response = await proxy(request("/desk", script))
    expect(response.status).toBe(401)
    expect(response.headers.get("content-type")).toBe("application/problem+json")
    expect(await response.json()).toMatchObject({ status: 401, reason: "not_signed_in" })
  })

  test("who is signed in passes, and where several guards match, by all of them", async () => {
    const [sponsor, other] = [await shop.signedIn("ada@example.com"), await shop.signedIn("bob@example.com")]
    for (const cookie of [sponsor, other]) {
      expect(goesOn(await proxy(request("/desk", { ...page, cookie })))).toBe(true)
    }
    expect(goesOn(await proxy(request("/desk/early", { ...page, cookie: sponsor })))).toBe(true)
    const refused = await proxy(request("/desk/early/2", { ...script, cookie: other }))
    expect([refused.status, await refused.json()]).toEqual([
      403,
      expect.objectContaining({ reason: "forbidden" }),
    ])
  })

  test("another site cannot have a signed-in browser change something", async () => {
    const cookie = await shop.signedIn()
    const foreign = {
      method: "POST",
      cookie,
      ...script,
      origin: "https://evil.example",
      "sec-fetch-site": "cross-site",
    }
    expect((await proxy(request("/desk", foreign))).status).toBe(403)
    expect(
      goesOn(await proxy(request("/desk", { ...foreign, origin, "sec-fetch-site": "same-origin" }))),
    ).toBe(true)
  })

  test("a guard that is no function is refused at the start", () => {
    const misspelled = undefined as unknown as true
    expect(() => sessionProxy(shop.auth, { guards: { "/desk": misspelled } })).toThrow(TypeError)
  })
})

describe("a session in its grace period", () => {
  test("is renewed once for the browser and for the page behind", async () => {
    const shop = openShop()
    const proxy = sessionProxy(shop.auth, { guards: { "/desk": true } })
    const cookie = await shop.signedIn()
    shop.clock.advance(lifetime + grace / 2)
    const sent = `theme=dark; ${cookie}; lang=en`
    const response = await proxy(request("/desk", { ...page, cookie: sent }))

    expect(goesOn(response)).toBe(true)
    const [renewed = "", ...more] = response.headers.getSetCookie()
    expect(more).toEqual([])
    expect(renewed).toMatch(/^__Host-session=[^;]+; Max-Age=180; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const [pair = ""] = renewed.split(";")
    expect(pair).not.toBe(cookie)
    expect(readBehind(response)).toBe(`theme=dark; lang=en; ${pair}`)
    expect(response.headers.get("cache-control")).toBe("no-store")
    // What both got is a session.
    shop.clock.advance(lifetime - 1000)
    const later = await proxy(request("/desk", { ...page, cookie: pair }))
    expect([goesOn(later), later.headers.getSetCookie(), readBehind(later)]).toEqual([true, [], pair])
  })

  test("is renewed also where the guard refuses", async () => {
    const shop = openShop()
    const proxy = sessionProxy(shop.auth, { guards: { "/early": forSponsors } })
    const cookie = await shop.signedIn("bob@example.com")
    shop.clock.advance(lifetime + 1000)
    const response = await proxy(request("/early", { ...script, cookie }))
    expect([response.status, response.headers.getSetCookie().length]).toEqual([403, 1])
  })

  test("is over at its end: nothing is set, and the visitor signs in", async () => {
    const shop = openShop()
    const proxy = sessionProxy(shop.auth, { guards: { "/desk": true } })
    const cookie = await shop.signedIn()
    shop.clock.advance(lifetime + grace + 1000)
    const response = await proxy(request("/desk", { ...page, cookie }))
    expect([response.status, response.headers.getSetCookie()]).toEqual([303, []])
  })
})

describe("what goes on", () => {
  test("leaves the library's routes to the library, also while its stores are down", async () => {
    const shop = openShop()
    const proxy = sessionProxy(shop.auth, { guards: { "/": true } })
    const cookie = await shop.signedIn()
    shop.clock.advance(lifetime + 1000)
    const response = await proxy(request("/auth/session", { ...script, cookie }))
    expect([goesOn(response), response.headers.getSetCookie()]).toEqual([true, []])
    shop.breakStores()
    expect(goesOn(await proxy(request("/auth/session", { ...script, cookie })))).toBe(true)
  })

  test("a store that is down is 503, never “nobody”; who has no cookie goes on", async () => {
    const shop = openShop()
    const proxy = sessionProxy(shop.auth)
    const cookie = await shop.signedIn()
    shop.breakStores()
    const refused = await proxy(request("/", { ...script, cookie }))
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"])
    expect(await refused.json()).toMatchObject({ reason: "unavailable" })
    expect(goesOn(await proxy(request("/", page)))).toBe(true)
  })

  test("goes on as the host says, with the renewed cookie added", async () => {
    const shop = openShop()
    const proxy = sessionProxy(shop.auth, {
      onward(asked, headers) {
        headers.set("x-nonce", "abc")
        const response = NextResponse.rewrite(new URL("/inner", asked.url), { request: { headers } })
        response.headers.append("set-cookie", "seen=1")
        return response
      },
    })
    const cookie = await shop.signedIn()
    shop.clock.advance(lifetime + 1000)
    const response = await proxy(request("/", { ...page, cookie }))
    expect(response.headers.get("x-middleware-rewrite")).toBe(`${origin}/inner`)
    expect(response.headers.get("x-middleware-request-x-nonce")).toBe("abc")
    expect(response.headers.getSetCookie()).toEqual(["seen=1", expect.stringMatching(/^__Host-session=/)])
  })

  test("makes the Auth when the first request comes, not before", async () => {
    const source = vi.fn(async () => openShop().auth)
    const proxy = sessionProxy(source)
    expect(source).not.toHaveBeenCalled()
    expect(goesOn(await proxy(request("/", page)))).toBe(true)
    expect(source).toHaveBeenCalledOnce()
  })
})
