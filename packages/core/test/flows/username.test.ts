import { describe, expect, test } from "vitest"
import { StoreError } from "../../src/errors.js"
import type { NewUser, User } from "../../src/index.js"
import { failingStores, recordingStores } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import type { FindByUsername } from "../../src/username.js"
import { ada, app, eve } from "../app.js"
import { type UsernameHost, usernameApp, usernamesOver } from "../username-app.js"

const adaByName = { username: "ada", password: ada.password }
const adaByEmail = { username: ada.email, password: ada.password }
const wrong = "not the right phrase"

/** Eve has an account, and a name that a test gives her. */
async function withEve(host: UsernameHost, name: string): Promise<string> {
  await host.auth.flows.password.register(eve)
  const { id } = (await host.stores.users.findByEmail(eve.email)) ?? {}
  if (id === undefined) throw new Error("eve was not registered")
  host.people.set(name, id)
  return id
}

function causes(...hosts: readonly Pick<UsernameHost, "events">[]): readonly string[] {
  return hosts.flatMap(({ events }) =>
    events.flatMap((event) => (event.type === "sign_in.refused" ? [event.cause] : [])),
  )
}

describe("signing in by name", () => {
  test.each(["ada", " ADA ", "Ada", "ａｄａ", "ada@example.com", " ADA@Example.com "])(
    "%j reaches ada",
    async (username) => {
      const host = await usernameApp()
      for (const body of [{ json: { ...adaByName, username } }, { form: { ...adaByName, username } }]) {
        const browser = host.browser()
        const answer = await browser.post("/auth/login", body)
        expect([answer.status, answer.headers.get("location")]).toEqual(
          "json" in body ? [200, null] : [303, "/"],
        )
        expect((await (await browser.get("/auth/session")).json()).user).toMatchObject({ id: host.ada })
      }
      const outcome = await host.auth.flows.password.signIn(
        { ...adaByName, username },
        { address: "192.0.2.9" },
      )
      expect(outcome.ok && outcome.user.id).toBe(host.ada)
    },
  )

  test("the host is asked for names in their one spelling, and for nothing else", async () => {
    const host = await usernameApp()
    for (const username of [
      "ADA",
      "stranger",
      "ada@example.com",
      "no name",
      "",
      "a@b@c",
      "ada＠example.com",
      "\u202Eada",
    ])
      await host.browser().post("/auth/login", { json: { ...adaByName, username } })
    expect(host.asked).toEqual(["ada", "stranger"])
  })

  test.each<[string, Record<string, unknown>]>([
    ["an e-mail field", ada],
    ["no name", { password: ada.password }],
    ["an object for the name", { ...adaByName, username: { $ne: "" } }],
    ["an array", { ...adaByName, username: ["ada"] }],
    ["a number", { ...adaByName, username: 1 }],
    ["no password", { username: "ada" }],
  ])("%s is no login", async (_, json) => {
    const host = await usernameApp()
    const answer = await host.browser().post("/auth/login", { json })
    expect([answer.status, (await answer.json()).reason]).toEqual([400, "invalid_request"])
    expect([host.asked, host.hasher.computed()]).toEqual([[], 0])
  })

  test("without the option a name is none, and its field is not read", async () => {
    const host = app()
    await host.auth.flows.password.register(ada)
    expect((await host.browser().post("/auth/login", { json: adaByName })).status).toBe(400)
    expect((await host.browser().post("/auth/login", { json: { ...ada, email: "ada" } })).status).toBe(401)
  })

  test("the refusal does not speak of e-mail addresses alone; a form goes back to its page", async () => {
    const host = await usernameApp()
    const body = { ...adaByName, password: wrong }
    expect(await (await host.browser().post("/auth/login", { json: body })).json()).toEqual({
      status: 401,
      reason: "invalid_credentials",
      detail: "The user name or the password is not right.",
    })
    const form = await host.browser().post("/auth/login", { form: body })
    expect(form.headers.get("location")).toBe("/sign-in?error=invalid_credentials")
  })

  test("registering is by e-mail address, as ever; the account has no name until the host gives it one", async () => {
    const host = await usernameApp()
    expect((await host.browser().post("/auth/register", { json: eve })).status).toBe(202)
    const typed = { username: "eve", password: eve.password }
    expect((await host.auth.flows.password.signIn(typed)).ok).toBe(false)
    await withEve(host, "eve")
    expect((await host.auth.flows.password.signIn(typed)).ok).toBe(true)
  })

  test("no event holds a name: a user id, or a keyed digest that tells names apart", async () => {
    const host = await usernameApp()
    const digests: (string | undefined)[] = []
    for (const username of ["ada", "stranger", "Stranger ", "another", "stranger@example.com"])
      await host.auth.flows.password.signIn({ username, password: wrong })
    for (const event of host.events) if (event.type === "sign_in.refused") digests.push(event.emailDigest)
    expect(JSON.stringify(host.events)).not.toMatch(/stranger|another/i)
    expect(digests[0]).toBeUndefined()
    expect(digests[1]).toMatch(/^[\w-]{43}$/)
    expect(digests[2]).toBe(digests[1])
    expect(new Set(digests.slice(1)).size).toBe(3)
  })
})

