/** What anybody can send. All of it is `passkey_invalid`, nobody is signed in, nothing is kept, and nothing breaks. */
import { describe, expect, test } from "vitest"
import { decodeBase64url, encodeBase64url } from "../../src/crypto/base64url.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { eve } from "../app.js"
import type { AnswerJson, Lie, SoftwareAuthenticator } from "./authenticator.js"
import { cbor } from "./cbor.js"
import {
  account,
  authenticator,
  causesIn,
  creationOptions,
  type PasskeyHost,
  passkeyApp,
  passkeyAppWithAda,
  registered,
  registerWith,
  requestOptions,
  signedInBy,
  signInWith,
  whoIs,
} from "./passkey-app.js"

/** A deep list: what is read by recursion must survive it. */
const deepJson = `${"[".repeat(7_000)}${"]".repeat(7_000)}`
const deepCbor = encodeBase64url(new Uint8Array(9_000).fill(0x81))

/** What lies in an answer, whichever ceremony it is of. */
const lies: Readonly<Record<string, Lie>> = {
  "another origin": { origin: "https://evil.example" },
  "the origin with a port": { origin: "https://app.example.com:8443" },
  "the origin by http": { origin: "http://app.example.com" },
  "a look-alike origin": { origin: "https://app.example.com.evil.example" },
  "a page in a frame of another site's": { crossOrigin: true },
  "a top origin": { topOrigin: "https://evil.example" },
  "another relying party": { rpId: "evil.example" },
  "the domain above": { rpId: "example.com" },
  "nobody was there": { present: false },
  "its user not verified": { verified: false },
  "a challenge that nobody has asked": { challenge: encodeBase64url(new Uint8Array(32)) },
  "no challenge": { challenge: "" },
  "the wrong ceremony": { type: "webauthn.other" },
  "a token binding that is none": { extra: { tokenBinding: { status: "maybe" } } },
}

/** What is no answer, made of a good one. */
const forms: Readonly<Record<string, (good: AnswerJson) => unknown>> = {
  nothing: () => null,
  "a number": () => 1,
  "a list": () => [],
  "an object": () => ({}),
  "text that is no JSON": () => "{",
  "a deep list": () => deepJson,
  "a prototype": (good) => JSON.stringify(good).replace('"id"', '"__proto__"'),
  "no id": ({ id: _, ...good }) => good,
  "an empty id": (good) => ({ ...good, id: "", rawId: "" }),
  "two ids": (good) => ({ ...good, rawId: `${good.rawId}AA` }),
  "an id that is a list": (good) => ({ ...good, id: [good.id], rawId: [good.id] }),
  "an id with padding": (good) => ({ ...good, id: `${good.id}=`, rawId: `${good.id}=` }),
  "an id spelt otherwise": (good) => {
    const id = `${good.id.slice(0, -1)}${String.fromCharCode((good.id.at(-1)?.charCodeAt(0) ?? 0) + 1)}`
    return { ...good, id, rawId: id }
  },
  "an id that is too long": (good) => ({ ...good, id: "A".repeat(1_368), rawId: "A".repeat(1_368) }),
  "no type": ({ type: _, ...good }) => good,
  "another type": (good) => ({ ...good, type: "password" }),
  "no response": ({ response: _, ...good }) => good,
  "a response that is text": (good) => ({ ...good, response: JSON.stringify(good.response) }),
  "a response that is a list": (good) => ({ ...good, response: Object.values(good.response) }),
  "client data that is an object": (good) => withPart(good, "clientDataJSON", { type: "webauthn.get" }),
  "client data that is no base64url": (good) => withPart(good, "clientDataJSON", "{}"),
  "client data that is no JSON": (good) => withPart(good, "clientDataJSON", encoded("{")),
  "client data that is null": (good) => withPart(good, "clientDataJSON", encoded("null")),
  "client data that is deep": (good) =>
    withPart(good, "clientDataJSON", encoded(deepJson.slice(3_000, 11_000))),
  "client data that is no UTF-8": (good) =>
    withPart(good, "clientDataJSON", encodeBase64url(new Uint8Array([0xff, 0xfe, 0x7b, 0x7d]))),
  "a challenge that is a number": (good) =>
    withPart(good, "clientDataJSON", encoded(JSON.stringify({ ...clientDataOf(good), challenge: 1 }))),
  "an origin that is a list": (good) =>
    withPart(
      good,
      "clientDataJSON",
      encoded(JSON.stringify({ ...clientDataOf(good), origin: ["https://app.example.com"] })),
    ),
  "crossOrigin that is text": (good) =>
    withPart(
      good,
      "clientDataJSON",
      encoded(JSON.stringify({ ...clientDataOf(good), crossOrigin: "false" })),
    ),
}

