/** Registers, signs in, renames and removes, through the handler. */
import { describe, expect, test } from "vitest"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, eve } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import {
  account,
  authenticator,
  causesIn,
  creationOptions,
  outcomeOf,
  type PasskeyHost,
  passkeyApp,
  passkeyAppWithAda,
  registered,
  registerWith,
  requestOptions,
  signedInBy,
  signedInByPassword,
  signInWith,
  whoIs,
} from "./passkey-app.js"

describe.each(["ES256", "EdDSA", "RS256"] as const)("%s", (algorithm) => {
  test.each([
    ["one device", false, ["hwk", "user", "mfa"]],
    ["synced", true, ["swk", "user", "mfa"]],
  ] as const)("of %s: registers, then signs in without a name", async (_, synced, methods) => {
    const host = await passkeyAppWithAda()
    const key = authenticator({ algorithm, synced })
    expect(await registered(host.mine, key, { name: "My laptop" })).toBe("ok")
    const elsewhere = host.browser()
    for (let round = 0; round < 3; round++) {
      expect(await signedInBy(elsewhere, key)).toBe("ok")
      expect(await whoIs(elsewhere)).toEqual({ id: host.user.id, methods })
    }
    expect(host.events.map(({ type }) => type)).toContain("factor.enrolled")
    expect(host.events.filter(({ type }) => type === "sign_in.succeeded").at(-1)).toMatchObject({
      flow: "passkey",
      userId: host.user.id,
    })
    const { passkeys } = await (await elsewhere.get("/auth/passkeys")).json()
    expect(passkeys).toEqual([
      {
        id: key.keys[0]?.id,
        name: "My laptop",
        use: "sign_in",
        transports: ["internal"],
        backedUp: synced,
        aaguid: "00000000-0000-0000-0000-000000000000",
        createdAt: host.clock(),
        lastUsedAt: host.clock(),
      },
    ])
    expect(host.faults).toEqual([])
  })
})

describe("options", () => {
  test("of a registration ask for a discoverable credential whose user is verified, and say nothing of the user's id", async () => {
    const host = await passkeyAppWithAda()
    const options = await creationOptions(host.mine)
    expect(options).toEqual({
      rp: { id: "app.example.com", name: "Example" },
      user: { id: expect.stringMatching(/^[\w-]{43}$/), name: ada.email, displayName: ada.email },
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      timeout: 300_000,
      excludeCredentials: [],
      authenticatorSelection: {
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
      attestation: "none",
      extensions: { credProps: true },
    })
    expect(JSON.stringify(options)).not.toContain(host.user.id)
  })

  test("of a sign-in name nobody, and are the same for all but their challenge", async () => {
    const host = await passkeyAppWithAda()
    await registered(host.mine)
    const visitor = host.browser()
    const [one, other] = [await requestOptions(visitor), await requestOptions(visitor)]
    expect(one).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rpId: "app.example.com",
      timeout: 300_000,
      allowCredentials: [],
      userVerification: "required",
    })
    expect({ ...other, challenge: "" }).toEqual({ ...one, challenge: "" })
    expect(other.challenge).not.toBe(one.challenge)
    expect(await requestOptions(host.mine)).toEqual({ ...one, challenge: expect.any(String) })
  })

  test("set a cookie that only this host gets, and nothing but asking holds it", async () => {
    const host = passkeyApp()
    const answer = await host.browser().post("/auth/passkey/sign-in/options", { json: {} })
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-passkey=[\w-]{22}; Max-Age=300; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ])
  })

  test("exclude what the user has, and keep the user's handle, also when another secret is in front", async () => {
    const first = "first secret of the ring, 9Zr2LxkV0c5T"
    const host = await passkeyAppWithAda({ secret: first })
    const key = authenticator()
    const { user } = await creationOptions(host.mine)
    await registered(host.mine, key)
    const rotated = passkeyApp({
      stores: host.stores,
      clock: host.clock,
      secret: ["second secret, in front, 4mHs9GfPaE3u", first],
    })
    const mine = await signedInByPassword(rotated)
    const options = await creationOptions(mine)
    expect(options.user.id).toBe(user.id)
    expect(options.excludeCredentials).toEqual([
      { type: "public-key", id: key.keys[0]?.id, transports: ["internal"] },
    ])
    expect(() => key.create(options)).toThrow("InvalidStateError")
    expect(await signedInBy(rotated.browser(), key)).toBe("ok")
  })

  test("an rpId above the origin, more origins, another name for people", async () => {
    const host = await passkeyAppWithAda({
      passkeys: {
        rpId: "example.com",
        origins: [
          "https://app.example.com",
          "https://shop.example.com",
          `android:apk-key-hash:${"x".repeat(43)}`,
        ],
        userName: ({ email }) => `The one at ${email}`,
      },
    })
    expect(await creationOptions(host.mine)).toMatchObject({
      rp: { id: "example.com" },
      user: { name: `The one at ${ada.email}` },
    })
    for (const origin of ["https://shop.example.com", `android:apk-key-hash:${"x".repeat(43)}`]) {
      const key = authenticator({ origin })
      expect(await registered(host.mine, key)).toBe("ok")
      expect(await signedInBy(host.browser(), key)).toBe("ok")
    }
    expect(await registered(host.mine, authenticator({ origin: "https://evil.example.com" }))).toBe(
      "passkey_invalid",
    )
  })
})

