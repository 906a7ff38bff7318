import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { TestClient } from "../../src/testing/test-client.js"
import type { Json } from "./hostile-provider/lies.js"
import { locationOf, type OAuthHost } from "./oauth-app.js"
import { type PlayedKind, play } from "./played-kind.js"
import { idTokenKinds } from "./provider-kinds.js"

// Somebody who is signed in and signs in once more wants a fresh session: the provider is asked to ask again (`max_age`), and what it says of
// when it did (`auth_time`, OpenID Connect Core §2) is believed only if it is that.

const refused = "/sign-in?error=oauth_failed&provider=remote"
const hour = 3600

describe.each(idTokenKinds)("$name", (kind) => {
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

  const signedInAt = (auth_time: Json | ((now: number) => Json) | undefined): void =>
    played.remote.lie({
      idToken: {
        claims: (truth) => ({
          ...truth,
          auth_time: typeof auth_time === "function" ? auth_time(Number(truth["iat"])) : auth_time,
        }),
      },
    })

  test("the first time it does not matter when the provider last asked", async () => {
    signedInAt((now) => now - hour)
    const { parameters, url } = await played.depart(browser)
    expect(url.searchParams.has("max_age")).toBe(false)
    expect(locationOf(await played.comeBack(browser, parameters))).toBe("/workspace")
  })

  test("the second time it is asked to ask again", async () => {
    expect(await played.signIn(browser)).toBe("/workspace")
    const { parameters, url } = await played.depart(browser)
    expect(url.searchParams.get("max_age")).toBe("0")
    expect(locationOf(await played.comeBack(browser, parameters))).toBe("/workspace")
    const other = await played.depart(host.browser())
    expect(other.url.searchParams.has("max_age")).toBe(false)
  })

  test.each<[string, Json | ((now: number) => Json) | undefined]>([
    ["just now", (now) => now],
    ["ten minutes and 30 seconds ago", (now) => now - 630],
    // Some providers never say, Google among them.
    ["it does not say when", undefined],
  ])("the second time it did: %s", async (_, authTime) => {
    expect(await played.signIn(browser)).toBe("/workspace")
    signedInAt(authTime)
    expect(await played.signIn(browser)).toBe("/workspace")
  })

  test.each<[string, Json | ((now: number) => Json)]>([
    ["ten minutes and 31 seconds ago", (now) => now - 631],
    ["an hour ago", (now) => now - hour],
    ["at no time", null],
    ["at a text", "yesterday"],
    ["at zero", 0],
    ["at a list", [0]],
  ])("the second time it did not: %s", async (_, authTime) => {
    expect(await played.signIn(browser)).toBe("/workspace")
    signedInAt(authTime)
    const before = host.events.length
    expect(await played.signIn(browser)).toBe(refused)
    expect(host.events.slice(before)).toMatchObject([{ cause: "id_token_invalid", detail: "auth_time" }])
  })
})
