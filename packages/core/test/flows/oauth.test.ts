import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type HostileProvider, startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf, oauthApp, signInThrough, whoIs } from "../oauth/oauth-app.js"

let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const horse = "correct horse battery staple"

describe("signing in", () => {
  test("the first login makes the user, the second finds it, on another device too", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    expect(await signInThrough(browser, remote)).toBe("/workspace")
    const user = await host.stores.users.findByEmail("ada@example.com")
    expect(user?.emailVerifiedAt).toBe(host.clock())
    expect(await whoIs(browser)).toBe(user?.id)

    const other = host.browser()
    expect(await signInThrough(other, remote, { returnTo: "/articles/7?draft=1" })).toBe(
      "/articles/7?draft=1",
    )
    expect(await whoIs(other)).toBe(user?.id)
    expect(await host.stores.users.list({ limit: 10 })).toHaveLength(1)
    expect(host.events.map(({ type }) => type)).toEqual([
      "user.registered",
      "session.opened",
      "sign_in.succeeded",
      "session.opened",
      "sign_in.succeeded",
    ])
    expect(host.faults).toEqual([])
  })

  test("the session that the browser had before ends", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    await signInThrough(browser, remote)
    const before = browser.cookieHeader()
    await signInThrough(browser, remote)
    const thief = await host.auth.handle(
      new Request("https://app.example.com/auth/session", { headers: { cookie: before } }),
    )
    expect(await thief.json()).toEqual({ user: null, session: null })
  })

  test("state, nonce and PKCE are new each time, and none of them is kept", async () => {
    const host = oauthApp(remote)
    const seen = new Set<string>()
    const browser = host.browser()
    for (let round = 0; round < 3; round++) {
      const { url } = await depart(browser, remote)
      expect(url.searchParams.get("code_challenge_method")).toBe("S256")
      for (const name of ["state", "nonce", "code_challenge"]) seen.add(url.searchParams.get(name) ?? "")
    }
    expect(seen.size).toBe(9)
    expect([...seen].every((value) => /^[\w-]{43}$/.test(value))).toBe(true)
  })

  test("a script is told where to send the browser", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    const answer = await browser.post("/auth/oauth/remote", { json: { return_to: "/a" } })
    expect(answer.status).toBe(200)
    const { url } = (await answer.json()) as { url: string }
    expect(locationOf(await comeBack(browser, remote.authorize(url)))).toBe("/a")
  })

  test("a plain link works as well", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    const answer = await browser.get("/auth/oauth/remote?return_to=/b")
    expect(locationOf(await comeBack(browser, remote.authorize(locationOf(answer))))).toBe("/b")
  })
})

describe("what does not come back as it left", () => {
  test.each([
    ["no state", (parameters: URLSearchParams) => parameters.delete("state")],
    ["another state", (parameters: URLSearchParams) => parameters.set("state", "x".repeat(43))],
  ])("%s", async (_, change) => {
    const host = oauthApp(remote)
    const browser = host.browser()
    const { parameters } = await depart(browser, remote)
    change(parameters)
    expect(locationOf(await comeBack(browser, parameters))).toBe(
      "/sign-in?error=oauth_state_mismatch&provider=remote",
    )
    expect(remote.requests.token).toHaveLength(0)
    expect(await whoIs(browser)).toBeUndefined()
  })

  test("another browser's, a used one, an old one", async () => {
    const host = oauthApp(remote)
    const [browser, other] = [host.browser(), host.browser()]
    const mine = await depart(browser, remote)
    await depart(other, remote)
    const mismatch = "/sign-in?error=oauth_state_mismatch&provider=remote"
    expect(locationOf(await comeBack(other, mine.parameters))).toBe(mismatch)
    expect(remote.requests.token).toHaveLength(0)
    expect(locationOf(await comeBack(browser, mine.parameters))).toBe("/workspace")
    expect(locationOf(await comeBack(browser, mine.parameters))).toBe(mismatch)

    const late = await depart(other, remote)
    host.clock.advance(600_000)
    expect(locationOf(await comeBack(other, late.parameters))).toBe(mismatch)
    expect(remote.requests.token).toHaveLength(1)
  })

  test("the user says no", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    remote.lies = { authorization: { error: "access_denied", code: undefined } }
    expect(await signInThrough(browser, remote, { returnTo: "/x" })).toBe(
      "/sign-in?error=oauth_denied&provider=remote&return_to=%2Fx",
    )
    expect(remote.requests.token).toHaveLength(0)
  })
})

