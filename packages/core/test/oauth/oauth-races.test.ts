import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf, type OAuthHost, remoteOidc, whoIs } from "./oauth-app.js"
import { expectNobody, type PlayedKind, play, refusalIn } from "./played-kind.js"
import { idTokenKinds, type ProviderKind, providerKinds } from "./provider-kinds.js"

const mismatch = (provider: string): string => `/sign-in?error=oauth_state_mismatch&provider=${provider}`

describe.each(providerKinds)("$name", (kind) => {
  const { played, start, stop } = stage(kind)
  let elsewhere: HostileProvider
  beforeAll(async () => {
    elsewhere = await startHostileProvider({ clientId: "elsewhere" })
    await start()
  })
  beforeEach(() => {
    elsewhere.reset()
    played().reset()
  })
  afterAll(() => Promise.all([stop(), elsewhere.stop()]))

  /** A host with a second provider, which is another server. */
  function hostWithTwo(): OAuthHost {
    const { remote } = played()
    return played().host({
      providers: [kind.provider(remote), remoteOidc(elsewhere, "elsewhere")],
      oauth: {
        network: { loopback: [remote.origin, elsewhere.origin], fetch: fetchOf(remote, elsewhere) },
      },
    })
  }

  test("of 16 that bring the same answer at once to two instances, one signs in", async () => {
    const first = played().host()
    const second = played().host({ stores: first.stores })
    const browser = first.browser()
    const { parameters } = await played().depart(browser)
    // Twins of one browser: each has the cookies of the moment before.
    const twins = Array.from({ length: 16 }, (_, at) => {
      const twin = (at % 2 === 0 ? first : second).browser()
      for (const [name, value] of browser.cookies) twin.cookies.set(name, value)
      return twin
    })
    const locations = await Promise.all(
      twins.map(async (twin) => locationOf(await played().comeBack(twin, parameters))),
    )
    expect(locations.filter((location) => location === "/workspace")).toHaveLength(1)
    expect(locations.filter((location) => location === mismatch("remote"))).toHaveLength(15)
    expect(played().remote.requests.token).toHaveLength(1)
    const types = [...first.events, ...second.events].map(({ type }) => type)
    expect(types.filter((type) => type === "sign_in.succeeded")).toHaveLength(1)
    expect(types.filter((type) => type === "session.opened")).toHaveLength(1)
    expect(types.filter((type) => type === "sign_in.refused")).toHaveLength(15)
    const signedIn = await Promise.all(twins.map(whoIs))
    expect(signedIn.filter((id) => id !== undefined)).toHaveLength(1)
    expect([...first.faults, ...second.faults]).toEqual([])
  })

  test("two tabs at two providers: both come back, in either order", async () => {
    for (const order of ["remote first", "elsewhere first"]) {
      played().reset()
      elsewhere.reset()
      elsewhere.user = { ...elsewhere.user, sub: "2", email: "countess@example.com" }
      const host = hostWithTwo()
      const browser = host.browser()
      const here = await played().depart(browser)
      const there = await depart(browser, elsewhere, { name: "elsewhere" })
      const back = [
        () => played().comeBack(browser, here.parameters),
        () => comeBack(browser, there.parameters, "elsewhere"),
      ]
      for (const each of order === "remote first" ? back : back.reverse())
        expect(locationOf(await each()), order).toBe("/workspace")
      expect([played().remote.requests.token.length, elsewhere.requests.token.length]).toEqual([1, 1])
      expect(host.events.filter(({ type }) => type === "sign_in.succeeded")).toHaveLength(2)
    }
  })

  test("two tabs at one provider: both come back", async () => {
    const browser = played().host().browser()
    const trips = [await played().depart(browser), await played().depart(browser)]
    for (const { parameters } of trips)
      expect(locationOf(await played().comeBack(browser, parameters))).toBe("/workspace")
  })

  test("an answer of one provider at the address of another (mix-up) reaches neither", async () => {
    const host = hostWithTwo()
    const browser = host.browser()
    const here = await played().depart(browser)
    const there = await depart(browser, elsewhere, { name: "elsewhere" })
    expect(locationOf(await comeBack(browser, here.parameters, "elsewhere"))).toBe(mismatch("elsewhere"))
    expect(locationOf(await played().comeBack(browser, there.parameters))).toBe(mismatch("remote"))
    expect([played().remote.requests.token, elsewhere.requests.token]).toEqual([[], []])
    host.events.pop()
    await expectNobody(host, browser)
    // And both attempts are still there for their own.
    expect(locationOf(await played().comeBack(browser, here.parameters))).toBe("/workspace")
  })

  test("two realms over one store: neither takes the other's attempt, by whatever cookie", async () => {
    const members = played().host()
    const staff = played().host({ stores: members.stores, realm: "staff" })
    const [member, colleague] = [members.browser(), staff.browser()]
    const { parameters } = await played().depart(member)
    const { parameters: theirs } = await played().depart(colleague)
    const [own, other] = [member.cookies.get("__Host-oauth"), colleague.cookies.get("__Host-staff-oauth")]
    expect([own, other]).toEqual([expect.any(String), expect.any(String)])
    colleague.cookies.set("__Host-staff-oauth", own ?? "")
    expect(locationOf(await comeBack(colleague, parameters))).toBe(mismatch("remote"))
    member.cookies.set("__Host-oauth", other ?? "")
    expect(locationOf(await comeBack(member, theirs))).toBe(mismatch("remote"))
    expect(played().remote.requests.token).toEqual([])
    expect(members.events.concat(staff.events).map(({ type }) => type)).toEqual(
      Array(2).fill("sign_in.refused"),
    )
    // And each is still there for its own.
    member.cookies.set("__Host-oauth", own ?? "")
    expect(locationOf(await played().comeBack(member, parameters))).toBe("/workspace")
  })

  test("the code of another's attempt is useless in one's own", async () => {
    const host = played().host()
    const [ada, eve] = [host.browser(), host.browser()]
    const { parameters: adas } = await played().depart(ada)
    const { parameters: eves } = await played().depart(eve)
    eves.set("code", adas.get("code") ?? "")
    expect(locationOf(await played().comeBack(eve, eves))).toBe("/sign-in?error=oauth_failed&provider=remote")
    expect(refusalIn(host)).toMatchObject({ cause: "token_refused", detail: "invalid_grant" })
    await expectNobody(host, ada, eve)
  })
})

