import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { whoIs } from "./oauth-app.js"
import { type PlayedKind, play } from "./played-kind.js"
import { callbackAddress, providerKinds } from "./provider-kinds.js"

// Every kind works as long as nobody lies: what the other tables refuse is refused for their reason, not because nothing works.

describe.each(providerKinds)("$name", (kind) => {
  let played: PlayedKind
  beforeAll(async () => {
    played = await play(kind)
  })
  beforeEach(() => played.reset())
  afterAll(() => played.remote.stop())

  test("signs its user in, the same one again", async () => {
    const host = played.host()
    const [browser, other] = [host.browser(), host.browser()]
    expect(await played.signIn(browser)).toBe("/workspace")
    expect(await played.signIn(other)).toBe("/workspace")
    const [user, ...more] = await host.stores.users.list({ limit: 10 })
    expect([user?.email, more]).toEqual(["ada@example.com", []])
    expect(user?.emailVerifiedAt).toBe(host.clock())
    expect([await whoIs(browser), await whoIs(other)]).toEqual([user?.id, user?.id])
    expect(played.remote.requests.token).toHaveLength(2)
    expect([host.faults, played.remote.requests.unknown, played.remote.requests.trap]).toEqual([[], [], []])
  })

  test("asks with state, nonce and PKCE of its own, and proves them with the code", async () => {
    const host = played.host()
    const { url, parameters } = await played.depart(host.browser())
    const { searchParams: asked } = url
    for (const name of asked.keys()) expect(asked.getAll(name), name).toHaveLength(1)
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: "code",
      redirect_uri: callbackAddress,
      code_challenge_method: "S256",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(asked.get("response_mode")).toBe(kind.responseMode === "query" ? null : "form_post")
    expect(parameters.get("state")).toBe(asked.get("state"))

    const browser = host.browser()
    const trip = await played.depart(browser)
    await played.comeBack(browser, trip.parameters)
    const [request] = played.remote.requests.token
    const verifier = request?.form.get("code_verifier") ?? ""
    expect(createHash("sha256").update(verifier).digest("base64url")).toBe(
      trip.url.searchParams.get("code_challenge"),
    )
    expect(request?.form.get("redirect_uri")).toBe(callbackAddress)
    expect(request?.form.get("code")).toBe(trip.parameters.get("code"))
  })

  test("binds the attempt to the browser by a cookie that comes back the way the answer does", async () => {
    const host = played.host()
    const answer = await host.browser().post("/auth/oauth/remote", { form: {} })
    const sameSite = kind.responseMode === "form_post" ? "None" : "Lax"
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        new RegExp(`^__Host-oauth=[\\w-]{43}; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=${sameSite}$`),
      ),
    ])
  })
})