describe("who may add and remove", () => {
  const routes = [
    ["/auth/passkey/register/options", {}],
    ["/auth/passkey/register", { response: {} }],
    ["/auth/passkeys/remove", { passkey: "x" }],
  ] as const

  test.each(routes)("%s: nobody who is not signed in, or was ten minutes ago", async (path, json) => {
    const host = await passkeyAppWithAda()
    const ask = async (browser = host.mine): Promise<string> =>
      (await outcomeOf(await browser.post(path, { json }))).outcome
    expect(await ask(host.browser())).toBe("not_signed_in")
    host.clock.advance(600_000)
    expect(await ask()).not.toBe("reauthentication_required")
    host.clock.advance(1)
    expect(await ask()).toBe("reauthentication_required")
  })

  test("a list and a new name take a session, however old", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key, { name: "One" })
    const rename = async (browser = host.mine, passkey = key.keys[0]?.id): Promise<string> =>
      (await outcomeOf(await browser.post("/auth/passkeys/rename", { json: { passkey, name: "Two" } })))
        .outcome
    expect(await rename(host.browser())).toBe("not_signed_in")
    expect((await host.browser().get("/auth/passkeys")).status).toBe(401)
    host.clock.advance(3_600_000)
    expect(await rename()).toBe("ok")
    expect(await rename(host.mine, "x")).toBe("not_found")
    const { passkeys } = await (await host.mine.get("/auth/passkeys")).json()
    expect(passkeys).toMatchObject([{ name: "Two" }])
  })

  test("another user's passkey is not found, whatever is wanted of it", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const { mine: hers } = await account(host, eve)
    const passkey = key.keys[0]?.id
    for (const [path, json] of [
      ["rename", { passkey, name: "Mine now" }],
      ["remove", { passkey }],
    ] as const)
      expect((await outcomeOf(await hers.post(`/auth/passkeys/${path}`, { json }))).outcome).toBe("not_found")
    expect(await (await hers.get("/auth/passkeys")).json()).toEqual({ passkeys: [] })
    expect(await signedInBy(host.browser(), key)).toBe("ok")
  })
})

describe("names", () => {
  test.each([
    [undefined, "Passkey"],
    ["", "Passkey"],
    ["   \n\t ", "Passkey"],
    ["  Ada's   phone ", "Ada's phone"],
    ["a\u0000b\u202Ec\u2028d", "a b c d"],
    ["\ud800", "Passkey"],
    ["e\u0301", "\u00e9"],
    ["x".repeat(5_000), "x".repeat(64)],
    ["\u{1F511}".repeat(100), "\u{1F511}".repeat(64)],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
  ])("%j is kept as %j", async (given, kept) => {
    const host = await passkeyAppWithAda()
    await registered(host.mine, authenticator(), given === undefined ? {} : { name: given })
    const { passkeys } = await (await host.mine.get("/auth/passkeys")).json()
    expect(passkeys).toMatchObject([{ name: kept }])
    await host.mine.post("/auth/passkeys/rename", { json: { passkey: passkeys[0].id, name: given ?? "" } })
    const again = await (await host.mine.get("/auth/passkeys")).json()
    expect(again.passkeys).toMatchObject([{ name: kept }])
  })
})

test("twenty passkeys and no more", async () => {
  const host = await passkeyAppWithAda()
  // One that has begun before the twentieth was there.
  const early = authenticator()
  const begun = early.create(await creationOptions(host.mine))
  for (let count = 0; count < 20; count++) expect(await registered(host.mine)).toBe("ok")
  expect(await registerWith(host.mine, begun)).toBe("too_many_passkeys")
  const answer = await host.mine.post("/auth/passkey/register/options", { json: {} })
  expect([answer.status, (await answer.json()).reason]).toEqual([409, "too_many_passkeys"])
  const { passkeys } = await (await host.mine.get("/auth/passkeys")).json()
  expect(passkeys).toHaveLength(20)
})

