import { NextRequest } from "next/server.js"
import { expect, test } from "vitest"
import { handlers } from "../src/index.js"
import { ada, openShop, origin, request, script } from "./shop.js"

function post(path: string, body: object, headers: Record<string, string> = {}): NextRequest {
  return new NextRequest(origin + path, {
    method: "POST",
    headers: { "content-type": "application/json", origin, ...headers },
    body: JSON.stringify(body),
  })
}

test("signs in, tells the session, signs out", async () => {
  const { auth } = openShop()
  const { GET, POST } = handlers(() => auth)
  expect((await POST(post("/auth/register", ada))).status).toBe(202)
  const signedIn = await POST(post("/auth/login", ada))
  expect(signedIn.status).toBe(200)
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const session = await GET(request("/auth/session", { ...script, cookie }))
  expect(await session.json()).toMatchObject({ user: { claims: { email: ada.email } } })
  const signedOut = await POST(post("/auth/logout", {}, { cookie }))
  expect(signedOut.headers.getSetCookie()).toContainEqual(expect.stringContaining("Max-Age=0"))
  expect(await (await GET(request("/auth/session", { ...script, cookie }))).json()).toEqual({
    user: null,
    session: null,
  })
})

test("ends another session by its id", async () => {
  const { auth, signedIn } = openShop()
  const { DELETE } = handlers(auth)
  const [first, second] = [await signedIn(), await signedIn()]
  const { principal } = await auth.authenticate({
    method: "GET",
    target: "/",
    header: (name) => (name === "cookie" ? first : null),
  })
  const path = `/auth/sessions/${principal?.session.id}`
  const own = { method: "DELETE", ...script, origin, cookie: second }
  expect((await DELETE(request(path, own))).status).toBe(200)
  expect((await DELETE(request(path, { ...own, cookie: first }))).status).toBe(401)
})

test("a store that is down is 503", async () => {
  const { auth, breakStores, signedIn } = openShop()
  const cookie = await signedIn()
  breakStores()
  expect((await handlers(auth).GET(request("/auth/session", { ...script, cookie }))).status).toBe(503)
})

test("counts addresses as the host tells them", async () => {
  const { auth } = openShop()
  const { GET, POST } = handlers(auth, { address: (asked) => asked.headers.get("x-real-ip") ?? undefined })
  await POST(post("/auth/register", ada))
  const signedIn = await POST(post("/auth/login", ada, { "x-real-ip": "192.0.2.7" }))
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const session = await GET(request("/auth/session", { ...script, cookie }))
  expect(await session.json()).toMatchObject({ session: { address: "192.0.2.7" } })
})
