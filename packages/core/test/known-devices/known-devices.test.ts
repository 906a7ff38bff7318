import { describe, expect, test } from "vitest"
import { knownDevices } from "../../src/known-devices.js"
import { recordingStores } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { type AppOptions, ada, app, appWithAda, eve, type Host } from "../app.js"

const wrong = { ...ada, password: "not the right phrase" }
const name = "__Host-device"
const options: AppOptions = { password: { knownDevices: knownDevices() } }
const strange = { address: "203.0.113.9" }

type HostOfAda = Awaited<ReturnType<typeof appWithAda>>

async function scene(more: AppOptions = {}) {
  const host = await appWithAda({ ...options, ...more })
  return { host, device: await known(host) }
}

/** A browser in which ada has signed in, and out again. */
async function known(host: Host, account = ada, browser = host.browser()): Promise<TestClient> {
  expect((await browser.post("/auth/login", { json: account })).status).toBe(200)
  await browser.post("/auth/logout", { json: {} })
  return browser
}

const statusOf = async (browser: TestClient, json: object = ada): Promise<number> =>
  (await browser.post("/auth/login", { json })).status

/** An attacker who keeps the account backing off. */
async function lock(host: Host, account = ada): Promise<void> {
  for (let n = 0; n < 9; n++) {
    await host.auth.flows.password.signIn({ ...account, password: "wrong" }, { address: `203.0.113.${n}` })
  }
  expect((await host.auth.flows.password.signIn(account, strange)).ok).toBe(false)
}

/** A browser that holds this value. */
function holding(host: Host, value: string): TestClient {
  const browser = host.browser()
  browser.cookies.set(name, value)
  return browser
}

function evaluated(host: Pick<Host, "events">): number {
  return host.events.filter((event) => event.type === "sign_in.refused" && event.cause === "wrong_password")
    .length
}