/** What is wrong with a registration alone. */
const registrations: Readonly<Record<string, (good: AnswerJson, key: SoftwareAuthenticator) => unknown>> = {
  "an attestation object that is empty": (good) => withPart(good, "attestationObject", ""),
  "one that is no CBOR": (good) => withPart(good, "attestationObject", encoded("no cbor at all")),
  "one that is deep": (good) => withPart(good, "attestationObject", deepCbor),
  "one that is a number": (good) => withPart(good, "attestationObject", encodeBase64url(cbor(1))),
  "one without parts": (good) => withPart(good, "attestationObject", encodeBase64url(cbor(new Map()))),
  "one that is cut off": (good) =>
    withPart(good, "attestationObject", `${good.response["attestationObject"]}`.slice(0, 120)),
  "a statement of no format": (good) => withFormat(good, "none", new Map([["sig", Buffer.from("x")]])),
  "an unknown format": (good) => withFormat(good, "sealed-by-eve", new Map()),
  "a self attestation that is not signed": (good) =>
    withFormat(
      good,
      "packed",
      new Map<string, unknown>([
        ["alg", -7],
        ["sig", Buffer.alloc(70)],
      ]),
    ),
  "a certificate": (good) =>
    withFormat(
      good,
      "packed",
      new Map<string, unknown>([
        ["alg", -7],
        ["sig", Buffer.alloc(70)],
        ["x5c", [Buffer.alloc(99)]],
      ]),
    ),
  ...Object.fromEntries(
    ["tpm", "android-key", "android-safetynet", "apple", "fido-u2f"].map((format) => [
      `the format ${format}`,
      (good: AnswerJson) => withFormat(good, format, new Map<string, unknown>([["x5c", [Buffer.alloc(99)]]])),
    ]),
  ),
}

/** What is wrong with an assertion alone. */
const assertions: Readonly<Record<string, (good: AnswerJson) => unknown>> = {
  "no signature": (good) => withPart(good, "signature", undefined),
  "an empty signature": (good) => withPart(good, "signature", ""),
  "a signature that is nonsense": (good) => withPart(good, "signature", encoded("nonsense")),
  "a signature that is huge": (good) => withPart(good, "signature", "A".repeat(12_000)),
  "no authenticator data": (good) => withPart(good, "authenticatorData", undefined),
  "authenticator data that is short": (good) => withPart(good, "authenticatorData", encoded("short")),
  "authenticator data with a tail": (good) =>
    withPart(good, "authenticatorData", `${good.response["authenticatorData"]}AAAA`),
  "no user handle": (good) => withPart(good, "userHandle", null),
  "an empty user handle": (good) => withPart(good, "userHandle", ""),
  "another user handle": (good) => withPart(good, "userHandle", encodeBase64url(new Uint8Array(32))),
  "a user handle that is a list": (good) => withPart(good, "userHandle", [good.response["userHandle"]]),
  "an id that nobody has": (good) => {
    const id = encodeBase64url(new Uint8Array(32))
    return { ...good, id, rawId: id }
  },
}

