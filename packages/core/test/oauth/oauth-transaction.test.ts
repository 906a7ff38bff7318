import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type { AuthEvent } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import type { Arrival } from "../../src/oauth.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { locationOf, type OAuthHost, type Trip } from "./oauth-app.js"
import { expectNobody, type PlayedKind, play, refusalIn } from "./played-kind.js"
import { type ProviderKind, providerKinds } from "./provider-kinds.js"

// What a browser brings back is refused before anything is sent to the provider, unless state, browser and provider belong together and
// the answer says one thing, and nothing strange.

/** Everything at hand when a browser is about to come back. */
interface Scene {
  readonly played: PlayedKind
  readonly host: OAuthHost
  readonly browser: TestClient
  /** With an attempt of its own at the same provider. */
  readonly other: TestClient
  readonly othersTrip: Trip
  readonly trip: Trip
}

type Change = (parameters: URLSearchParams, scene: Scene) => void
type Refused = Partial<Extract<AuthEvent, { type: "sign_in.refused" }>>

const mismatch: Refused = { cause: "state_mismatch" }
const invalid = (detail: string): Refused => ({ cause: "response_invalid", detail })
const canary = "canary 8f1c <b>"

/** The state is not this browser's for this provider, now. */
const states: readonly (readonly [name: string, change: Change])[] = [
  ["no state", (all) => all.delete("state")],
  ["an empty state", (all) => all.set("state", "")],
  ["a state of another attempt of nobody", (all) => all.set("state", "x".repeat(43))],
  ["a state that is cut", (all) => all.set("state", stateIn(all).slice(1))],
  ["a state that is longer", (all) => all.set("state", `${stateIn(all)}A`)],
  ["a state that ends in a line feed", (all) => all.set("state", `${stateIn(all)}\n`)],
  ["a state in other case", (all) => all.set("state", swapped(stateIn(all)))],
  ["a state of strange characters", (all) => all.set("state", "\u{1f511}".repeat(43))],
  ["a state of 10,000 characters", (all) => all.set("state", "x".repeat(10_000))],
  ["a state by another name", (all) => all.set("state[]", taken(all, "state"))],
  ["another browser's state", (all, { othersTrip }) => all.set("state", stateIn(othersTrip.parameters))],
  ["all that another browser was given", (all, { othersTrip }) => replace(all, othersTrip.parameters)],
  ["another state first, the right one second", (all) => double(all, "state", "x".repeat(43), stateIn(all))],
  ["no binding cookie", (_, { browser }) => void browser.cookies.clear()],
  ["an empty binding cookie", (_, scene) => bind(scene, "")],
  ["a binding cookie of another browser", (_, scene) => bind(scene, bindingOf(scene.other))],
  ["a binding cookie in quotes", (_, scene) => bind(scene, `"${bindingOf(scene.browser)}"`)],
  ["a binding cookie twice", (_, scene) => bind(scene, twice(bindingOf(scene.browser)))],
  ["a planted binding cookie after it", (_, scene) => bind(scene, planted(scene, "after"))],
  ["a planted binding cookie before it", (_, scene) => bind(scene, planted(scene, "before"))],
  ["the cookie under a name without prefix", (_, { browser }) => rename(browser, "oauth")],
  ["the cookie of another realm", (_, { browser }) => rename(browser, "__Host-admin-oauth")],
  ["an attempt of ten minutes ago", (_, { host }) => host.clock.advance(600_000)],
]

/** The attempt is the browser's, but the answer is not one. Once seen, it is used up. */
const answers: readonly (readonly [name: string, change: Change, refused: Refused])[] = [
  ["no code", (all) => all.delete("code"), invalid("code")],
  ["an empty code", (all) => all.set("code", ""), invalid("code")],
  ["an error", (all) => fail(all, "server_error"), invalid("server_error")],
  ["an error beside a code", (all) => all.set("error", "server_error"), invalid("server_error")],
  ["a refusal beside a code", (all) => all.set("error", "access_denied"), denied()],
  ["an empty error beside a code", (all) => all.set("error", ""), invalid("unknown")],
  ["an error of text", (all) => fail(all, canary), invalid("unknown")],
  ["a description that says more", (all) => all.set("error_description", fail(all, "x")), invalid("x")],
  ["a JARM response", (all) => all.set("response", "eyJ.e30.e30"), invalid("response")],
  ["an ID token", (all) => all.set("id_token", "eyJ.e30.e30"), invalid("id_token")],
  ["a token", (all) => all.set("token", "x"), invalid("token")],
  ["tokens in place of a code", (all) => all.set("access_token", taken(all, "code")), invalid("code")],
]