describe("an account has the e-mail address", () => {
  async function withPassword(): Promise<ReturnType<typeof oauthApp>> {
    const host = oauthApp(remote)
    await host.auth.flows.password.register({ email: "ada@example.com", password: horse })
    return host
  }

  test("the owner proves the password, then both lead to the same account", async () => {
    const host = await withPassword()
    const browser = host.browser()
    expect(await signInThrough(browser, remote, { returnTo: "/x" })).toBe(
      "/link-account?provider=remote&return_to=%2Fx",
    )
    expect(await whoIs(browser)).toBeUndefined()
    expect(await (await browser.get("/auth/oauth/pending")).json()).toEqual({
      pending: { provider: "remote", label: "Remote", email: "ada@example.com", claimable: true },
    })
    expect((await browser.post("/auth/oauth/confirm", { json: {} })).status).toBe(401)
    await browser.post("/auth/login", { json: { email: "ada@example.com", password: horse } })
    const answer = await browser.post("/auth/oauth/confirm", { form: {} })
    expect(locationOf(answer)).toBe("/x")
    const id = await whoIs(browser)

    const other = host.browser()
    expect(await signInThrough(other, remote)).toBe("/workspace")
    expect(await whoIs(other)).toBe(id)
    expect((await host.stores.users.find(id ?? ""))?.emailVerifiedAt).not.toBeNull()
  })

  test("its verified owner claims what nobody ever verified: the password and its sessions are gone", async () => {
    const host = await withPassword()
    const squatter = host.browser()
    await squatter.post("/auth/login", { json: { email: "ada@example.com", password: horse } })
    const browser = host.browser()
    await signInThrough(browser, remote)
    const answer = await browser.post("/auth/oauth/claim", { form: {} })
    expect(locationOf(answer)).toBe("/workspace")
    const id = await whoIs(browser)
    expect(id).toBeDefined()
    expect(await whoIs(squatter)).toBeUndefined()
    const again = await squatter.post("/auth/login", { json: { email: "ada@example.com", password: horse } })
    expect(again.status).toBe(401)
    const credentials = await host.stores.credentials.listByUser(id ?? "")
    expect(credentials.map(({ kind }) => kind)).toEqual(["identity"])
  })
})

describe("more ways in", () => {
  test("an identity is linked, listed and unlinked, but not the last one", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    await signInThrough(browser, remote)
    const id = await whoIs(browser)
    const listed = async (): Promise<readonly { id: string; email: string }[]> =>
      (
        (await (await browser.get("/auth/oauth/identities")).json()) as {
          identities: { id: string; email: string }[]
        }
      ).identities
    const [first] = await listed()
    const alone = await browser.post("/auth/oauth/unlink", { json: { identity: first?.id } })
    expect([alone.status, (await alone.json()).reason]).toEqual([409, "last_way_in"])

    remote.user = { ...remote.user, sub: "2", email: "countess@example.com" }
    expect(await signInThrough(browser, remote, { link: true })).toBe("/account?notice=identity_linked")
    expect((await listed()).map(({ email }) => email)).toEqual(["ada@example.com", "countess@example.com"])
    expect(await whoIs(browser)).toBe(id)
    expect((await browser.post("/auth/oauth/unlink", { json: { identity: first?.id } })).status).toBe(200)
    expect(await listed()).toHaveLength(1)
  })

  test("only by somebody who has just signed in", async () => {
    const host = oauthApp(remote)
    const browser = host.browser()
    await signInThrough(browser, remote)
    host.clock.advance(300_001)
    const answer = await browser.post("/auth/oauth/remote/link", { form: {} })
    expect(locationOf(answer)).toBe("/account?error=reauthentication_required&provider=remote")
  })
})