describe("what ends and who hears", () => {
  test("a new passkey, and one that goes, end all other sessions and every sign-in under way, and the user is told", async () => {
    const host = await passkeyAppWithAda()
    const { sessions } = host.auth
    const other = await signedInByPassword(host)
    const begun = await sessions.begin(host.user.id)
    const key = authenticator()
    const before = copyOf(host, host.mine)
    expect(await registered(host.mine, key)).toBe("ok")
    expect(await whoIs(other)).toBeUndefined()
    expect(await whoIs(host.mine)).toMatchObject({ id: host.user.id, methods: ["pwd", "hwk", "user", "mfa"] })
    expect(await whoIs(before)).toBeUndefined()
    expect(await sessions.open(begun, host.user, ["pwd"], {})).toMatchObject({ reason: "conflict" })
    expect(host.events.filter(({ type }) => type === "session.ended")).toMatchObject([
      { cause: "factor_changed" },
    ])
    await settled()
    expect(host.mails).toEqual([
      { kind: "notice", notice: "factor_added", at: host.clock(), to: ada.email, locale: "en" },
    ])

    const byPasskey = host.browser()
    expect(await signedInBy(byPasskey, key)).toBe("ok")
    const remove = { json: { passkey: key.keys[0]?.id } }
    const still = copyOf(host, host.mine)
    expect((await host.mine.post("/auth/passkeys/remove", remove)).status).toBe(200)
    expect(await whoIs(byPasskey)).toBeUndefined()
    expect(await whoIs(host.mine)).toMatchObject({ id: host.user.id })
    expect(await whoIs(still)).toBeUndefined()
    expect(host.events.filter(({ type }) => type === "session.ended")).toMatchObject([
      { cause: "factor_changed" },
      { cause: "factor_changed" },
    ])
    expect(host.events.slice(-3)).toMatchObject([
      { type: "factor.removed", factor: "passkey" },
      { type: "session.rotated" },
      // Whoever has copied the cookie, just now.
      { type: "session.token_mismatch" },
    ])
    await settled()
    expect(host.mails.map((mail) => mail.kind === "notice" && mail.notice)).toEqual([
      "factor_added",
      "factor_removed",
    ])
    expect(await signedInBy(host.browser(), key)).toBe("passkey_invalid")
    expect((await host.mine.post("/auth/passkeys/remove", remove)).status).toBe(404)
  })

  test("a host without a sender mails nobody, and one whose sender fails hears of it", async () => {
    const silent = passkeyApp()
    const failing = await passkeyAppWithAda({
      passkeys: { send: () => Promise.reject(new Error("no mail today")) },
    })
    expect(await registered(failing.mine)).toBe("ok")
    await settled()
    expect(failing.faults).toEqual([new Error("no mail today")])
    expect(silent.mails).toEqual([])
  })

  test("the last way in stays; the last but one goes", async () => {
    const host = await passkeyAppWithAda()
    const [one, other] = [authenticator(), authenticator()]
    await registered(host.mine, one)
    await registered(host.mine, other)
    await host.stores.credentials.delete("password", host.user.id)
    const remove = async (key = one): Promise<string> =>
      (await outcomeOf(await host.mine.post("/auth/passkeys/remove", { json: { passkey: key.keys[0]?.id } })))
        .outcome
    expect(await remove(other)).toBe("ok")
    expect(await remove(one)).toBe("last_way_in")
    expect(await signedInBy(host.browser(), one)).toBe("ok")
  })

  test("a form is led back to the page with the user's passkeys", async () => {
    const host = await passkeyAppWithAda({ passkeys: { pages: { passkeys: "/settings/passkeys" } } })
    const key = authenticator()
    const response = JSON.stringify(key.create(await creationOptions(host.mine)))
    const added = await host.mine.post("/auth/passkey/register", { form: { response, name: "Form" } })
    expect([added.status, added.headers.get("location")]).toEqual([
      303,
      "/settings/passkeys?notice=passkey_added",
    ])
    const again = await host.mine.post("/auth/passkey/register", { form: { response } })
    expect(again.headers.get("location")).toBe("/settings/passkeys?error=passkey_invalid")
    const visitor = host.browser()
    const asserted = JSON.stringify(key.get(await requestOptions(visitor)))
    const entered = await visitor.post("/auth/passkey/sign-in", {
      form: { response: asserted, return_to: "/x" },
    })
    expect([entered.status, entered.headers.get("location")]).toEqual([303, "/x"])
    expect(await whoIs(visitor)).toMatchObject({ id: host.user.id })
    const wrong = await visitor.post("/auth/passkey/sign-in", { form: { response: "{" } })
    expect(wrong.headers.get("location")).toBe("/sign-in?error=passkey_invalid")
  })
})