/** RFC 6749 §3.1: no parameter more than once. A form that has one twice is not even read, so its attempt stays. */
const doubled: readonly (readonly [name: string, change: Change, detail: string])[] = [
  ["the state", (all) => double(all, "state", stateIn(all), stateIn(all)), "state"],
  ["another state, second", (all) => double(all, "state", stateIn(all), "x".repeat(43)), "state"],
  ["the code", (all) => double(all, "code", codeIn(all), codeIn(all)), "code"],
  ["another code, first", (all) => double(all, "code", "other", codeIn(all)), "code"],
  ["another code, second", (all) => double(all, "code", codeIn(all), "other"), "code"],
  ["an error", (all) => double(all, "error", "x", "y"), "error"],
  ["a response", (all) => double(all, "response", "x", "y"), "response"],
  ["an ID token", (all) => double(all, "id_token", "x", "y"), "id_token"],
  ["a token", (all) => double(all, "token", "x", "y"), "token"],
]

/** RFC 9207 §2.4; compared as text. */
const issuers: readonly (readonly [name: string, iss: (right: string) => string | readonly string[]])[] = [
  ["another provider's iss", () => "https://evil.example"],
  ["iss with a slash more", (right) => `${right}/`],
  ["iss in other case", (right) => right.toUpperCase()],
  ["iss of no shape", () => "x"],
  ["an empty iss", () => ""],
  ["iss twice", (right) => [right, right]],
  ["a wrong iss after the right one", (right) => [right, "https://evil.example"]],
]

describe.each(providerKinds)("$name", (kind) => {
  let played: PlayedKind
  let scene: Scene
  beforeAll(async () => {
    played = await play(kind)
  })
  beforeEach(async () => {
    played.reset()
    const host = played.host()
    const [browser, other] = [host.browser(), host.browser()]
    const [trip, othersTrip] = [await played.depart(browser), await played.depart(other)]
    scene = { played, host, browser, other, trip, othersTrip }
  })
  afterAll(() => played.remote.stop())

  /** Comes back, and gets nowhere: nothing is sent, nobody is signed in, and the event tells why. */
  async function expectRefused(change: Change, reason: string, refused: Refused): Promise<void> {
    const { host, browser, other, trip } = scene
    change(trip.parameters, scene)
    const location = locationOf(await played.comeBack(browser, trip.parameters))
    expect(location).toBe(`/sign-in?error=${reason}&provider=remote`)
    expect(played.remote.requests.token).toEqual([])
    expect(refusalIn(host)).toEqual({
      type: "sign_in.refused",
      flow: "oauth",
      provider: "remote",
      ...refused,
    })
    expect(JSON.stringify(host.events)).not.toContain("canary")
    await expectNobody(host, browser, other)
  }

  test.each(rowsFor(kind, states))("%s", (_, change) =>
    expectRefused(change, "oauth_state_mismatch", mismatch),
  )

  test("what can be no state, or no binding, never reaches the store", async () => {
    const stores = memoryStores({ clock: played.clock })
    const take = vi.spyOn(stores.challenges, "take")
    const { callback } = played.host({ stores }).auth.flows.oauth
    const [state, binding] = ["s".repeat(43), "b".repeat(43)]
    const bring = (text: string, held: string): Promise<Arrival> =>
      callback({ provider: "remote", parameters: new URLSearchParams({ state: text }), binding: held })
    for (const each of [
      "",
      "x",
      "x".repeat(42),
      "x".repeat(44),
      `${state}\n`,
      `${state}!`,
      ` ${state}`,
      "x".repeat(5000),
    ]) {
      expect(await bring(each, binding)).toMatchObject({ reason: "oauth_state_mismatch" })
      expect(await bring(state, each)).toMatchObject({ reason: "oauth_state_mismatch" })
    }
    expect(take).not.toHaveBeenCalled()
    await bring(state, binding)
    expect(take).toHaveBeenCalledTimes(1)
  })

  test.each(answers)("%s", (_, change, refused) =>
    expectRefused(change, refused.cause === "denied" ? "oauth_denied" : "oauth_failed", refused),
  )

  test.each(doubled)("twice: %s", (_, change, detail) => expectDoubledRefused(change, detail))

  if (kind.iss !== "ignored")
    test.each(issuers)("%s", async (_, iss) => {
      const right = scene.trip.parameters.get("iss") ?? played.remote.issuer
      const wrong = [iss(right)].flat()
      const change: Change = (all) => double(all, "iss", ...wrong)
      if (wrong.length > 1) await expectDoubledRefused(change, "iss")
      else await expectRefused(change, "oauth_failed", invalid("iss"))
    })

  if (kind.iss !== "ignored")
    test("another provider's refusal is not this one's", () => {
      const change: Change = (all) => {
        fail(all, "access_denied")
        all.set("iss", "https://evil.example")
      }
      return expectRefused(change, "oauth_failed", invalid("iss"))
    })

  if (kind.iss === "promised")
    test("no iss, though it was promised", () =>
      expectRefused((all) => all.delete("iss"), "oauth_failed", invalid("iss")))

  async function expectDoubledRefused(change: Change, detail: string): Promise<void> {
    if (kind.responseMode === "query") return expectRefused(change, "oauth_failed", invalid(detail))
    const { host, browser, trip } = scene
    change(trip.parameters, scene)
    expect((await played.comeBack(browser, trip.parameters)).status).toBe(400)
    expect([played.remote.requests.token, host.events]).toEqual([[], []])
    await expectNobody(host, browser)
  }

  test("a moment before ten minutes are over it works", async () => {
    const { host, browser, trip } = scene
    host.clock.advance(599_999)
    played.remote.lie({ unchecked: ["expiry"] })
    expect(locationOf(await played.comeBack(browser, trip.parameters))).toBe("/workspace")
  })

  test("a second time", async () => {
    const { host, browser, other, trip } = scene
    const { parameters } = trip
    expect(locationOf(await played.comeBack(browser, parameters))).toBe("/workspace")
    const again = locationOf(await played.comeBack(browser, parameters))
    expect(again).toBe("/sign-in?error=oauth_state_mismatch&provider=remote")
    expect(played.remote.requests.token).toHaveLength(1)
    expect(refusalIn(host)).toMatchObject(mismatch)
    expect(await played.signIn(other)).toBe("/workspace")
  })

  test("what was refused for its answer is used up", async () => {
    const { browser, trip } = scene
    await played.comeBack(browser, new URLSearchParams({ state: stateIn(trip.parameters), error: "x" }))
    const again = locationOf(await played.comeBack(browser, trip.parameters))
    expect(again).toBe("/sign-in?error=oauth_state_mismatch&provider=remote")
    expect(played.remote.requests.token).toEqual([])
  })

  test("nobody uses up another browser's attempt", async () => {
    const { browser, other, trip } = scene
    await played.comeBack(other, trip.parameters)
    expect(locationOf(await played.comeBack(browser, trip.parameters))).toBe("/workspace")
  })
})

