/** Passkeys and security keys as a second factor, asked for by `mfa()`. */
import { describe, expect, test } from "vitest"
import type { AuthEvent } from "../../src/events.js"
import { createAuth, opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { mfa, recoveryCodes } from "../../src/mfa.js"
import { type PasskeyFactorOptions, passkeyFactor, passkeys, type RequestOptions } from "../../src/passkey.js"
import { password } from "../../src/password.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { race } from "../../src/testing/race.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, eve, origin, secret } from "../app.js"
import type { Lie, SoftwareAuthenticator } from "./authenticator.js"
import { authenticator, outcomeOf, registered, signedInBy, whoIs } from "./passkey-app.js"

/** A host whose users may have passkeys beside their password. */
function host(factor: PasskeyFactorOptions = {}, required: () => boolean = () => false) {
  const clock = adjustableClock(Date.UTC(2026, 10, 22))
  const events: AuthEvent[] = []
  const stores = memoryStores({ clock })
  const auth = createAuth({
    origin,
    secret,
    stores,
    sessions: opaque(),
    flows: {
      passkey: passkeys({ rpName: "Example", userVerification: "preferred", securityKeys: true }),
      password: password({ hasher: testHasher() }),
      mfa: mfa({ factors: [passkeyFactor(factor), recoveryCodes()], required, async send() {} }),
    },
    clock,
    on: (event) => void events.push(event),
  })
  return { auth, clock, events, stores, browser: (): TestClient => testClient(auth, { origin }) }
}

type Host = ReturnType<typeof host>

/** Registers a key for whoever has just registered, and signs out. */
async function withKey(
  app: Host,
  { key = authenticator({ verifies: false }), use = "second_factor", who = ada } = {},
): Promise<{ key: SoftwareAuthenticator; userId: string }> {
  await app.auth.flows.password.register(who)
  const browser = app.browser()
  await browser.post("/auth/login", { json: who })
  const userId = (await whoIs(browser))?.id ?? ""
  expect(await registered(browser, key, { use })).toBe("ok")
  await browser.post("/auth/logout", { json: {} })
  return { key, userId }
}

/** The first factor: the password. */
async function passwordGiven(app: Host, browser = app.browser(), who = ada): Promise<TestClient> {
  const answer = await browser.post("/auth/login", { json: who })
  const json = await answer.json()
  expect([answer.status, json.reason, json.factors]).toEqual([401, "mfa_required", ["passkey"]])
  expect(await whoIs(browser)).toBeUndefined()
  return browser
}

async function asked(browser: TestClient): Promise<RequestOptions> {
  const { json, outcome } = await outcomeOf(
    await browser.post("/auth/mfa/begin", { json: { factor: "passkey" } }),
  )
  expect(outcome).toBe("ok")
  return json["options"] as RequestOptions
}

async function proven(browser: TestClient, response: unknown): Promise<string> {
  return (await outcomeOf(await browser.post("/auth/mfa/verify", { json: { factor: "passkey", response } })))
    .outcome
}