describe.each(idTokenKinds)("$name, at a provider that ignores PKCE", (kind) => {
  const { played, start, stop } = stage(kind)
  beforeAll(start)
  afterAll(stop)

  test("the code of another's attempt is useless in one's own: its ID token has another nonce", async () => {
    const host = played().host()
    const [ada, eve] = [host.browser(), host.browser()]
    played().remote.lie({ unchecked: ["pkce"] })
    const { parameters: adas } = await played().depart(ada)
    const { parameters: eves } = await played().depart(eve)
    eves.set("code", adas.get("code") ?? "")
    expect(locationOf(await played().comeBack(eve, eves))).toBe("/sign-in?error=oauth_failed&provider=remote")
    expect(refusalIn(host)).toMatchObject({ cause: "id_token_invalid", detail: "nonce" })
    await expectNobody(host, ada, eve)
  })
})

/** One playing for a whole block. */
function stage(kind: ProviderKind): {
  readonly played: () => PlayedKind
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
} {
  let playing: PlayedKind | undefined
  return {
    played() {
      if (!playing) throw new Error("not started")
      return playing
    },
    async start() {
      playing = await play(kind)
    },
    stop: async () => playing?.remote.stop(),
  }
}

/** Brings requests to the server that they mean; hosts that are none of the two are played by the first. */
function fetchOf(remote: HostileProvider, elsewhere: HostileProvider): typeof fetch {
  return (input, init) => {
    const { origin } = new URL(input instanceof Request ? input.url : input)
    return (origin === elsewhere.origin ? elsewhere : remote).fetch(input, init)
  }
}