describe("keys that are a second factor alone", () => {
  test("are registered where the host has them, without a PIN, and sign nobody in", async () => {
    const host = await passkeyAppWithAda({ passkeys: { securityKeys: true } })
    const options = await creationOptions(host.mine, { use: "second_factor" })
    expect(options.authenticatorSelection).toEqual({
      authenticatorAttachment: "cross-platform",
      residentKey: "discouraged",
      requireResidentKey: false,
      userVerification: "discouraged",
    })
    const key = authenticator({ verifies: false })
    expect(await registerWith(host.mine, key.create(options))).toBe("ok")
    expect(await signedInBy(host.browser(), key)).toBe("passkey_invalid")
    expect(await signedInBy(host.browser(), key, { verified: true })).toBe("passkey_invalid")
    // It was no way in, so it may go though it is the only thing left.
    await host.stores.credentials.delete("password", host.user.id)
    const removed = await host.mine.post("/auth/passkeys/remove", { json: { passkey: key.keys[0]?.id } })
    expect(removed.status).toBe(200)
  })

  test("are refused elsewhere, as is any other use", async () => {
    const host = await passkeyAppWithAda()
    for (const use of ["second_factor", "sudo", 1, null])
      expect(
        (await outcomeOf(await host.mine.post("/auth/passkey/register/options", { json: { use } }))).outcome,
      ).toBe("invalid_request")
  })
})

describe("user verification", () => {
  test("preferred: a key that does not make sure of its user signs in, with one factor", async () => {
    const host = await passkeyAppWithAda({ passkeys: { userVerification: "preferred" } })
    const key = authenticator({ verifies: false })
    expect(await registered(host.mine, key)).toBe("ok")
    const browser = host.browser()
    expect(await signedInBy(browser, key)).toBe("ok")
    expect(await whoIs(browser)).toMatchObject({ methods: ["hwk", "user"] })
  })

  test("a passkey that cannot do what is asked now is no way in", async () => {
    const lax = await passkeyAppWithAda({ passkeys: { userVerification: "preferred" } })
    const key = authenticator({ verifies: false })
    await registered(lax.mine, key)
    const strict = passkeyApp({ stores: lax.stores, clock: lax.clock })
    const mine = await signedInByPassword(strict)
    const good = authenticator()
    await registered(mine, good)
    await lax.stores.credentials.delete("password", lax.user.id)
    const removed = await mine.post("/auth/passkeys/remove", { json: { passkey: good.keys[0]?.id } })
    expect((await outcomeOf(removed)).outcome).toBe("last_way_in")
    expect(await signedInBy(strict.browser(), key)).toBe("passkey_invalid")
    // It has a PIN by now, and counts from its first use with it on; where it signed in without, it did so in another host.
    expect(await signedInBy(strict.browser(), key, { verified: true })).toBe("ok")
    const again = await mine.post("/auth/passkeys/remove", { json: { passkey: good.keys[0]?.id } })
    expect((await outcomeOf(again)).outcome).toBe("ok")
  })
})

describe("a disabled user, and one who is gone", () => {
  test("is told so only after the passkey was right", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    await host.auth.users.disable(host.user.id)
    expect(await signedInBy(host.browser(), key)).toBe("forbidden")
    expect(await signedInBy(host.browser(), key, { origin: "https://evil.example" })).toBe("passkey_invalid")
    await host.auth.users.enable(host.user.id)
    expect(await signedInBy(host.browser(), key)).toBe("ok")
    await host.stores.users.delete(host.user.id)
    expect(await signedInBy(host.browser(), key)).toBe("passkey_invalid")
    expect(causesIn(host)).toEqual([
      "sign_in.refused disabled",
      "sign_in.refused passkey_invalid",
      "sign_in.refused unknown_passkey",
    ])
  })
})

describe("sign-in", () => {
  test("ends the session that was there before it, and forgets the browser's challenge cookie", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const before = host.mine.cookieHeader()
    expect(await signedInBy(host.mine, key)).toBe("ok")
    expect(host.mine.cookies.get("__Host-passkey")).toBeUndefined()
    const replay = await host.browser().get("/auth/session", { headers: { cookie: before } })
    expect((await replay.json()).user).toBeNull()
  })

  test("two tabs of one browser each have their challenge", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const browser = host.browser()
    const [one, other] = [await requestOptions(browser), await requestOptions(browser)]
    expect(await signInWith(browser, key.get(one))).toBe("ok")
    // The cookie went with the first; the page asks again.
    expect(await signInWith(browser, key.get(other))).toBe("passkey_invalid")
    expect(await signedInBy(browser, key)).toBe("ok")
  })
})

/** A browser with the same cookies: whoever has copied them. */
function copyOf(host: Pick<PasskeyHost, "browser">, browser: TestClient): TestClient {
  const copy = host.browser()
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
  return copy
}