describe("after a password", () => {
  test.each([
    ["a security key without a PIN", "second_factor", false, ["pwd", "hwk", "user", "mfa"]],
    ["a passkey", "sign_in", true, ["pwd", "hwk", "user", "mfa"]],
  ])("%s opens the session, and nothing before it does", async (_, use, verifies, methods) => {
    const app = host()
    const { key, userId } = await withKey(app, { key: authenticator({ verifies }), use })
    const browser = await passwordGiven(app)
    const options = await asked(browser)
    expect(options).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rpId: "app.example.com",
      timeout: 300_000,
      allowCredentials: [{ type: "public-key", id: key.keys[0]?.id, transports: ["internal"] }],
      userVerification: "preferred",
    })
    expect(await proven(browser, key.get(options))).toBe("ok")
    expect(await whoIs(browser)).toEqual({ id: userId, methods })
    expect(app.events.map(({ type }) => type)).toContain("factor.passed")
  })

  test("an authenticator that knows no account needs no user handle", async () => {
    const app = host()
    const { key } = await withKey(app)
    const browser = await passwordGiven(app)
    expect(await proven(browser, key.get(await asked(browser), { userHandle: null }))).toBe("ok")
  })

  const lies: Readonly<Record<string, Lie>> = {
    "another origin": { origin: "https://evil.example" },
    "another relying party": { rpId: "evil.example" },
    "nobody was there": { present: false },
    "a frame of another site's": { crossOrigin: true },
    "another user handle": { userHandle: "A".repeat(43) },
    "the wrong ceremony": { type: "webauthn.create" },
    "a counter that stands still": { counter: 0 },
    "another key's id": { id: "A".repeat(43) },
  }

  test.each(Object.entries(lies))("refused: %s", async (name, lie) => {
    const app = host()
    const key = authenticator({ verifies: false })
    await withKey(app, { key })
    const first = await passwordGiven(app)
    expect(await proven(first, key.get(await asked(first)))).toBe("ok")
    const browser = await passwordGiven(app)
    const outcome = await proven(browser, key.get(await asked(browser), lie))
    expect(outcome).toBe(name.includes("id") ? "factor_unavailable" : "passkey_invalid")
    expect(await whoIs(browser)).toBeUndefined()
    // Another go, on the same attempt.
    expect(await proven(browser, key.get(await asked(browser)))).toBe("ok")
    const cause = name.includes("counter")
      ? "passkey_copied"
      : name.includes("id")
        ? "not_enrolled"
        : "passkey_invalid"
    expect(app.events.filter(({ type }) => type === "factor.refused")).toMatchObject([
      { factor: "passkey", cause },
    ])
  })

  test("required: a key that does not make sure of its user is refused", async () => {
    const app = host({ userVerification: "required" })
    const { key } = await withKey(app)
    const browser = await passwordGiven(app)
    expect(await proven(browser, key.get(await asked(browser)))).toBe("passkey_invalid")
    expect(await proven(browser, key.get(await asked(browser), { verified: true }))).toBe("ok")
  })

  test("an answer to another attempt, another user's key, an answer to a sign-in: none is taken", async () => {
    const app = host()
    const { key } = await withKey(app, { key: authenticator(), use: "sign_in" })
    const { key: his } = await withKey(app, { who: eve })
    const [one, other] = [await passwordGiven(app), await passwordGiven(app)]
    expect(await proven(other, key.get(await asked(one)))).toBe("passkey_invalid")
    const evil = await passwordGiven(app, app.browser(), eve)
    await asked(evil)
    expect(await proven(other, his.get({ ...(await asked(other)), allowCredentials: [] }))).toBe(
      "factor_unavailable",
    )
    const { json } = await outcomeOf(await other.post("/auth/passkey/sign-in/options", { json: {} }))
    expect(await proven(other, key.get(json["options"] as RequestOptions))).toBe("passkey_invalid")
    const used = key.get(await asked(other))
    expect(await proven(other, used)).toBe("ok")
    expect(await proven(one, used)).toBe("passkey_invalid")
  })

  test("the answer to a second factor signs nobody in by itself", async () => {
    const app = host()
    const { key } = await withKey(app, { key: authenticator(), use: "sign_in" })
    const browser = await passwordGiven(app)
    await browser.post("/auth/passkey/sign-in/options", { json: {} })
    const answer = await browser.post("/auth/passkey/sign-in", {
      json: { response: key.get(await asked(browser)) },
    })
    expect((await outcomeOf(answer)).outcome).toBe("passkey_invalid")
  })

  test("5 minutes later it is too late, and the attempt goes on with new options", async () => {
    const app = host()
    const { key } = await withKey(app)
    const browser = await passwordGiven(app)
    const options = await asked(browser)
    app.clock.advance(300_000)
    expect(await proven(browser, key.get(options))).toBe("passkey_invalid")
    expect(await proven(browser, key.get(await asked(browser)))).toBe("ok")
  })

  test("16 uses of one answer at once: one session", async () => {
    const app = host()
    const { key, userId } = await withKey(app)
    const browser = await passwordGiven(app)
    const response = key.get(await asked(browser))
    const cookies = browser.cookieHeader()
    const outcomes = await race(16, [
      async () => {
        const answer = await app
          .browser()
          .post("/auth/mfa/verify", { json: { factor: "passkey", response }, headers: { cookie: cookies } })
        return (await outcomeOf(answer)).outcome
      },
    ])
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(1)
    expect(await app.auth.sessions.list(userId)).toHaveLength(1)
  })
})

