/** Keys: every spelling that fits works, none that does not is taken, rotation signs nobody out, and other services check with what is published. */
import { inspect } from "node:util"
import { createLocalJWKSet, exportPKCS8, exportSPKI, generateKeyPair, jwtVerify } from "jose"
import { describe, expect, test } from "vitest"
import { type JwtKey, jwt } from "../../src/jwt.js"
import { ada, app, type Host, origin } from "../app.js"
import { appWithAda, beside, ed, es, hmacSecret, pairOf, partOf, signIn, tokenIn, whoHas } from "./jwt-app.js"

const [otherEd, otherEs] = [await pairOf("EdDSA", "other"), await pairOf("ES256", "other")]
const [p384, rsa] = [
  await generateKeyPair("ES384", { extractable: true }),
  await generateKeyPair("RS256", { extractable: true }),
]
const rsaPem = await exportPKCS8(rsa.privateKey)
const p384Pem = await exportPKCS8(p384.privateKey)
const p384Public = await exportSPKI(p384.publicKey)
const oct = { kty: "oct", k: Buffer.from(hmacSecret).toString("base64url") }

function hostOf(...keys: readonly unknown[]): Promise<Host> {
  return appWithAda({ sessions: jwt({ keys: keys as JwtKey[] }) })
}

function refusalOf(build: () => unknown): string {
  try {
    build()
  } catch (fault) {
    expect(fault).toMatchObject({ code: "ERR_CONFIG_JWT" })
    return inspect(fault, { depth: 9, showHidden: true })
  }
  return "built"
}

describe("what fits", () => {
  test.each<[string, JwtKey]>([
    ["HS256, a text", { alg: "HS256", key: hmacSecret }],
    ["HS256, a JWK", { alg: "HS256", key: oct }],
    ["EdDSA, PEM", { alg: "EdDSA", key: ed.pem }],
    ["EdDSA, PEM with what stands around it", { alg: "EdDSA", key: `\n# key\n  ${ed.pem}\n` }],
    ["EdDSA, PEM with the line ends of Windows", { alg: "EdDSA", key: ed.pem.replaceAll("\n", "\r\n") }],
    ["EdDSA, JWK", { alg: "EdDSA", key: ed.jwk }],
    ["ES256, PEM", { alg: "ES256", key: es.pem }],
    ["ES256, JWK", { alg: "ES256", key: es.jwk }],
    [
      "ES256, JWK for signing only",
      { alg: "ES256", key: { ...es.jwk, key_ops: ["sign"], use: "sig", alg: "ES256" } },
    ],
  ])("%s", async (_, key) => {
    const host = await hostOf(key)
    const { header, token } = await signIn(host)
    expect(header).toEqual({ alg: key.alg, kid: expect.stringMatching(/^[\w-]{16,43}$/), typ: "session+jwt" })
    expect(await whoHas(host, token)).toBe(partOf(token, 1)["sub"])
    // The same key by another spelling has the same kid.
    expect((await signIn(await hostOf(key))).header).toEqual(header)
  })

  test("PEM and JWK of one key are one kid, and a name of the host's or the JWK's own counts before it", async () => {
    const kid = async (key: object) => (await signIn(await hostOf({ alg: "EdDSA", ...key }))).header["kid"]
    expect(await kid({ key: ed.pem })).toBe(await kid({ key: ed.jwk }))
    expect(await kid({ key: { ...ed.jwk, kid: "own" } })).toBe("own")
    expect(await kid({ key: { ...ed.jwk, kid: "own" }, kid: "2026-11" })).toBe("2026-11")
  })
})