describe("a name is nobody's address", () => {
  test("what has an at-sign is an address, whatever the host's table says", async () => {
    const host = await usernameApp()
    await withEve(host, ada.email)
    const typed = { username: ada.email, password: eve.password }
    expect((await host.auth.flows.password.signIn(typed)).ok).toBe(false)
    const outcome = await host.auth.flows.password.signIn(adaByEmail)
    expect(outcome.ok && outcome.user.id).toBe(host.ada)
    expect(host.asked).toEqual([])
  })

  test("a name that is the text of somebody's id leads nowhere, and counts nothing against them", async () => {
    const host = await usernameApp()
    const { users } = host.stores
    const plain = (user: User | undefined) => user && { ...user, id: "id-1" }
    const spelled = {
      ...users,
      create: async (user: NewUser) => plain(await users.create(user)),
      find: async (id: string) => (id === "id-1" ? plain(await users.findByEmail(eve.email)) : undefined),
      findByEmail: async (email: string) => plain(await users.findByEmail(email)),
    }
    const people = new Map([["eve", "id-1"]])
    const named = usernamesOver({ ...host, people, stores: { ...host.stores, users: spelled } })
    const { register, signIn } = named.auth.flows.password
    await register(eve)
    for (let n = 0; n < 9; n++)
      expect((await signIn({ username: "id-1", password: eve.password })).ok).toBe(false)
    expect(new Set(causes(named))).toEqual(new Set(["unknown_username", "backing_off"]))
    expect((await signIn({ username: "eve", password: eve.password })).ok).toBe(true)
  })
})

describe("one count of failures, by whatever name", () => {
  test.each([
    ["by name, then by address", adaByName, adaByEmail],
    ["by address, then by name", adaByEmail, adaByName],
  ])("%s: five, then even the right password is refused, to the millisecond", async (_, first, second) => {
    const host = await usernameApp()
    const { signIn } = host.auth.flows.password
    for (let n = 0; n < 5; n++) await signIn({ ...first, password: wrong })
    host.clock.advance(29_999)
    expect((await signIn(second)).ok).toBe(false)
    expect((await signIn(first)).ok).toBe(false)
    expect(causes(host).slice(-2)).toEqual(["backing_off", "backing_off"])
    host.clock.advance(1)
    expect((await signIn(second)).ok).toBe(true)
  })

  test("four free ones are four, over all spellings and both kinds of name", async () => {
    const host = await usernameApp()
    for (const username of ["ada", "ADA", "ada@example.com", "ADA@example.com", "ａｄａ", "ada"])
      await host.auth.flows.password.signIn({ username, password: wrong })
    expect(causes(host)).toEqual([...Array<string>(5).fill("wrong_password"), "backing_off"])
  })

  test("of 16 at once, alternating, over two instances, five are evaluated", async () => {
    const host = await usernameApp()
    const twin = usernamesOver(host)
    const names = ["ada", ada.email, " ADA"]
    const attempt = (one: UsernameHost) => (n: number) =>
      one.auth.flows.password.signIn(
        { username: names[n % 3] ?? "", password: wrong },
        { address: `198.51.100.${n}` },
      )
    await race(16, [attempt(host), attempt(twin)])
    const heard = causes(host, twin)
    expect(heard.filter((cause) => cause === "wrong_password")).toHaveLength(5)
    expect(heard.filter((cause) => cause === "backing_off")).toHaveLength(11)
    for (const typed of [adaByName, adaByEmail])
      expect((await host.auth.flows.password.signIn(typed)).ok).toBe(false)
  })

  test("several names of one account share it too; two accounts do not", async () => {
    const host = await usernameApp()
    host.people.set("countess", host.ada)
    await withEve(host, "eve")
    for (const username of ["countess", "ada", "countess", "ada", "countess"])
      await host.auth.flows.password.signIn({ username, password: wrong })
    expect((await host.auth.flows.password.signIn(adaByEmail)).ok).toBe(false)
    expect((await host.auth.flows.password.signIn({ username: "eve", password: eve.password })).ok).toBe(true)
  })

  test("success by one name clears it for all, and so does set", async () => {
    const host = await usernameApp()
    const { set, signIn } = host.auth.flows.password
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++) await signIn({ ...adaByEmail, password: wrong })
      expect((await signIn(adaByName)).ok).toBe(true)
    }
    for (let n = 0; n < 9; n++) await signIn({ ...adaByName, password: wrong })
    await set(host.ada, eve.password)
    expect((await signIn({ ...adaByEmail, password: eve.password })).ok).toBe(true)
  })

  test("an unknown name backs off alike, each for itself", async () => {
    const host = await usernameApp()
    for (let n = 0; n < 9; n++) await host.auth.flows.password.signIn({ ...adaByName, username: "nobody" })
    await host.auth.flows.password.signIn({ ...adaByName, username: "nobody-else" })
    expect(causes(host).filter((cause) => cause === "unknown_username")).toHaveLength(6)
    expect(causes(host).filter((cause) => cause === "backing_off")).toHaveLength(4)
  })
})