function withPart(good: AnswerJson, name: string, value: unknown): unknown {
  return { ...good, response: { ...good.response, [name]: value } }
}

function withFormat(good: AnswerJson, format: string, statement: ReadonlyMap<string, unknown>): unknown {
  const bytes = Buffer.from(`${good.response["attestationObject"]}`, "base64url")
  const authData = bytes.subarray(bytes.indexOf("authData") + "authData".length + 2)
  const object = new Map<string, unknown>([
    ["fmt", format],
    ["attStmt", statement],
    ["authData", authData],
  ])
  return withPart(good, "attestationObject", encodeBase64url(cbor(object)))
}

function clientDataOf(good: AnswerJson): object {
  return JSON.parse(new TextDecoder().decode(decodeBase64url(`${good.response["clientDataJSON"]}`)))
}

function encoded(text: string): string {
  return encodeBase64url(new TextEncoder().encode(text))
}

describe("a registration", () => {
  async function refused(
    wrong: (host: PasskeyHost, mine: TestClient) => Promise<unknown>,
    outcome = "passkey_invalid",
  ): Promise<void> {
    const host = await passkeyAppWithAda()
    const other = host.browser()
    await other.post("/auth/login", {
      json: { email: host.user.email, password: "correct horse battery staple" },
    })
    const response = await wrong(host, host.mine)
    expect(await registerWith(host.mine, response)).toBe(outcome)
    expect(await (await host.mine.get("/auth/passkeys")).json()).toEqual({ passkeys: [] })
    expect(await host.stores.credentials.listByUser(host.user.id)).toHaveLength(1)
    expect(await whoIs(other)).toMatchObject({ id: host.user.id })
    expect(host.events.map(({ type }) => type)).not.toContain("factor.enrolled")
    expect(host.faults).toEqual([])
  }

  test.each(Object.entries(lies))("with %s", (_, lie) =>
    refused(async (_host, mine) => authenticator().create(await creationOptions(mine), lie)),
  )

  test.each(Object.entries({ ...forms, ...registrations }))("of %s", (_, form) =>
    refused(async (_host, mine) => {
      const key = authenticator()
      return form(key.create(await creationOptions(mine)), key)
    }),
  )

  test("of a key with an algorithm that was not offered", () =>
    refused(async (_host, mine) => authenticator({ algorithm: "ES384" }).create(await creationOptions(mine))))

  test("of an id that is not the one that was signed", () =>
    refused(async (_host, mine) =>
      authenticator().create(await creationOptions(mine), { signedId: encodeBase64url(new Uint8Array(32)) }),
    ))

  test("whose synced key cannot be synced", async () => {
    // BS without BE (WebAuthn §6.1.3).
    await refused(async (_host, mine) => {
      const good = authenticator().create(await creationOptions(mine))
      const bytes = Buffer.from(`${good.response["attestationObject"]}`, "base64url")
      const flags = bytes.indexOf("authData") + "authData".length + 2 + 32
      bytes[flags] = (bytes[flags] ?? 0) | 0x10
      return withPart(good, "attestationObject", bytes.toString("base64url"))
    })
  })

  test("in another session of the same user, and in another user's", async () => {
    for (const who of ["ada", "eve"]) {
      const host = await passkeyAppWithAda()
      const made = authenticator().create(await creationOptions(host.mine))
      const other = host.browser()
      const email = who === "ada" ? host.user.email : eve.email
      if (who === "eve") await account(host, eve)
      const { password } = who === "ada" ? { password: "correct horse battery staple" } : eve
      await other.post("/auth/login", { json: { email, password } })
      expect(await registerWith(other, made)).toBe("passkey_invalid")
      // Whoever brings it elsewhere has used it up.
      expect(await registerWith(host.mine, made)).toBe("passkey_invalid")
    }
  })

  test("a second time, and five minutes later", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    const made = key.create(await creationOptions(host.mine))
    expect(await registerWith(host.mine, made)).toBe("ok")
    expect(await registerWith(host.mine, made)).toBe("passkey_invalid")
    const [early, late] = [await creationOptions(host.mine), await creationOptions(host.mine)]
    host.clock.advance(299_999)
    expect(await registerWith(host.mine, authenticator().create(early))).toBe("ok")
    host.clock.advance(1)
    expect(await registerWith(host.mine, authenticator().create(late))).toBe("passkey_invalid")
  })

  test("of a credential that somebody has: theirs stays, and opens their account", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const id = key.keys[0]?.id ?? ""
    const { mine: hers, user } = await account(host, eve)
    const thief = authenticator()
    expect(await registered(hers, thief, { lie: { id } })).toBe("passkey_invalid")
    expect(await host.stores.credentials.listByUser(user.id)).toHaveLength(1)
    expect(await registered(host.mine, authenticator(), { lie: { id } })).toBe("passkey_invalid")
    const browser = host.browser()
    expect(await signedInBy(browser, key)).toBe("ok")
    expect(await whoIs(browser)).toMatchObject({ id: host.user.id })
    expect(await signedInBy(host.browser(), thief)).toBe("passkey_invalid")
  })

  test("by the answer to a sign-in, and a sign-in by that of a registration", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const asked = await requestOptions(host.mine)
    const creation = await creationOptions(host.mine)
    const other = authenticator()
    expect(await registerWith(host.mine, other.create({ ...creation, challenge: asked.challenge }))).toBe(
      "passkey_invalid",
    )
    expect(await registerWith(host.mine, key.get(asked))).toBe("passkey_invalid")
    expect(await signInWith(host.mine, key.get({ ...asked, challenge: creation.challenge }))).toBe(
      "passkey_invalid",
    )
  })
})