describe("what does not fit is refused when it is built, and not shown", () => {
  const encrypted = ed.pem.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
  const cases: readonly (readonly [string, readonly unknown[] | string | undefined])[] = [
    ["no keys", []],
    ["keys that are no list", "canary-0123456789-0123456789-0123456789"],
    ["nothing", [undefined]],
    ["a text", [ed.pem]],
    ["no alg", [{ key: ed.pem }]],
    ["the key in the place of alg", [{ alg: ed.pem, key: ed.pem }]],
    ["the key in the place of kid", [{ alg: "EdDSA", key: ed.pem, kid: ed.pem }]],
    ["alg none", [{ alg: "none", key: hmacSecret }]],
    ["RS256", [{ alg: "RS256", key: rsaPem }]],
    ["HS512", [{ alg: "HS512", key: hmacSecret }]],
    ["a short secret", [{ alg: "HS256", key: hmacSecret.slice(0, 31) }]],
    ["an empty secret", [{ alg: "HS256", key: "" }]],
    ["a short JWK", [{ alg: "HS256", key: { kty: "oct", k: oct.k.slice(0, 40) } }]],
    ["HS256 with a PEM's JWK", [{ alg: "HS256", key: ed.jwk }]],
    ["RSA as EdDSA", [{ alg: "EdDSA", key: rsaPem }]],
    ["RSA as ES256", [{ alg: "ES256", key: rsaPem }]],
    ["P-384 as ES256", [{ alg: "ES256", key: p384Pem }]],
    [
      "P-384 to check with",
      [
        { alg: "ES256", key: es.pem },
        { alg: "ES256", key: p384Public },
      ],
    ],
    ["Ed25519 as ES256", [{ alg: "ES256", key: ed.pem }]],
    ["P-256 as EdDSA", [{ alg: "EdDSA", key: es.pem }]],
    ["an encrypted PEM", [{ alg: "EdDSA", key: encrypted }]],
    ["SEC1", [{ alg: "ES256", key: es.pem.replaceAll("PRIVATE KEY", "EC PRIVATE KEY") }]],
    ["line breaks as two letters", [{ alg: "EdDSA", key: ed.pem.replaceAll("\n", "\\n") }]],
    ["a PEM cut short", [{ alg: "EdDSA", key: ed.pem.slice(0, -20) }]],
    ["a PEM of nothing", [{ alg: "EdDSA", key: "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----" }]],
    ["a public key that is to sign, PEM", [{ alg: "EdDSA", key: ed.publicPem }]],
    ["a public key that is to sign, JWK", [{ alg: "ES256", key: es.publicJwk }]],
    ["a JWK of another curve", [{ alg: "EdDSA", key: { ...ed.jwk, crv: "Ed448" } }]],
    ["a JWK of another kind", [{ alg: "ES256", key: { ...es.jwk, kty: "OKP" } }]],
    ["a JWK without y", [{ alg: "ES256", key: { ...es.jwk, y: undefined } }]],
    ["a JWK whose d is short", [{ alg: "EdDSA", key: { ...ed.jwk, d: "AAAA" } }]],
    [
      "one kid twice",
      [
        { alg: "EdDSA", key: ed.pem, kid: "a" },
        { alg: "ES256", key: es.pem, kid: "a" },
      ],
    ],
    ["a kid with a space", [{ alg: "EdDSA", key: ed.pem, kid: "a b" }]],
    ["a kid that is a number", [{ alg: "EdDSA", key: ed.pem, kid: 1 }]],
  ]
  const secrets = [ed, es].flatMap(({ jwk, pem }) => [String(jwk.d), pem.split("\n")[1] ?? ""])

  test.each(cases)("%s", async (_, keys) => {
    const refusal = refusalOf(() => app({ sessions: jwt({ keys: keys as JwtKey[] }) }))
    expect(refusal).toContain("keys: [{")
    for (const material of [...secrets, hmacSecret.slice(0, 20), "canary"])
      expect(refusal).not.toContain(material)
  })
})

describe("what can be seen at the first use only", () => {
  const d = String(otherEd.jwk.d)
  test.each<[string, JwtKey]>([
    ["halves of two Ed25519 keys", { alg: "EdDSA", key: { ...ed.jwk, d } }],
    ["halves of two P-256 keys", { alg: "ES256", key: { ...es.jwk, d: String(otherEs.jwk.d) } }],
    ["a point that is on no curve", { alg: "ES256", key: { ...es.jwk, y: String(es.jwk.x) } }],
    [
      "a PEM whose key is cut off inside",
      { alg: "EdDSA", key: ed.pem.replace(/\n.*\n-----END/, (end) => `\n${end.slice(1, 21)}\n-----END`) },
    ],
  ])("%s: a fault that says so, in every request, nobody signed in, nothing shown", async (_, key) => {
    const host = await hostOf(key)
    for (let n = 0; n < 2; n++) {
      const browser = host.browser()
      const answer = await browser.post("/auth/login", { json: ada })
      expect([answer.status, tokenIn(browser)]).toEqual([500, ""])
    }
    expect(host.faults).toHaveLength(2)
    expect(host.faults[0]).toMatchObject({
      code: "ERR_CONFIG_JWT",
      message: expect.stringContaining("keys[0]"),
    })
    const shown = inspect(host.faults, { depth: 9, showHidden: true })
    for (const part of [
      d,
      String(ed.jwk.d),
      String(es.jwk.d),
      String(otherEs.jwk.d),
      (ed.pem.split("\n")[1] ?? "").slice(0, 40),
    ])
      expect(shown).not.toContain(part)
    expect(host.events.filter(({ type }) => type === "session.opened")).toEqual([])
    expect(
      await host.stores.sessions.listByUser((await host.stores.users.findByEmail(ada.email))?.id ?? ""),
    ).toEqual([])
  })
})