describe("the cookie", () => {
  test.each(["form", "json"] as const)(
    "is set by a sign-in by %s, names nobody, and outlives the sign-out",
    async (kind) => {
      const host = await appWithAda(options)
      const browser = host.browser()
      const answer = await browser.post("/auth/login", { [kind]: ada })
      const [cookie = ""] = answer.headers.getSetCookie().filter((one) => one.startsWith(name))
      expect(cookie).toMatch(
        /^__Host-device=[\w-]{22}\.[\da-z]+\.[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      )
      for (const fact of [ada.email, host.user.id, btoa(host.user.id)]) expect(cookie).not.toContain(fact)
      await browser.post("/auth/logout", { json: {} })
      expect(browser.cookies.has(name)).toBe(true)
      // It opens nothing.
      const bare = holding(host, browser.cookies.get(name) ?? "")
      expect((await (await bare.get("/auth/session")).json()).user).toBeNull()
    },
  )

  test("is not set by a refusal, nor by a host that does not want it, and has the realm's name", async () => {
    const host = await appWithAda(options)
    expect((await host.browser().post("/auth/login", { json: wrong })).headers.getSetCookie()).toEqual([])
    const plain = app({ stores: host.stores, clock: host.clock })
    const answer = await plain.browser().post("/auth/login", { json: ada })
    expect(answer.headers.getSetCookie().map((one) => one.split("=")[0])).toEqual(["__Host-session"])
    const admin = app({ ...options, stores: host.stores, clock: host.clock, auth: { realm: "admin" } })
    const browser = admin.browser()
    await browser.post("/auth/login", { json: ada })
    expect([...browser.cookies.keys()]).toEqual(["__Host-admin-session", "__Host-admin-device"])
  })

  test("knows four accounts of one browser, and forgets the one that has not signed in for longest", async () => {
    const { device, host } = await scene()
    const accounts = [ada]
    for (let n = 0; n < 4; n++) {
      const account = { ...eve, email: `eve${n}@example.com` }
      await host.auth.flows.password.register(account, { address: "198.51.100.1" })
      await known(host, account, device)
      accounts.push(account)
    }
    expect(device.cookies.get(name)?.split("~")).toHaveLength(4)
    for (const account of accounts) await lock(host, account)
    const statuses: number[] = []
    const held = device.cookies.get(name) ?? ""
    for (const account of accounts) statuses.push(await statusOf(holding(host, held), account))
    expect(statuses).toEqual([401, 200, 200, 200, 200])
  })
})

describe("an attacker locks the account", () => {
  test.each(["form", "json"] as const)(
    "and its owner signs in by %s on a known device, but nowhere else",
    async (kind) => {
      const { device, host } = await scene()
      await lock(host)
      expect(await statusOf(host.browser())).toBe(401)
      const answer = await device.post("/auth/login", { [kind]: ada })
      expect(answer.status).toBe(kind === "form" ? 303 : 200)
      expect(device.cookies.has("__Host-session")).toBe(true)
      // Which gives the attacker nothing: the account is still backing off.
      const before = evaluated(host)
      expect((await host.auth.flows.password.signIn(wrong, strange)).ok).toBe(false)
      expect(evaluated(host)).toBe(before)
    },
  )

  test("and on a device that has not signed in for 180 days he is kept out as on any other", async () => {
    const { device, host } = await scene()
    host.clock.advance(180 * 86_400_000 - 1000)
    await lock(host)
    expect(await statusOf(device)).toBe(200)
    host.clock.advance(180 * 86_400_000)
    await lock(host)
    expect(await statusOf(device)).toBe(401)
  })

  test("before the owner has ever signed in: success there clears the account's failures, as ever", async () => {
    const host = await appWithAda(options)
    for (let n = 0; n < 4; n++) await host.auth.flows.password.signIn(wrong, strange)
    expect(await statusOf(host.browser())).toBe(200)
    for (let n = 0; n < 4; n++) await host.auth.flows.password.signIn(wrong, strange)
    expect(await statusOf(host.browser())).toBe(200)
  })
})

describe("a known device", () => {
  test("has ten tries, then those of strangers, for a day", async () => {
    const { device, host } = await scene()
    for (let n = 0; n < 10; n++) expect(await statusOf(device, wrong)).toBe(401)
    expect(evaluated(host)).toBe(10)
    // Five more of the account's own, which nobody has used yet.
    for (let n = 0; n < 20; n++) await statusOf(device, wrong)
    expect(evaluated(host)).toBe(15)
    expect(await statusOf(device)).toBe(401)
    await lock(host)
    host.clock.advance(86_400_000 - 1)
    await lock(host)
    expect(await statusOf(device)).toBe(401)
    host.clock.advance(1)
    expect(await statusOf(device)).toBe(200)
  })

  test("begins anew with a success", async () => {
    const { device, host } = await scene()
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 9; n++) await statusOf(device, wrong)
      await lock(host)
      expect(await statusOf(device)).toBe(200)
    }
  })

  test("that took the account's tries gives those back, and clears both", async () => {
    const { device, host } = await scene()
    for (let n = 0; n < 14; n++) await statusOf(device, wrong)
    expect(await statusOf(device)).toBe(200)
    const before = evaluated(host)
    for (let n = 0; n < 4; n++) await host.auth.flows.password.signIn(wrong, strange)
    expect(evaluated(host) - before).toBe(4)
    expect((await host.auth.flows.password.signIn(ada, strange)).ok).toBe(true)
  })

  test("200 at once over two instances: ten of its own are evaluated, five of the account's, then the right one is refused", async () => {
    const { device, host } = await scene({
      password: { ...options.password, limits: { address: { free: 1000 } } },
    })
    const limits = { address: { free: 1000 } }
    const twin = app({ password: { ...options.password, limits }, stores: host.stores, clock: host.clock })
    const held = device.cookies.get(name) ?? ""
    await race(200, [() => statusOf(holding(host, held), wrong), () => statusOf(holding(twin, held), wrong)])
    expect(evaluated(host) + evaluated(twin)).toBe(15)
    expect(await statusOf(holding(host, held))).toBe(401)
  })

  test("a fault of ours costs it no try", async () => {
    const { device, host } = await scene()
    const verify = () => Promise.reject(new Error("queue full"))
    const hasher = { ...testHasher(), read: () => ({ outdated: false, verify }) }
    const busy = app({ ...options, stores: host.stores, clock: host.clock, hasher })
    const held = device.cookies.get(name) ?? ""
    for (let n = 0; n < 20; n++) expect(await statusOf(holding(busy, held))).toBe(500)
    await lock(host)
    expect(await statusOf(device)).toBe(200)
  })

  test("counts towards its network address as everybody does", async () => {
    const { device, host } = await scene({
      password: { ...options.password, limits: { address: { free: 3 } } },
    })
    const statuses: number[] = []
    for (let n = 0; n < 5; n++) statuses.push(await statusOf(device, wrong))
    expect(statuses).toEqual([401, 401, 401, 401, 429])
    expect(host.events.at(-1)).toMatchObject({ type: "limit.hit", limit: "sign_in.address" })
  })
})