describe("a sign-in", () => {
  async function refused(
    wrong: (browser: TestClient, key: SoftwareAuthenticator) => Promise<unknown>,
  ): Promise<readonly string[]> {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const browser = host.browser()
    const response = await wrong(browser, key)
    const answer = await browser.post("/auth/passkey/sign-in", { json: { response } })
    expect([answer.status, (await answer.json()).reason]).toEqual([401, "passkey_invalid"])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await whoIs(browser)).toBeUndefined()
    expect(
      host.events.map(({ type }) => type).filter((type) => type.startsWith("session.opened")),
    ).toHaveLength(1)
    expect(host.faults).toEqual([])
    // And the good one still goes.
    expect(await signedInBy(browser, key)).toBe("ok")
    return causesIn(host)
  }

  test.each(Object.entries(lies))("with %s", async (name, lie) => {
    const causes = await refused(async (browser, key) => key.get(await requestOptions(browser), lie))
    const unasked = /challenge|frame|top origin/.test(name)
    expect(causes).toEqual([`sign_in.refused ${unasked ? "challenge_invalid" : "passkey_invalid"}`])
  })

  test.each(Object.entries({ ...forms, ...assertions }))("of %s", async (_, form) => {
    const causes = await refused(async (browser, key) => form(key.get(await requestOptions(browser))))
    expect(causes).toHaveLength(1)
  })

  test("by a key that says it can be synced, and could not when it was made", () =>
    refused(async (browser, key) => key.get(await requestOptions(browser), { eligible: true })))

  test("in another browser than asked, whichever of the two comes", async () => {
    const causes = await refused(async (browser, key) => {
      const asked = await requestOptions(browser)
      // The attacker's own assertion in the victim's browser (login CSRF): it has another cookie, or none.
      browser.cookies.set("__Host-passkey", "x".repeat(22))
      return key.get(asked)
    })
    expect(causes).toEqual(["sign_in.refused challenge_invalid"])
    await refused(async (browser, key) => {
      const asked = await requestOptions(browser)
      browser.cookies.delete("__Host-passkey")
      return key.get(asked)
    })
  })

  test("a second time, and five minutes later", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const browser = host.browser()
    const used = key.get(await requestOptions(browser))
    const held = browser.cookies.get("__Host-passkey") ?? ""
    expect(await signInWith(browser, used)).toBe("ok")
    browser.cookies.set("__Host-passkey", held)
    expect(await signInWith(browser, used)).toBe("passkey_invalid")
    const [early, late] = [await requestOptions(browser), await requestOptions(browser)]
    browser.cookies.set("__Host-passkey", held)
    host.clock.advance(299_999)
    expect(await signInWith(browser, key.get(early))).toBe("ok")
    browser.cookies.set("__Host-passkey", held)
    host.clock.advance(1)
    expect(await signInWith(browser, key.get(late))).toBe("passkey_invalid")
  })

  test("with a signature that another key has made, under another user's id", async () => {
    const host = await passkeyAppWithAda()
    const [hers, his] = [authenticator(), authenticator()]
    await registered(host.mine, hers)
    const { mine } = await account(host, eve)
    await registered(mine, his)
    const browser = host.browser()
    const [victim, thief] = [hers.keys[0], his.keys[0]]
    const asked = await requestOptions(browser)
    expect(await signInWith(browser, his.get(asked, { id: victim?.id ?? "" }, thief))).toBe("passkey_invalid")
    const lie = { userHandle: victim?.userHandle ?? "" }
    expect(await signInWith(browser, his.get(await requestOptions(browser), lie, thief))).toBe(
      "passkey_invalid",
    )
    expect(await whoIs(browser)).toBeUndefined()
  })

  test("in another realm than asked, over the same stores", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key)
    const admin = passkeyApp({ stores: host.stores, clock: host.clock, realm: "admin" })
    const browser = host.browser()
    const inAdmin = admin.browser()
    const asked = await requestOptions(browser)
    inAdmin.cookies.set("__Host-admin-passkey", browser.cookies.get("__Host-passkey") ?? "")
    expect(await signInWith(inAdmin, key.get(asked))).toBe("passkey_invalid")
    expect(await signInWith(browser, key.get(asked))).toBe("ok")
    expect(await signedInBy(inAdmin, key)).toBe("ok")
  })

  test("whose body is larger than any answer", async () => {
    const host = await passkeyAppWithAda()
    const json = { response: { id: "x".repeat(20_000) } }
    const answer = await host.browser().post("/auth/passkey/sign-in", { json })
    expect(answer.status).toBe(413)
    const none = await host.browser().post("/auth/passkey/sign-in", { json: {} })
    expect([none.status, (await none.json()).reason]).toEqual([400, "invalid_request"])
  })
})