test("no key is seen by inspection", async () => {
  const host = await hostOf({ alg: "HS256", key: hmacSecret }, { alg: "EdDSA", key: ed.pem })
  await signIn(host)
  const shown = inspect(host.auth, { depth: 12, showHidden: true, getters: true })
  for (const part of [hmacSecret, String(ed.jwk.d), ed.pem.split("\n")[1] ?? ""])
    expect(shown).not.toContain(part)
})

describe("rotation", () => {
  const steps: readonly JwtKey[] = [
    { alg: "HS256", key: hmacSecret },
    { alg: "EdDSA", key: ed.pem },
    { alg: "ES256", key: es.pem },
  ]
  test("a new key in front signs; the old one, or its public half, checks; taken out, it does not", async () => {
    const host = await hostOf(...steps.slice(0, 1))
    const before = await signIn(host)
    const both = beside(host, { sessions: jwt({ keys: [steps[1] as JwtKey, steps[0] as JwtKey] }) })
    expect(await whoHas(both, before.token)).toBe(before.claims["sub"])
    const after = await signIn(both)
    expect(after.header["alg"]).toBe("EdDSA")
    const third = beside(host, {
      sessions: jwt({ keys: [steps[2] as JwtKey, { alg: "EdDSA", key: ed.publicPem }] }),
    })
    expect(await whoHas(third, after.token)).toBe(before.claims["sub"])
    expect(await whoHas(third, before.token)).toBeUndefined()
    expect(third.events.at(-1)).toMatchObject({ cause: "unknown_key" })
    host.clock.advance(12 * 3_600_000)
    const renewed = await third.auth.sessions.resume(after.token)
    expect(partOf(renewed?.token ?? "", 0)["alg"]).toBe("ES256")
  })
})

describe("GET /auth/jwks", () => {
  test("shows public members alone, with which another service checks a token, and no other", async () => {
    const keys = [
      { alg: "EdDSA", key: ed.jwk },
      { alg: "ES256", key: es.pem },
      { alg: "EdDSA", key: otherEd.publicJwk },
      { alg: "HS256", key: hmacSecret },
    ]
    const host = await hostOf(...keys)
    const answer = await host.browser().get("/auth/jwks")
    expect(answer.status).toBe(200)
    const text = await answer.text()
    const jwks = JSON.parse(text)
    expect(jwks.keys.map(Object.keys)).toEqual([
      ["kty", "crv", "x", "kid", "alg", "use"],
      ["kty", "crv", "x", "y", "kid", "alg", "use"],
      ["kty", "crv", "x", "kid", "alg", "use"],
    ])
    expect(text).not.toContain(oct.k)
    for (const { jwk } of [ed, es, otherEd]) expect(text).not.toContain(String(jwk.d))
    const { claims, token } = await signIn(host)
    const options = {
      issuer: origin,
      audience: origin,
      typ: "session+jwt",
      currentDate: new Date(host.clock()),
    }
    expect((await jwtVerify(token, createLocalJWKSet(jwks), options)).payload).toMatchObject(claims)
    const elsewhere = await signIn(await hostOf({ alg: "EdDSA", key: (await pairOf("EdDSA", "x")).pem }))
    await expect(jwtVerify(elsewhere.token, createLocalJWKSet(jwks), options)).rejects.toThrow()
  })

  test("is not there where nothing can be shown", async () => {
    for (const host of [
      await appWithAda({ sessions: jwt() }),
      await hostOf({ alg: "HS256", key: hmacSecret }),
    ])
      expect((await host.browser().get("/auth/jwks")).status).toBe(404)
  })
})