describe("a host that answers oddly lets nobody in", () => {
  const rows: Readonly<Record<string, [status: number, find: (name: string) => unknown]>> = {
    undefined: [401, () => undefined],
    "null, as a table has it": [401, () => null],
    "an id that the store does not know": [401, () => ({ id: "somebody" })],
    "an empty id": [401, () => ({ id: "" })],
    "the id that stands for nobody": [401, () => ({ id: "-" })],
    "a user without an id": [500, () => ({ email: ada.email })],
    "an id that is a number": [500, () => ({ id: 1 })],
    "an id that is null": [500, () => ({ id: null })],
    true: [500, () => true],
    "the name itself": [500, (name: string) => name],
    rows: [500, () => [{ id: "1" }]],
    "an error": [
      500,
      () => {
        throw new Error("the table is on fire")
      },
    ],
    "a rejection": [500, () => Promise.reject(new Error("the table is on fire"))],
    "a StoreError": [
      503,
      () => {
        throw new StoreError("people", new Error("down"))
      },
    ],
  }

  test.each(Object.keys(rows))("%s", async (name) => {
    const [status, find] = rows[name] ?? [0, () => undefined]
    const host = await usernameApp({ find: find as FindByUsername })
    for (const body of [{ json: adaByName }, { form: adaByName }]) {
      const browser = host.browser()
      const answer = await browser.post("/auth/login", body)
      if ("json" in body) expect(answer.status).toBe(status)
      expect(answer.headers.getSetCookie().join()).not.toMatch(/session=[\w-]/)
      expect(await answer.text()).not.toMatch(/fire|down|TypeError/)
      expect((await (await browser.get("/auth/session")).json()).user).toBeNull()
    }
    expect(await host.auth.sessions.list(host.ada)).toEqual([])
    expect(host.faults).toHaveLength(status === 401 ? 0 : 2)
    // By her address ada gets in all the same.
    expect((await host.auth.flows.password.signIn(adaByEmail)).ok).toBe(true)
  })

  test("a fault of the host's is no failure of the owner's", async () => {
    let down = true
    const host = await usernameApp({
      find: () => {
        if (down) throw new StoreError("people", new Error("down"))
        return { id: host.ada }
      },
    })
    for (let n = 0; n < 9; n++) await host.auth.flows.password.signIn(adaByName).catch(() => {})
    down = false
    expect((await host.auth.flows.password.signIn(adaByName)).ok).toBe(true)
  })

  test("an id in another spelling, which the store takes for the same, is not: epochs and tries have one spelling", async () => {
    const host = await usernameApp()
    const { users } = host.stores
    const lenient = { ...host.stores, users: { ...users, find: (id: string) => users.find(id.trim()) } }
    const spelled = usernamesOver({ ...host, stores: lenient }, { find: () => ({ id: ` ${host.ada}` }) })
    expect((await spelled.auth.flows.password.signIn(adaByName)).ok).toBe(false)
    expect(causes(spelled)).toEqual(["unknown_username"])
    expect((await spelled.auth.flows.password.signIn(adaByEmail)).ok).toBe(true)
  })

  test("what the host's row says is not believed: who is disabled in the store stays out", async () => {
    const host = await usernameApp({ find: () => ({ id: host.ada, disabledAt: null, emailVerifiedAt: 1 }) })
    await host.auth.users.disable(host.ada)
    expect((await host.auth.flows.password.signIn(adaByName)).ok).toBe(false)
  })

  test("disabled, or changed, while the host's table is read: no session", async () => {
    for (const meanwhile of [
      (host: UsernameHost) => host.auth.users.disable(host.ada),
      (host: UsernameHost) => host.auth.flows.password.set(host.ada, eve.password),
      (host: UsernameHost) => host.stores.users.delete(host.ada),
    ]) {
      const host: UsernameHost = await usernameApp({
        async find() {
          await meanwhile(host)
          return { id: host.ada }
        },
      })
      expect((await host.auth.flows.password.signIn(adaByName)).ok).toBe(false)
      expect(await host.auth.sessions.list(host.ada)).toEqual([])
    }
  })

  test("each store call throws in turn: never a session", async () => {
    const host = await usernameApp()
    const { calls, watched } = recordingStores(host.stores)
    await usernamesOver({ ...host, stores: watched }).auth.flows.password.signIn(adaByName)
    await host.auth.sessions.endAll(host.ada, "revoked", {})
    expect(calls.length).toBeGreaterThan(6)
    for (const { number } of calls) {
      const { watched: broken } = failingStores(host.stores, (call) => call.number === number)
      const one = usernamesOver({ ...host, stores: broken })
      const browser = one.browser()
      const answer = await browser.post("/auth/login", { json: adaByName })
      expect([number, answer.status]).toEqual([number, 503])
      expect(browser.cookieHeader()).toBe("")
    }
  })
})