describe("after a passkey", () => {
  test("whose user was verified nothing more is asked", async () => {
    const app = host()
    const { key } = await withKey(app, { key: authenticator(), use: "sign_in" })
    expect(await signedInBy(app.browser(), key)).toBe("ok")
  })

  test("whose user was not, another passkey is no second factor", async () => {
    const app = host()
    const { key } = await withKey(app, { key: authenticator({ verifies: false }), use: "sign_in" })
    const browser = app.browser()
    const { json } = await outcomeOf(await browser.post("/auth/passkey/sign-in/options", { json: {} }))
    const answer = await browser.post("/auth/passkey/sign-in", {
      json: { response: key.get(json["options"] as RequestOptions) },
    })
    const refused = await answer.json()
    expect([answer.status, refused.reason]).toEqual([401, "mfa_required"])
    expect(refused.factors).not.toContain("passkey")
    expect(await whoIs(browser)).toBeUndefined()
    expect(app.events.filter(({ type }) => type === "sign_in.refused")).toMatchObject([
      { flow: "passkey", cause: "mfa_required" },
    ])
  })
})

describe("who has one", () => {
  test("keeps the last one where the realm requires it; elsewhere the recovery codes go with it", async () => {
    let isRequired = false
    const app = host({}, () => isRequired)
    await app.auth.flows.password.register(ada)
    const mine = app.browser()
    await mine.post("/auth/login", { json: ada })
    const userId = (await whoIs(mine))?.id ?? ""
    const keys = [authenticator(), authenticator()]
    for (const key of keys) expect(await registered(mine, key)).toBe("ok")
    expect((await mine.post("/auth/mfa/recovery-codes", { json: {} })).status).toBe(200)
    const kindsHeld = async (): Promise<readonly string[]> =>
      (await app.stores.credentials.listByUser(userId)).map(({ kind }) => kind).sort()
    const remove = async ({ keys: [key] }: SoftwareAuthenticator): Promise<string> =>
      (await outcomeOf(await mine.post("/auth/passkeys/remove", { json: { passkey: key?.id } }))).outcome
    const [one, other] = keys as [SoftwareAuthenticator, SoftwareAuthenticator]

    isRequired = true
    expect(await remove(one)).toBe("ok")
    const codes = (await kindsHeld()).filter((kind) => kind !== "passkey" && kind !== "password")
    expect(codes.length).toBeGreaterThan(0)
    expect(await remove(other)).toBe("last_way_in")
    expect(await kindsHeld()).toEqual([...codes, "passkey", "password"].sort())

    isRequired = false
    expect(await remove(other)).toBe("ok")
    expect(await kindsHeld()).toEqual(["password"])
    expect((await app.browser().post("/auth/login", { json: ada })).status).toBe(200)
  })

  test("needs it to add another, to remove it, and not to rename it", async () => {
    const app = host()
    await app.auth.flows.password.register(ada)
    const mine = app.browser()
    await mine.post("/auth/login", { json: ada })
    const key = authenticator({ verifies: false })
    expect(await registered(mine, key, { use: "second_factor" })).toBe("ok")
    const passkey = key.keys[0]?.id
    // The session that made it has shown it. This one began when there was none.
    const kept = await app.stores.credentials.find("passkey", passkey ?? "")
    if (!kept) throw new Error("not kept")
    await app.stores.credentials.delete("passkey", kept.handle)
    await mine.post("/auth/logout", { json: {} })
    await mine.post("/auth/login", { json: ada })
    await app.stores.credentials.insert(kept)
    const outcome = async (path: string, json: object): Promise<string> =>
      (await outcomeOf(await mine.post(path, { json }))).outcome
    expect(await outcome("/auth/passkey/register/options", {})).toBe("insufficient_user_authentication")
    expect(await outcome("/auth/passkey/register", { response: {} })).toBe("insufficient_user_authentication")
    expect(await outcome("/auth/passkeys/remove", { passkey })).toBe("insufficient_user_authentication")
    expect(await outcome("/auth/passkeys/rename", { passkey, name: "Key" })).toBe("ok")
    expect(await outcome("/auth/mfa/step-up", {})).toBe("ok")
    expect(await proven(mine, key.get(await asked(mine)))).toBe("ok")
    expect(await outcome("/auth/passkeys/remove", { passkey })).toBe("ok")
    const again = await app.browser().post("/auth/login", { json: ada })
    expect(again.status).toBe(200)
  })
})
