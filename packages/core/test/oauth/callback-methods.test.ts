import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { TestClient, TestRequest } from "../../src/testing/test-client.js"
import { comeBack, locationOf, type OAuthHost, type Trip } from "./oauth-app.js"
import { expectNobody, type PlayedKind, play, postBack } from "./played-kind.js"
import { providerKinds } from "./provider-kinds.js"

// An attempt is taken by a GET or by the post of a form. Nothing else touches it, whatever it carries.

const callback = "/auth/oauth/remote/callback"
const kinds = providerKinds.filter(({ name }) => ["oidc()", "oidc(), form_post"].includes(name))

describe.each(kinds)("$name", (kind) => {
  let played: PlayedKind
  let host: OAuthHost
  let browser: TestClient
  let trip: Trip
  beforeAll(async () => {
    played = await play(kind)
  })
  beforeEach(async () => {
    played.reset()
    host = played.host()
    browser = host.browser()
    trip = await played.depart(browser)
  })
  afterAll(() => played.remote.stop())

  async function expectUntouched(answer: Response, status: number): Promise<void> {
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([status, []])
    expect(played.remote.requests.token).toEqual([])
    await expectNobody(host, browser)
    expect(locationOf(await played.comeBack(browser, trip.parameters))).toBe("/workspace")
  }

  test.each(["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s", async (method) =>
    expectUntouched(await browser.send(method, `${callback}?${trip.parameters}`), 405),
  )

  test.each<[string, (parameters: URLSearchParams) => TestRequest]>([
    ["JSON", (all) => ({ json: Object.fromEntries(all) })],
    ["JSON pairs", (all) => ({ json: [...all] })],
    ["JSON that is no object", () => ({ json: [1] })],
    ["JSON with a null in it", () => ({ json: { state: null } })],
    ["text", (all) => ({ raw: all.toString(), headers: { "content-type": "text/plain" } })],
    ["multipart", (all) => ({ raw: all.toString(), headers: { "content-type": "multipart/form-data" } })],
  ])("a post of %s", async (_, request) =>
    expectUntouched(await browser.post(callback, request(trip.parameters)), 415),
  )

  test("a post whose answer is in the address", async () => {
    const answer = await browser.post(`${callback}?${trip.parameters}`, { form: {} })
    expect(locationOf(answer)).toBe("/sign-in?error=oauth_state_mismatch&provider=remote")
    host.events.pop()
    expect(played.remote.requests.token).toEqual([])
    await expectNobody(host, browser)
  })

  test("GET and the post of a form take it, whatever was asked for: one of them, once", async () => {
    const answers = await Promise.all([
      comeBack(browser, trip.parameters),
      postBack(browser, trip.parameters, played.remote.origin),
    ])
    expect(answers.map(locationOf).sort()).toEqual([
      "/sign-in?error=oauth_state_mismatch&provider=remote",
      "/workspace",
    ])
    expect(played.remote.requests.token).toHaveLength(1)
  })
})
