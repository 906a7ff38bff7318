import { expect, test } from "vitest"
import { opaque, type SessionStrategy } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { refreshTokens } from "../../src/refresh.js"
import { origin } from "../app.js"
import { type Headers, hour, incomingTo, people, phrase, scriptHeaders, shop } from "./shop.js"

const short =
  (grace: "7d" | 0) =>
  (audience: string): SessionStrategy =>
    jwt({ lifetime: "15m", grace, audience })
const tokens = (): SessionStrategy => refreshTokens({ beside: opaque() })
const things = "/api/v1/store/things"

/** With a page at every path, so that nothing but the area's kind decides whether the cookie counts. */
const wholeHost = { storePath: "/" } as const

test("a JWT in the header is over when it is over: a grace period is for browsers", async () => {
  const host = await shop(short("7d"))
  const { answer, bearer, cookie } = await host.signIn("store", "store")
  expect(answer.json["expires_in"]).toBe(900)
  expect(await host.ask("GET", things, bearer)).toMatchObject({ status: 200 })
  host.clock.advance(48 * hour)
  expect(await host.ask("GET", things, bearer)).toMatchObject({ status: 401 })
  expect(await host.ask("GET", "/store/things", bearer)).toMatchObject({ status: 401 })
  expect(await host.ask("GET", "/store/things", cookie)).toMatchObject({ status: 200 })
})

test.each([
  ["a rule", {}],
  ["no rule", { store: { name: "store", api: "/api/v1/store" } }],
])("a JWT in the header that is in its grace period is not renewed into a cookie: %s", async (_, options) => {
  const host = await shop(short("7d"), options)
  const { bearer } = await host.signIn("store", "store")
  host.clock.advance(hour)
  for (const target of ["/api/v1/store/auth/session", "/store/auth/session", things, "/store/things"]) {
    expect((await host.ask("GET", target, bearer)).cookies, target).toEqual([])
  }
})

test("the library's own routes take a JWT in the header as long as the host's do, and no longer", async () => {
  const host = await shop(short("7d"))
  const { bearer, cookie } = await host.signIn("store", "store")
  const asked = (headers: Headers) => host.ask("GET", "/store/auth/sessions", headers)
  expect(await asked(bearer)).toMatchObject({ status: 200 })
  host.clock.advance(hour)
  expect(await asked(bearer)).toMatchObject({ status: 401 })
  expect(await asked(cookie)).toMatchObject({ status: 200 })
})

test.each([
  "application/x-www-form-urlencoded",
  "Application/X-WWW-FORM-URLENCODED",
  "MULTIPART/FORM-DATA; boundary=x",
])("the API takes no form, however its type is written: %s", async (type) => {
  const host = await shop()
  const body = `email=${people.store}&password=${phrase}`
  const answer = await host.ask("POST", "/api/v1/store/auth/login", { origin, "content-type": type }, body)
  expect(answer).toMatchObject({ status: 415, json: { reason: "unsupported_media_type" }, cookies: [] })
})

test.each(["/api/v1/store/auth/refresh", "/store/auth/refresh"])(
  "a token in the header is renewed by a token, with no cookie: %s",
  async (target) => {
    const host = await shop(short(0))
    const { bearer, token } = await host.signIn("store", "store")
    host.clock.advance(hour / 6)
    const renewed = await host.ask("POST", target, { ...scriptHeaders, ...bearer }, "{}")
    expect(renewed).toMatchObject({ status: 200, json: { access_token: expect.any(String) }, cookies: [] })
    expect(renewed.json["access_token"]).not.toBe(token)
  },
)

test("what a sign-in at the API answers as a Bearer token is one, where tokens are refreshed", async () => {
  const host = await shop(tokens)
  const { answer, bearer } = await host.signIn("store", "store")
  expect(answer.json["token_type"]).toBe("Bearer")
  expect(await host.ask("GET", things, bearer)).toMatchObject({ status: 200, json: { realm: "store" } })
})

test("a cookie's token is no API token, however the scheme is written, where tokens are refreshed", async () => {
  const host = await shop(tokens)
  const body = JSON.stringify({ email: people.store, password: phrase })
  const [cookie = ""] = (await host.ask("POST", "/store/auth/login", scriptHeaders, body)).cookies
  const kept = /^store_token=([^;]+)/.exec(cookie)?.[1] ?? ""
  expect(await host.ask("GET", "/store/things", { cookie: `store_token=${kept}` })).toMatchObject({
    status: 200,
  })
  const { token } = await host.signIn("store", "store")
  for (const authorization of [
    `Bearer ${kept}`,
    `\xa0Bearer ${kept}`,
    `\xa0Bearer ${token}`,
    `Bearer\xa0${token}`,
  ]) {
    expect(await host.ask("GET", things, { authorization }), authorization).toMatchObject({ status: 401 })
  }
})

test("a sign-in at the API ends the session of the cookie that it replaces", async () => {
  const host = await shop(() => opaque(), wholeHost)
  const first = await host.signIn("store", "store")
  expect(await host.ask("GET", "/x", first.cookie)).toMatchObject({ status: 200 })
  const second = await host.signIn("store", "store", first.cookie)
  expect(second.answer.cookies).toEqual([expect.stringContaining(`store_token=${second.token};`)])
  expect(await host.ask("GET", "/x", first.cookie)).toMatchObject({ status: 401 })
  expect(await host.ask("GET", "/x", second.cookie)).toMatchObject({ status: 200 })
})

test("a sign-out at the API clears no cookie of a session that goes on", async () => {
  const host = await shop(() => opaque(), wholeHost)
  const { cookie } = await host.signIn("store", "store")
  const out = await host.ask("POST", "/api/v1/store/auth/logout", { ...scriptHeaders, ...cookie })
  expect(out).toMatchObject({ status: 401, cookies: [] })
  expect(await host.ask("GET", "/x", cookie)).toMatchObject({ status: 200 })
})

test("no spelling of the API's path makes a cookie count, where a host asks authenticate() itself", async () => {
  const host = await shop(() => opaque(), wholeHost)
  const { cookie } = await host.signIn("store", "store")
  const realmAt = async (target: string) =>
    (await host.auths.store.authenticate(incomingTo("GET", target, cookie))).principal?.realm
  expect(await realmAt("/x")).toBe("store")
  for (const target of [
    "/api/v1/store/x",
    "/api/v1/%73tore/x",
    "/API/v1/store/x",
    "/api/v1//store/x",
    "/x/../api/v1/store/x",
  ]) {
    expect(await realmAt(target), target).toBeUndefined()
  }
})
