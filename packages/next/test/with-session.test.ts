import { expect, test, vi } from "vitest"
import { withSession } from "../src/index.js"
import { ada, grace, lifetime, openShop, origin, page, request, script } from "./shop.js"

test("the handler gets who is signed in, and the route's context", async () => {
  const { auth, signedIn } = openShop()
  const GET = withSession(auth, async (asked, { claims }, { params }: { params: Promise<{ id: string }> }) =>
    Response.json([asked.nextUrl.pathname, claims.email, (await params).id]),
  )
  const context = { params: Promise.resolve({ id: "7" }) }
  const response = await GET(request("/api/notes/7", { ...script, cookie: await signedIn() }), context)
  expect(await response.json()).toEqual(["/api/notes/7", ada.email, "7"])
})

test("the answer is for this user alone, unless the handler says otherwise", async () => {
  const { auth, signedIn } = openShop()
  const asked = request("/api/me", { ...script, cookie: await signedIn() })
  const plain = await withSession(auth, () => Response.json({}))(asked, undefined)
  expect(plain.headers.get("cache-control")).toBe("private, no-store")
  const own = () => Response.json({}, { headers: { "cache-control": "private, max-age=60" } })
  expect((await withSession(auth, own)(asked, undefined)).headers.get("cache-control")).toBe(
    "private, max-age=60",
  )
})

test("a visitor gets 401 or the sign-in page, and the handler does not run", async () => {
  const handler = vi.fn(() => new Response())
  const GET = withSession(openShop().auth, handler)
  expect((await GET(request("/api/me", script), undefined)).status).toBe(401)
  const sentOn = await GET(request("/api/me", page), undefined)
  expect([sentOn.status, sentOn.headers.get("location")]).toEqual([
    303,
    `${origin}/sign-in?return_to=%2Fapi%2Fme`,
  ])
  expect(handler).not.toHaveBeenCalled()
})

test("whom the rule refuses, and what another site sends, gets 403", async () => {
  const { auth, signedIn } = openShop()
  const handler = vi.fn(() => new Response())
  const POST = withSession(auth, handler, { rule: ({ claims }) => claims.isSponsor })
  const own = { method: "POST", ...script, origin, "sec-fetch-site": "same-origin" }
  const cookie = await signedIn("bob@example.com")
  expect((await POST(request("/api/pay", { ...own, cookie }), undefined)).status).toBe(403)
  const sponsor = { ...own, cookie: await signedIn() }
  const foreign = { ...sponsor, origin: "https://evil.example", "sec-fetch-site": "cross-site" }
  expect((await POST(request("/api/pay", foreign), undefined)).status).toBe(403)
  expect(handler).not.toHaveBeenCalled()
  expect((await POST(request("/api/pay", sponsor), undefined)).status).toBe(200)
})

test("a store that is down is 503, and the handler does not run", async () => {
  const { auth, breakStores, signedIn } = openShop()
  const handler = vi.fn(() => new Response())
  const cookie = await signedIn()
  breakStores()
  const response = await withSession(auth, handler)(request("/api/me", { ...script, cookie }), undefined)
  expect([response.status, (await response.json()).reason]).toEqual([503, "unavailable"])
  expect(handler).not.toHaveBeenCalled()
})

test("a session in its grace period gets its new cookie with the answer, whatever that is", async () => {
  const { auth, clock, signedIn } = openShop()
  const cookie = await signedIn()
  clock.advance(lifetime + grace / 2)
  const redirecting = withSession(auth, () => Response.redirect(`${origin}/elsewhere`))
  const response = await redirecting(request("/api/go", { ...script, cookie }), undefined)
  expect([response.status, response.headers.get("location")]).toEqual([302, `${origin}/elsewhere`])
  expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=ey/)])
  expect(response.headers.get("cache-control")).toBe("no-store")
})

test("what the handler throws is not ours", async () => {
  const { auth, signedIn } = openShop()
  const GET = withSession(auth, () => {
    throw new RangeError("the host's")
  })
  await expect(GET(request("/api/me", { ...script, cookie: await signedIn() }), undefined)).rejects.toThrow(
    RangeError,
  )
})

test("a rule that is no function is refused at the start", () => {
  const options = { rule: undefined } as object
  expect(() => withSession(openShop().auth, () => new Response(), options)).toThrow(TypeError)
})