describe("what a device holds is worth nothing", () => {
  /** Each answers what a browser holds after something has happened. */
  const rows: Readonly<
    Record<string, (host: HostOfAda, held: string) => Promise<{ value: string; account?: typeof ada }>>
  > = {
    "for another account": async (host, held) => {
      await host.auth.flows.password.register(eve)
      return { value: held, account: eve }
    },
    "after a change of password": async (host, value) => {
      host.clock.advance(1)
      await host.auth.flows.password.set(host.user.id, eve.password)
      return { value, account: { ...ada, password: eve.password } }
    },
    "in another realm": async (host) => {
      const admin = app({ ...options, stores: host.stores, clock: host.clock, auth: { realm: "admin" } })
      const browser = admin.browser()
      await browser.post("/auth/login", { json: ada })
      return { value: browser.cookies.get("__Host-admin-device") ?? "" }
    },
    "under another secret": async (host) => {
      const secret = "an-other-secret-of-32-characters-01234567"
      const other = app({ ...options, stores: host.stores, clock: host.clock, auth: { secret } })
      const browser = other.browser()
      await browser.post("/auth/login", { json: ada })
      return { value: browser.cookies.get(name) ?? "" }
    },
    "with another end": async (_, held) => {
      const [nonce, , mac] = held.split(".")
      return { value: `${nonce}.zzzzzzzz.${mac}` }
    },
    "with another nonce": async (_, held) => ({ value: `${"x".repeat(22)}${held.slice(22)}` }),
    "with another digest": async (_, held) => ({ value: `${held.slice(0, -43)}${"x".repeat(43)}` }),
    "cut short": async (_, held) => ({ value: held.slice(0, -1) }),
    "behind four others": async (_, held) => ({
      value: `${`${held.slice(0, -43)}${"x".repeat(43)}~`.repeat(4)}${held}`,
    }),
    "twice over": async (_, held) => ({ value: `${held}; ${name}=${held}` }),
    "as nonsense": async () => ({ value: "~~..~x.y.z~" }),
    "when it is huge": async () => ({ value: "x".repeat(8000) }),
  }

  test.each(Object.keys(rows))("%s", async (row) => {
    const { device, host } = await scene()
    const made = await rows[row]?.(host, device.cookies.get(name) ?? "")
    const { account = ada, value = "" } = made ?? {}
    await lock(host, account)
    const browser = holding(host, value)
    expect(await statusOf(browser, account)).toBe(401)
    expect(browser.cookies.has("__Host-session")).toBe(false)
  })

  test("and the same of the device itself is worth something: the rows above can fail", async () => {
    const { device, host } = await scene()
    await lock(host)
    expect(await statusOf(holding(host, device.cookies.get(name) ?? ""))).toBe(200)
  })

  test("a new secret in front leaves it good", async () => {
    const old = "an-old-secret-of-32-characters-0123456789"
    const { device, host } = await scene({ auth: { secret: old } })
    await lock(host)
    const secret = ["a-fresh-secret-of-32-characters-98765432", old] as const
    const later = app({ ...options, stores: host.stores, clock: host.clock, auth: { secret } })
    expect(await statusOf(holding(later, device.cookies.get(name) ?? ""))).toBe(200)
  })

  test("hoarding devices, while the password is known, gives no tries at the next one", async () => {
    const { host } = await scene()
    const hoard: string[] = []
    for (let n = 0; n < 30; n++) hoard.push((await known(host)).cookies.get(name) ?? "")
    host.clock.advance(1)
    await host.auth.flows.password.set(host.user.id, eve.password)
    const before = evaluated(host)
    for (const value of hoard) await statusOf(holding(host, value), wrong)
    expect(evaluated(host) - before).toBe(5)
  })
})

describe("who knows no password learns nothing", () => {
  /** What is typed, in a browser that is known for ada. */
  const typed: Readonly<Record<string, (host: HostOfAda) => Promise<typeof ada>>> = {
    "a wrong password of the known account": async () => wrong,
    "another account's": async ({ auth }) => {
      await auth.flows.password.register(eve)
      return { ...eve, password: "wrong" }
    },
    "an address that nobody has": async () => ({ ...ada, email: "nobody@example.com" }),
    "the known account, disabled": async ({ auth, user }) => {
      await auth.users.disable(user.id)
      return ada
    },
    "the known account, gone": async ({ stores, user }) => {
      await stores.users.delete(user.id)
      return ada
    },
    "an over-long password": async () => ({ ...ada, password: "x".repeat(1025) }),
  }

  async function attempt(row: string, form: boolean, withDevice: boolean) {
    const host = await appWithAda(options)
    const device = await known(host)
    const body = (await typed[row]?.(host)) ?? ada
    const { calls, watched } = recordingStores(host.stores)
    const watching = app({ ...options, stores: watched, clock: host.clock })
    const browser = holding(watching, withDevice ? (device.cookies.get(name) ?? "") : "none")
    const answer = await browser.post("/auth/login", form ? { form: body } : { json: body })
    return {
      bytes: `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`,
      hashes: watching.hasher.computed(),
      calls: calls.map(({ method, slot }) => `${slot}.${method}`),
    }
  }

  test.each(Object.keys(typed))(
    "%s: the same bytes, one hash, the same store calls, whatever the browser holds",
    async (row) => {
      for (const form of [false, true]) {
        const reference = await attempt("an address that nobody has", form, false)
        expect(reference.hashes).toBe(1)
        for (const withDevice of [false, true])
          expect(await attempt(row, form, withDevice)).toEqual(reference)
      }
    },
  )
})

test.each([
  [{ failures: 0 }, "ERR_CONFIG_LIMIT"],
  [{ failures: 1.5 }, "ERR_CONFIG_LIMIT"],
  [{ lifetime: "soon" as "1d" }, "ERR_CONFIG_DURATION"],
  [{ forgotten: 0 }, "ERR_CONFIG_DURATION"],
])("refuses %j at construction", (wrongOptions, code) => {
  expect(() => knownDevices(wrongOptions)).toThrow(expect.objectContaining({ code }))
})
