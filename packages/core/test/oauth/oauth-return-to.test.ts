import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { TestClient } from "../../src/testing/test-client.js"
import { hostileReturnPaths } from "../http/hostile-return-paths.js"
import { locationOf, type OAuthHost } from "./oauth-app.js"
import { type PlayedKind, play } from "./played-kind.js"
import { providerKinds } from "./provider-kinds.js"

// Wherever a visitor may say where to go afterwards, nothing leads off the host: not on success, not on the way back to the sign-in page.

const kinds = providerKinds.filter(({ name }) => ["oidc()", "oidc(), form_post"].includes(name))

const hostile = hostileReturnPaths.map((path) => [JSON.stringify(path).slice(0, 40), path] as const)

/** Every way to begin: answers the address of the provider. */
const starts: readonly (readonly [
  name: string,
  start: (browser: TestClient, return_to: string) => Promise<string>,
])[] = [
  [
    "form",
    async (browser, return_to) =>
      locationOf(await browser.post("/auth/oauth/remote", { form: { return_to } })),
  ],
  [
    "JSON",
    async (browser, return_to) => {
      const answer = await browser.post("/auth/oauth/remote", { json: { return_to } })
      return ((await answer.json()) as { url: string }).url
    },
  ],
  [
    "link",
    async (browser, return_to) =>
      locationOf(await browser.get(`/auth/oauth/remote?${new URLSearchParams({ return_to })}`)),
  ],
]

describe.each(kinds)("$name", (kind) => {
  let played: PlayedKind
  let host: OAuthHost
  let browser: TestClient
  beforeAll(async () => {
    played = await play(kind)
  })
  beforeEach(() => {
    played.reset()
    host = played.host()
    browser = host.browser()
  })
  afterAll(() => played.remote.stop())

  describe.each(starts)("begun by %s", (_, start) => {
    test("a path of the host's own is followed, also after a refusal", async () => {
      const parameters = played.remote.authorize(await start(browser, "/articles/7?draft=1#top"))
      expect(locationOf(await played.comeBack(browser, parameters))).toBe("/articles/7?draft=1#top")
      const state = played.remote.authorize(await start(browser, "/articles/7")).get("state") ?? ""
      const denied = new URLSearchParams({ state, error: "access_denied", iss: played.remote.issuer })
      expect(locationOf(await played.comeBack(browser, denied))).toBe(
        "/sign-in?error=oauth_denied&provider=remote&return_to=%2Farticles%2F7",
      )
    })

    test.each(hostile)("%s is not followed", async (_, target) => {
      const parameters = played.remote.authorize(await start(browser, target))
      expect(locationOf(await played.comeBack(browser, parameters))).toBe("/workspace")
      const state = played.remote.authorize(await start(browser, target)).get("state") ?? ""
      const denied = new URLSearchParams({ state, error: "access_denied", iss: played.remote.issuer })
      expect(locationOf(await played.comeBack(browser, denied))).toBe(
        "/sign-in?error=oauth_denied&provider=remote",
      )
    })
  })

  // Checked twice: what a visitor wished for, and what is followed. Each check alone holds, whatever came in past the other.
  test.each(hostile)("%s that was kept all the same is not followed", async (_, target) => {
    const begun = await host.auth.flows.oauth.start({ provider: "remote", returnTo: target })
    if (!begun.ok) throw new Error(begun.reason)
    browser.cookies.set("__Host-oauth", begun.binding)
    const answer = await played.comeBack(browser, played.remote.authorize(begun.url))
    expect(locationOf(answer)).toBe("/workspace")
  })

  test.each(hostile)("%s is not even kept", async (_, target) => {
    for (const [name, start] of starts) {
      const parameters = played.remote.authorize(await start(browser, target))
      const binding = browser.cookies.get("__Host-oauth")
      const arrival = await host.auth.flows.oauth.callback({ provider: "remote", parameters, binding })
      expect([arrival.ok, arrival.returnTo], name).toEqual([true, undefined])
    }
  })

  test.each(hostile)("%s is not followed when nothing begins", async (_, target) => {
    played.remote.lie({ answers: { discovery: { hangUp: true } } })
    for (const [name, start] of starts.filter(([each]) => each !== "JSON"))
      expect(await start(browser, target), name).toBe("/sign-in?error=oauth_unavailable&provider=remote")
  })

  test.each([...hostile, ["/elsewhere", "/elsewhere"] as const])(
    "%s in what the provider sends back is nobody's wish",
    async (_, target) => {
      const { parameters } = await played.depart(browser, { returnTo: "/articles/7" })
      parameters.set("return_to", target)
      expect(locationOf(await played.comeBack(browser, parameters))).toBe("/articles/7")
      // Nor where nothing is known of the attempt, or of the provider.
      expect(locationOf(await played.comeBack(browser, parameters))).toBe(
        "/sign-in?error=oauth_state_mismatch&provider=remote",
      )
      const unknown = await browser.get(`/auth/oauth/unknown/callback?${parameters}`)
      expect([unknown.status, unknown.headers.get("location")]).toEqual([404, null])
      const posted = await browser.post("/auth/oauth/unknown/callback", {
        form: Object.fromEntries(parameters),
      })
      expect(posted.headers.get("location") ?? "").not.toMatch(/evil|javascript|data:/)
    },
  )
})
