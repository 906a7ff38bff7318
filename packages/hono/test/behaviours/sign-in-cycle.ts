import { expect, test } from "vitest"
import { ada, fixtureAuth, origin } from "./fixture-auth.js"
import type { Host, Step } from "./host.js"
import { cookiesOf, get, pageOf, postForm, postJson, reasonOf, visit } from "./requests.js"

/** Register, sign in, see a guarded page, sign out: as a script and as a browser without JavaScript. */
export function signInCycle(host: Host): void {
  test("the whole cycle by JSON", async () => {
    const { auth } = fixtureAuth()
    const steps: Step[] = [
      { use: "mortise", auth },
      { use: "page", path: "/me", guard: true },
    ]
    const { send } = await host.start(steps)
    expect((await send(get("/me"))).status).toBe(401)
    expect((await send(postJson("/auth/register", ada))).status).toBe(202)
    const wrong = await send(postJson("/auth/login", { ...ada, password: "incorrect horse battery" }))
    expect([wrong.status, reasonOf(wrong), cookiesOf(wrong)]).toEqual([401, "invalid_credentials", ""])

    const login = await send(postJson("/auth/login", ada))
    expect(login.status).toBe(200)
    expect(login.headers.get("cache-control")).toBe("no-store")
    expect(login.headers.getSetCookie()).toHaveLength(1)
    const cookie = cookiesOf(login)
    expect(login.text).not.toContain(cookie.slice(cookie.indexOf("=") + 1))

    const me = await send(get("/me", { cookie }))
    expect(me.status).toBe(200)
    expect(pageOf(me)).toMatchObject({ page: "/me", claims: { email: ada.email, isSponsor: true } })
    const session = await send(get("/auth/session", { cookie }))
    expect(JSON.parse(session.text).user.id).toBe(pageOf(me).userId)

    const logout = await send({ method: "POST", target: "/auth/logout", headers: { cookie } })
    expect([logout.status, cookiesOf(logout)]).toEqual([200, "__Host-session="])
    expect((await send(get("/me", { cookie }))).status).toBe(401)
  })

  test("the whole cycle by forms, back to the page that asked", async () => {
    const { auth } = fixtureAuth()
    const steps: Step[] = [
      { use: "mortise", auth },
      { use: "page", path: "/me", guard: true },
    ]
    const { send } = await host.start(steps)
    const asked = await send(visit("/me?tab=2"))
    expect([asked.status, asked.headers.get("location")]).toEqual([303, "/sign-in?return_to=%2Fme%3Ftab%3D2"])

    const registered = await send(postForm("/auth/register", ada))
    expect([registered.status, registered.headers.get("location")]).toEqual([
      303,
      "/sign-in?notice=registered",
    ])

    const wrong = await send(postForm("/auth/login", { ...ada, password: "no", return_to: "/me?tab=2" }))
    expect(wrong.headers.get("location")).toBe("/sign-in?error=invalid_credentials&return_to=%2Fme%3Ftab%3D2")

    const login = await send(postForm("/auth/login", { ...ada, return_to: "/me?tab=2" }))
    expect([login.status, login.headers.get("location"), login.text]).toEqual([303, "/me?tab=2", ""])
    const cookie = cookiesOf(login)
    expect((await send(visit("/me?tab=2", { cookie }))).status).toBe(200)

    const logout = await send(postForm("/auth/logout", {}, { cookie }))
    expect([logout.status, logout.headers.get("location")]).toEqual([303, "/"])
    expect((await send(visit("/me", { cookie }))).status).toBe(303)
  })

  test.each([
    ["cross-site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }, 403],
    ["same site, another origin", { "sec-fetch-site": "same-site", origin: "https://blog.example.com" }, 403],
    ["Origin: null", { origin: "null" }, 403],
    ["look-alike origin", { origin: `${origin}.evil.example` }, 403],
    ["the host's own origin", { origin }, 200],
  ])("login and logout from %s", async (_, headers, status) => {
    const { auth, steps } = fixtureAuth()
    await steps.register(ada)
    const { send } = await host.start([{ use: "mortise", auth }])
    expect((await send(postJson("/auth/login", ada, headers))).status).toBe(status)
    expect((await send(postJson("/auth/logout", {}, headers))).status).toBe(status)
  })
}