describe("a counter", () => {
  test.each([
    ["went on", 1, 7, "ok"],
    ["stands still", 7, 7, "passkey_invalid"],
    ["went back", 7, 6, "passkey_invalid"],
    ["went back to none", 7, 0, "passkey_invalid"],
    ["began to count", 0, 1, "ok"],
    ["never counts", 0, 0, "ok"],
    ["is at its end", 4_294_967_294, 4_294_967_295, "ok"],
  ])("that %s: from %i to %i", async (_, before, after, outcome) => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key, { lie: { counter: before } })
    const browser = host.browser()
    expect(await signedInBy(browser, key, { counter: after })).toBe(outcome)
    expect((await whoIs(browser)) !== undefined).toBe(outcome === "ok")
    expect(causesIn(host)).toEqual(
      outcome === "ok" ? [] : ["factor.refused passkey_copied", "sign_in.refused passkey_copied"],
    )
  })

  test("that went back says so only of who has signed", async () => {
    const host = await passkeyAppWithAda()
    const key = authenticator()
    await registered(host.mine, key, { lie: { counter: 7 } })
    expect(await signedInBy(host.browser(), key, { counter: 1, origin: "https://evil.example" })).toBe(
      "passkey_invalid",
    )
    expect(causesIn(host)).toEqual(["sign_in.refused passkey_invalid"])
  })
})
