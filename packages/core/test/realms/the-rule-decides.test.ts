import { expect, test } from "vitest"
import { guard, hasRole } from "../../src/guard.js"
import { createAuth, opaque } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { realm } from "../../src/realms.js"
import { refreshTokens } from "../../src/refresh.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"
import { type Headers, hour, incomingTo, people, phrase, type Shop, scriptHeaders, shop } from "./shop.js"

const unpaid = () => ({ reason: "plan_required", message: "Pay first" })

/** An admin who is none any more, with a JWT that is in its grace period. */
async function degraded(): Promise<{ readonly host: Shop; readonly cookie: Headers }> {
  const host = await shop((audience) => jwt({ lifetime: "15m", grace: "1h", audience }))
  const { cookie } = await host.signIn("admin", "admin")
  host.clock.advance(hour / 2)
  host.roles.set(people.admin, "customer")
  return { host, cookie }
}

test.each(["/api/v1/admin/auth/refresh", "/admin/auth/refresh"])(
  "the rule is asked where a refresh token is exchanged: %s",
  async (target) => {
    const host = await shop(() => refreshTokens({ beside: opaque() }))
    const { answer, bearer } = await host.signIn("admin", "admin")
    expect(await host.ask("GET", "/api/v1/admin/things", bearer)).toMatchObject({ status: 200 })
    const exchange = (token: unknown) =>
      host.ask("POST", target, scriptHeaders, JSON.stringify({ refresh_token: token }))
    const renewed = await exchange(answer.json["refresh_token"])
    expect(renewed).toMatchObject({ status: 200, json: { access_token: expect.any(String) } })
    host.roles.set(people.admin, "customer")
    const refused = await exchange(renewed.json["refresh_token"])
    expect(refused).toMatchObject({ status: 401, json: { reason: "not_signed_in" }, cookies: [] })
    for (const name of ["access_token", "refresh_token", "user"])
      expect(refused.json).not.toHaveProperty(name)
  },
)

test("whom the rule refuses by now is nobody to authenticate() outside of the areas", async () => {
  const { host, cookie } = await degraded()
  const found = await host.auths.admin.authenticate(incomingTo("GET", "/", cookie))
  expect(found).toEqual({ principal: undefined, setCookie: [] })
})

/** `authenticate()` says who, `guard()` whether (docs/flows/realms.md). */
test("whom authenticate() finds in an area, and the rule refuses by now, guard() refuses without a rule of its own", async () => {
  const { host, cookie } = await degraded()
  const incoming = incomingTo("GET", "/admin/users", cookie)
  const { principal } = await host.auths.admin.authenticate(incoming)
  expect(principal?.realm).toBe("admin")
  expect(await guard(host.auths.admin, principal, undefined, incoming)).toMatchObject({ status: 403 })
})

test("a cookie that authenticate() renews for whom the rule refuses by now opens nothing", async () => {
  const { host, cookie } = await degraded()
  const { setCookie } = await host.auths.admin.authenticate(incomingTo("GET", "/admin/users", cookie))
  const token = /^admin_token=([^;]+)/.exec(setCookie[0] ?? "")?.[1] ?? ""
  expect(token).not.toBe("")
  expect(await host.auths.admin.sessions.read(token)).toBeUndefined()
  const renewed = { cookie: `admin_token=${token}` }
  expect(await host.ask("GET", "/admin/users", renewed)).toMatchObject({ status: 403 })
  expect(await host.ask("GET", "/admin/auth/session", renewed)).toMatchObject({ json: { user: null } })
})

test("a reason of a rule's own that every object has, as `constructor`, is a refusal and no fault", async () => {
  const host = await shop(() => opaque(), {
    store: {
      name: "store",
      api: "/api/v1/store",
      rule: hasRole("nobody", { reason: "constructor" }),
      signInRule: () => true,
    },
  })
  const { bearer, cookie } = await host.signIn("store", "store")
  const refused = { status: 403, json: { reason: "constructor" } }
  expect(await host.ask("GET", "/store/things", cookie)).toMatchObject(refused)
  expect(await host.ask("GET", "/api/v1/store/things", bearer)).toMatchObject(refused)
  expect(host.faults).toEqual([])
})

test("a sign-in rule's own reason is answered, and the event says that the rule refused", async () => {
  const host = await shop(() => opaque(), {
    store: { name: "store", api: "/api/v1/store", signInRule: unpaid },
  })
  const { answer } = await host.signIn("store", "store")
  expect(answer).toMatchObject({
    status: 403,
    json: { reason: "plan_required", detail: "Pay first" },
    cookies: [],
  })
  expect(host.events.at(-1)).toMatchObject({ type: "sign_in.refused", cause: "not_admitted", realm: "store" })
})

test("a sign-in rule's own reason is the outcome of a step that is taken without HTTP", async () => {
  const stores = memoryStores()
  const auth = createAuth({
    origin,
    secret,
    stores,
    flows: { password: password({ hasher: testHasher(), registration: "closed" }) },
    realm: realm({ name: "store", signInRule: unpaid }),
    cookie: { path: "/store" },
    sessions: opaque(),
  })
  const user = await stores.users.create({ email: people.store, emailVerifiedAt: 0, createdAt: 0 })
  await auth.flows.password.set(user?.id ?? "", phrase)
  const outcome = await auth.flows.password.signIn({ email: people.store, password: phrase })
  expect(outcome).toMatchObject({ ok: false, reason: "plan_required", message: "Pay first" })
})
