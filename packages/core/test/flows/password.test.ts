import { describe, expect, test } from "vitest"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, app, appWithAda, eve, signedIn } from "../app.js"

describe("registering", () => {
  test("creates the account once, and says the same for a free and a taken address", async () => {
    const host = app()
    const answers: string[] = []
    for (let round = 0; round < 2; round++) {
      const answer = await host.browser().post("/auth/register", { json: ada })
      answers.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`)
    }
    expect(answers[0]).toBe(answers[1])
    expect(answers[0]).toMatch(/^202 /)
    expect(host.hasher.computed()).toBe(2)
    expect((await host.stores.users.list({ limit: 10 })).map((user) => user.email)).toEqual([ada.email])
    expect(host.events.map((event) => event.type)).toEqual(["user.registered", "user.registration_refused"])
  })

  test("a taken address keeps its password", async () => {
    const host = await appWithAda()
    await host.browser().post("/auth/register", { json: { ...ada, password: "another long passphrase" } })
    expect((await host.browser().post("/auth/login", { json: ada })).status).toBe(200)
  })

  test("as a form it leads to the sign-in page", async () => {
    const answer = await app()
      .browser()
      .post("/auth/register", { form: { ...ada, return_to: "/workspace?x=1" } })
    expect(answer.status).toBe(303)
    expect(answer.headers.get("location")).toBe("/sign-in?notice=registered&return_to=%2Fworkspace%3Fx%3D1")
  })

  test("immediate: signs in at once, and tells when the address is taken", async () => {
    const host = app({ password: { registration: "immediate" } })
    const browser = host.browser()
    expect((await browser.post("/auth/register", { json: ada })).status).toBe(200)
    expect(await (await browser.get("/auth/session")).json()).toMatchObject({
      user: { claims: { email: ada.email } },
    })
    expect(await (await host.browser().post("/auth/register", { json: ada })).json()).toMatchObject({
      reason: "email_taken",
    })
  })

  test("closed: nobody", async () => {
    const host = app({ password: { registration: "closed" } })
    expect((await host.browser().post("/auth/register", { json: ada })).status).toBe(403)
    expect(await host.stores.users.list({ limit: 10 })).toEqual([])
  })

  test.each<[string, Record<string, unknown>, number, string]>([
    ["no address", { password: ada.password }, 400, "invalid_request"],
    ["an object for the address", { ...ada, email: { $ne: "" } }, 400, "invalid_request"],
    ["an array for the password", { ...ada, password: ["x"] }, 400, "invalid_request"],
    ["not an address", { ...ada, email: "ada" }, 422, "invalid_email"],
    ["a short password", { ...ada, password: "short" }, 422, "password_too_short"],
    ["a common password", { ...ada, password: "passwordpassword" }, 422, "password_common"],
    ["a long password", { ...ada, password: "x y".repeat(400) }, 422, "password_too_long"],
  ])("refuses %s", async (_, json, status, reason) => {
    const host = app()
    const answer = await host.browser().post("/auth/register", { json })
    expect([answer.status, (await answer.json()).reason]).toEqual([status, reason])
    expect(host.hasher.computed()).toBe(0)
    expect(await host.stores.users.list({ limit: 10 })).toEqual([])
  })

  test("what the body may not decide is ignored", async () => {
    const host = app()
    const json = { ...ada, id: "1", role: "admin", emailVerifiedAt: 1, disabledAt: 1, userId: "1" }
    await host.browser().post("/auth/register", { json })
    expect(await host.stores.users.findByEmail(ada.email)).toMatchObject({
      emailVerifiedAt: null,
      disabledAt: null,
    })
    expect((await host.stores.users.findByEmail(ada.email))?.id).not.toBe("1")
  })

  test("21 registrations from one address: the last is told to wait", async () => {
    const host = app()
    const browser = host.browser()
    for (let n = 0; n < 20; n++) {
      expect(
        (await browser.post("/auth/register", { json: { ...ada, email: `u${n}@example.com` } })).status,
      ).toBe(202)
    }
    const answer = await browser.post("/auth/register", { json: eve })
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0)
    expect((await host.browser("192.0.2.2").post("/auth/register", { json: eve })).status).toBe(202)
  })

  test("an account whose password cannot be stored is not left behind", async () => {
    const host = app()
    host.stores.credentials.insert = async () => {
      throw new Error("down")
    }
    const broken = app({ stores: host.stores })
    expect((await broken.browser().post("/auth/register", { json: ada })).status).toBe(503)
    expect(await host.stores.users.list({ limit: 10 })).toEqual([])
  })
})

describe("signing in", () => {
  test("opens a session in a cookie; the token stands nowhere else", async () => {
    const host = await appWithAda()
    const browser = host.browser()
    const answer = await browser.post("/auth/login", { json: ada })
    expect(answer.status).toBe(200)
    expect(answer.headers.get("cache-control")).toBe("no-store")
    const [cookie = ""] = answer.headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-session=[\w-]{22}\.[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    const text = await answer.text()
    const secret = browser.cookies.get("__Host-session")?.slice(23) ?? ""
    expect(text).not.toContain(secret)
    expect(JSON.parse(text)).toMatchObject({ user: { id: host.user.id, claims: { email: ada.email } } })
    expect(host.events.map((event) => event.type).slice(-2)).toEqual(["session.opened", "sign_in.succeeded"])
  })

  test("the address is found in any spelling of it", async () => {
    const host = await appWithAda()
    expect(
      (await host.browser().post("/auth/login", { json: { ...ada, email: " ADA@Example.Com " } })).status,
    ).toBe(200)
  })

  test("the password is one text however its accents are composed", async () => {
    const host = app()
    await host
      .browser()
      .post("/auth/register", { json: { ...ada, password: "crème brûlée à l'été".normalize("NFD") } })
    const composed = { ...ada, password: "crème brûlée à l'été".normalize("NFC") }
    expect((await host.browser().post("/auth/login", { json: composed })).status).toBe(200)
  })

  test("nothing of the password is cut off or trimmed", async () => {
    const host = app()
    const password = `${"long phrase ".repeat(8)}\0tail`
    await host.browser().post("/auth/register", { json: { ...ada, password } })
    for (const wrong of [
      password.slice(0, 72),
      password.slice(0, -1),
      `${password} `,
      ` ${password}`,
      password.split("\0")[0],
    ]) {
      expect((await host.browser().post("/auth/login", { json: { ...ada, password: wrong } })).status).toBe(
        401,
      )
    }
    host.clock.advance(3_600_000)
    expect((await host.browser().post("/auth/login", { json: { ...ada, password } })).status).toBe(200)
  })

  test("as a form: to the page that was asked for, or home; refused: back to the sign-in page", async () => {
    const host = await appWithAda()
    const to = async (form: Record<string, string>) =>
      (await host.browser().post("/auth/login", { form })).headers.get("location")
    expect(await to(ada)).toBe("/workspace")
    expect(await to({ ...ada, return_to: "/devices" })).toBe("/devices")
    expect(await to({ ...ada, return_to: "https://evil.example/" })).toBe("/workspace")
    expect(await to({ ...ada, return_to: "//evil.example" })).toBe("/workspace")
    expect(await to({ ...ada, password: "wrong" })).toBe("/sign-in?error=invalid_credentials")
    expect(await to({ ...ada, password: "wrong", return_to: "/devices" })).toBe(
      "/sign-in?error=invalid_credentials&return_to=%2Fdevices",
    )
  })

  test("an outdated hash is made anew at success, once, and only then", async () => {
    const host = await appWithAda()
    const newer = app({ stores: host.stores, clock: host.clock, hasher: testHasher({ version: 2 }) })
    await newer.browser().post("/auth/login", { json: { ...ada, password: "wrong" } })
    expect((await host.stores.credentials.find("password", host.user.id))?.secret).toMatch(/v=1/)
    await newer.browser().post("/auth/login", { json: ada })
    expect((await host.stores.credentials.find("password", host.user.id))?.secret).toMatch(/v=2/)
    const before = newer.hasher.computed()
    await newer.browser().post("/auth/login", { json: ada })
    expect(newer.hasher.computed() - before).toBe(1)
    expect(newer.events.filter((event) => event.type === "password.rehashed")).toHaveLength(1)
  })

  test("a foreign hash verifies and is replaced", async () => {
    const host = await appWithAda()
    const stored = await host.stores.credentials.find("password", host.user.id)
    if (!stored) throw new Error("no password")
    await host.stores.credentials.replace(
      { ...stored, secret: "legacy:correct", revision: stored.revision + 1 },
      stored.revision,
    )
    const legacy = {
      algorithm: "legacy",
      read: (text: string) =>
        text.startsWith("legacy:") ? { verify: async (typed: string) => typed === ada.password } : undefined,
    }
    const host2 = app({ stores: host.stores, password: { verifiers: [legacy] } })
    expect((await host2.browser().post("/auth/login", { json: { ...ada, password: "wrong" } })).status).toBe(
      401,
    )
    expect((await host2.browser().post("/auth/login", { json: ada })).status).toBe(200)
    expect((await host.stores.credentials.find("password", host.user.id))?.secret).toMatch(/^\$test\$/)
  })

  test.each(["", "!", "*", "null", "$test", "plain text", "x".repeat(10_000)])(
    "a stored hash %j lets nobody in",
    async (secret) => {
      const host = await appWithAda()
      const stored = await host.stores.credentials.find("password", host.user.id)
      if (!stored) throw new Error("no password")
      await host.stores.credentials.replace(
        { ...stored, secret, revision: stored.revision + 1 },
        stored.revision,
      )
      for (const typed of [ada.password, "", secret.slice(0, 900)]) {
        expect((await host.browser().post("/auth/login", { json: { ...ada, password: typed } })).status).toBe(
          401,
        )
      }
    },
  )

  test("the session whose cookie came along is over", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const before = browser.cookieHeader()
    await browser.post("/auth/login", { json: ada })
    expect(browser.cookieHeader()).not.toBe(before)
    const replay = host.browser()
    const answer = await replay.get("/auth/session", { headers: { cookie: before } })
    expect(await answer.json()).toEqual({ user: null, session: null })
    expect(await host.auth.sessions.list(host.user.id)).toHaveLength(1)
  })

  test("works without HTTP", async () => {
    const host = await appWithAda()
    const outcome = await host.auth.flows.password.signIn(ada, { address: "192.0.2.9" })
    expect(outcome.ok && outcome.user.id).toBe(host.user.id)
    const refused = await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
    expect(refused).toEqual({ ok: false, reason: "invalid_credentials" })
  })
})

describe("changing the password", () => {
  const next = "a quite different phrase"

  test("ends every other session and gives this one a new token", async () => {
    const host = await appWithAda()
    const [here, there] = [await signedIn(host), await signedIn(host)]
    const before = here.cookieHeader()
    const answer = await here.post("/auth/password/change", {
      json: { current_password: ada.password, new_password: next },
    })
    expect(answer.status).toBe(200)
    expect((await (await here.get("/auth/session")).json()).user).not.toBeNull()
    expect((await (await there.get("/auth/session")).json()).user).toBeNull()
    expect(
      (await (await host.browser().get("/auth/session", { headers: { cookie: before } })).json()).user,
    ).toBeNull()
    expect((await host.browser().post("/auth/login", { json: ada })).status).toBe(401)
    expect((await host.browser().post("/auth/login", { json: { ...ada, password: next } })).status).toBe(200)
  })

  test.each<[string, Record<string, string>, number, string]>([
    ["a wrong current password", { current_password: "wrong", new_password: next }, 403, "wrong_password"],
    [
      "the same password",
      { current_password: ada.password, new_password: ada.password },
      422,
      "password_unchanged",
    ],
    ["a weak one", { current_password: ada.password, new_password: "short" }, 422, "password_too_short"],
  ])("refuses %s, and nothing changes", async (_, json, status, reason) => {
    const host = await appWithAda()
    const [here, there] = [await signedIn(host), await signedIn(host)]
    const answer = await here.post("/auth/password/change", { json })
    expect([answer.status, (await answer.json()).reason]).toEqual([status, reason])
    for (const browser of [here, there])
      expect((await (await browser.get("/auth/session")).json()).user).not.toBeNull()
    expect((await host.browser().post("/auth/login", { json: ada })).status).toBe(200)
  })

  test("a stolen session is no place to guess the current password", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const guess = () =>
      browser.post("/auth/password/change", { json: { current_password: "guess", new_password: next } })
    const statuses: number[] = []
    for (let n = 0; n < 7; n++) statuses.push((await guess()).status)
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429, 429])
    expect((await host.browser().post("/auth/login", { json: ada })).status).toBe(200)
  })

  test("needs a session", async () => {
    const host = await appWithAda()
    const json = { current_password: ada.password, new_password: next }
    expect((await host.browser().post("/auth/password/change", { json })).status).toBe(401)
    const form = await host.browser().post("/auth/password/change", { form: json })
    expect(form.headers.get("location")).toBe("/sign-in?error=not_signed_in")
  })

  test("of 16 parallel changes one wins, and its password is the one that counts", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const token = browser.cookies.get("__Host-session")
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        host.auth.flows.password.change({ current: ada.password, next: `${next} number ${n}` }, { token }),
      ),
    )
    const winners = outcomes.flatMap((outcome, n) => (outcome.ok ? [n] : []))
    expect(winners).toHaveLength(1)
    const signIn = await host.auth.flows.password.signIn({ ...ada, password: `${next} number ${winners[0]}` })
    expect(signIn.ok).toBe(true)
  })

  test("set: by an administrator, ends everything", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    expect(await host.auth.flows.password.set(host.user.id, next)).toEqual({ ok: true })
    expect((await (await browser.get("/auth/session")).json()).user).toBeNull()
    expect((await host.browser().post("/auth/login", { json: { ...ada, password: next } })).status).toBe(200)
    expect(await host.auth.flows.password.set("nobody", next)).toEqual({ ok: false, reason: "not_found" })
  })
})