/** A form with a parameter twice is refused for that, whatever it says: such rows are told under `doubled`. */
function rowsFor<Row extends readonly [string, Change]>(
  { responseMode }: ProviderKind,
  rows: readonly Row[],
): Row[] {
  return rows.filter(([name]) => responseMode === "query" || !name.includes("second"))
}

function stateIn(all: URLSearchParams): string {
  return all.get("state") ?? ""
}

function codeIn(all: URLSearchParams): string {
  return all.get("code") ?? ""
}

/** Takes a parameter out, and answers what it was. */
function taken(all: URLSearchParams, name: string): string {
  const value = all.get(name) ?? ""
  all.delete(name)
  return value
}

function double(all: URLSearchParams, name: string, ...values: readonly string[]): void {
  all.delete(name)
  for (const value of values) all.append(name, value)
}

function replace(all: URLSearchParams, others: URLSearchParams): void {
  for (const [name, value] of others) all.set(name, value)
}

/** The provider says no in place of a code. Answers what nobody should repeat. */
function fail(all: URLSearchParams, error: string): string {
  all.delete("code")
  all.set("error", error)
  return canary
}

function denied(): Refused {
  return { cause: "denied", detail: "access_denied" }
}

function swapped(text: string): string {
  const flip = (letter: string): string =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
  return [...text].map(flip).join("")
}

function bindingOf({ cookies }: TestClient): string {
  return cookies.get("__Host-oauth") ?? ""
}

function bind({ browser }: Scene, value: string): void {
  browser.cookies.set("__Host-oauth", value)
}

function twice(binding: string): string {
  return `${binding}; __Host-oauth=${binding}`
}

function planted({ browser, other }: Scene, place: "before" | "after"): string {
  const [own, foreign] = [bindingOf(browser), bindingOf(other)]
  return place === "after" ? `${own}; __Host-oauth=${foreign}` : `${foreign}; __Host-oauth=${own}`
}

function rename({ cookies }: TestClient, name: string): void {
  cookies.set(name, cookies.get("__Host-oauth") ?? "")
  cookies.delete("__Host-oauth")
}
