/** The "JWT" row: each token is refused for its one defect, which is told, and the visitor hears nothing but that they are one. */
import fc from "fast-check"
import { beforeEach, describe, expect, test } from "vitest"
import type { AuthEvent } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { ada, app, type Host, origin, secret } from "../app.js"
import {
  appWithAda,
  ed,
  es,
  hmac,
  hmacSecret,
  pairOf,
  revocations,
  ring,
  type SignedIn,
  type SigningKey,
  signed,
  signIn,
  strategyOf,
  whoHas,
} from "./jwt-app.js"

const stranger = await pairOf("EdDSA", "ed")

interface Scene extends SignedIn {
  readonly host: Host
  readonly now: number
}

let scene: Scene
beforeEach(async () => {
  const host = await appWithAda({ sessions: jwt({ keys: ring }) })
  scene = { host, now: host.clock() / 1000, ...(await signIn(host)) }
})

type Cause = Extract<AuthEvent, { type: "session.token_refused" }>["cause"]
type Forgery = (scene: Scene) => Promise<string> | string

function encoded(value: object | string): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")
}

function withHeader(header: Readonly<Record<string, unknown>>): Forgery {
  return ({ claims }) => signed(claims, header)
}

/** As `signed`, for headers that jose would not write. */
async function handMade(header: string, payload: string): Promise<string> {
  const input = `${encoded(header)}.${encoded(payload)}`
  const key = await crypto.subtle.importKey("raw", hmac.sign, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ])
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(input))
  return `${input}.${Buffer.from(mac).toString("base64url")}`
}

function macOf(key: string | Uint8Array): SigningKey {
  return { alg: "HS256", kid: "ed", sign: typeof key === "string" ? new TextEncoder().encode(key) : key }
}

const usual = '"alg":"HS256","typ":"session+jwt"'
const header = `{${usual},"kid":"hs"}`

const forgeries: Readonly<Record<string, readonly [Cause, Forgery]>> = {
  // Algorithms and keys
  "alg none, unsigned": [
    "wrong_algorithm",
    ({ claims }) => `${encoded({ alg: "none", kid: "hs", typ: "session+jwt" })}.${encoded(claims)}.`,
  ],
  "alg none, with the old signature": [
    "wrong_algorithm",
    ({ token, claims }) =>
      `${encoded({ alg: "none", kid: "hs", typ: "session+jwt" })}.${encoded(claims)}.${token.split(".")[2]}`,
  ],
  "alg nOnE": [
    "wrong_algorithm",
    ({ claims }) => `${encoded({ alg: "nOnE", kid: "hs" })}.${encoded(claims)}.`,
  ],
  "alg none, no kid": ["unknown_key", ({ claims }) => `${encoded({ alg: "none" })}.${encoded(claims)}.`],
  "HS256 with the Ed25519 key's PEM as its secret": [
    "wrong_algorithm",
    ({ claims }) => signed(claims, {}, macOf(ed.publicPem)),
  ],
  "HS256 with the Ed25519 key's x as its secret": [
    "wrong_algorithm",
    ({ claims }) => signed(claims, {}, macOf(Buffer.from(ed.publicJwk.x ?? "", "base64url"))),
  ],
  "HS256 with the public JWK as its secret": [
    "wrong_algorithm",
    ({ claims }) => signed(claims, {}, macOf(JSON.stringify(ed.publicJwk))),
  ],
  "HS256 with the P-256 key's PEM as its secret": [
    "wrong_algorithm",
    ({ claims }) => signed(claims, { kid: "es" }, macOf(es.publicPem)),
  ],
  "HS256 with the PEM, under the HMAC key's kid": [
    "bad_signature",
    ({ claims }) => signed(claims, { kid: "hs" }, macOf(ed.publicPem)),
  ],
  "EdDSA, right, under the ES256 key's kid": [
    "wrong_algorithm",
    ({ claims }) => signed(claims, { kid: "es" }, ed),
  ],
  "ES256, right, under the EdDSA key's kid": [
    "wrong_algorithm",
    ({ claims }) => signed(claims, { kid: "ed" }, es),
  ],
  "EdDSA, right, under the HMAC key's kid": [
    "wrong_algorithm",
    ({ claims }) => signed(claims, { kid: "hs" }, ed),
  ],
  "HS256, right, said to be HS512": [
    "wrong_algorithm",
    ({ claims, token }) =>
      `${encoded({ alg: "HS512", kid: "hs", typ: "session+jwt" })}.${encoded(claims)}.${token.split(".")[2]}`,
  ],
  "a stranger's key under our kid": ["bad_signature", ({ claims }) => signed(claims, {}, stranger)],
  "a stranger's key, with itself in the header (jwk)": [
    "bad_signature",
    ({ claims }) => signed(claims, { jwk: stranger.publicJwk }, stranger),
  ],
  "a stranger's key in jwk, no kid": [
    "unknown_key",
    ({ claims }) => signed(claims, { kid: undefined, jwk: stranger.publicJwk }, stranger),
  ],
  "a stranger's key, to be fetched (jku)": [
    "unknown_key",
    ({ claims }) => signed(claims, { kid: "x", jku: "https://evil.example/jwks" }, stranger),
  ],
  "a stranger's key, to be fetched (x5u)": [
    "bad_signature",
    ({ claims }) => signed(claims, { x5u: "https://evil.example/cert" }, stranger),
  ],
  "a stranger's key as a certificate (x5c)": [
    "bad_signature",
    ({ claims }) => signed(claims, { x5c: [encoded(stranger.publicPem)] }, stranger),
  ],
  "another secret": [
    "bad_signature",
    ({ claims }) => signed(claims, {}, { ...hmac, sign: new TextEncoder().encode(`${hmacSecret}x`) }),
  ],
  "an empty signature": ["bad_signature", ({ token }) => token.replace(/[^.]*$/, "")],
  "a signature cut short": ["bad_signature", ({ token }) => token.slice(0, -3)],
  // The header
  "no kid": ["unknown_key", withHeader({ kid: undefined })],
  "an unknown kid": ["unknown_key", withHeader({ kid: "hs2" })],
  "kid __proto__": ["unknown_key", withHeader({ kid: "__proto__" })],
  "kid constructor": ["unknown_key", withHeader({ kid: "constructor" })],
  "kid toString": ["unknown_key", withHeader({ kid: "toString" })],
  "kid in a list": ["unknown_key", withHeader({ kid: ["hs"] })],
  "kid 0": ["unknown_key", withHeader({ kid: 0 })],
  "kid null": ["unknown_key", withHeader({ kid: null })],
  "kid with a path": ["unknown_key", withHeader({ kid: "../../dev/null" })],
  "kid twice, ours first": [
    "unknown_key",
    ({ claims }) => handMade(`{${usual},"kid":"hs","kid":"x"}`, JSON.stringify(claims)),
  ],
  "alg twice": [
    "wrong_algorithm",
    ({ claims }) => handMade(`{"alg":"HS256","alg":"none",${header.slice(15)}`, JSON.stringify(claims)),
  ],
  "crit that nobody knows": [
    "malformed",
    ({ claims }) => handMade(`{${usual},"kid":"hs","crit":["exp2"],"exp2":1}`, JSON.stringify(claims)),
  ],
  "an empty crit": [
    "malformed",
    ({ claims }) => handMade(`{${usual},"kid":"hs","crit":[]}`, JSON.stringify(claims)),
  ],
  "crit that is no list": [
    "malformed",
    ({ claims }) => handMade(`{${usual},"kid":"hs","crit":"b64"}`, JSON.stringify(claims)),
  ],
  "b64 false (RFC 7797)": [
    "malformed",
    ({ claims }) => handMade(`{${usual},"kid":"hs","b64":false,"crit":["b64"]}`, JSON.stringify(claims)),
  ],
  "no alg": [
    "malformed",
    ({ claims }) => handMade('{"kid":"hs","typ":"session+jwt"}', JSON.stringify(claims)),
  ],
  "alg that is no text": [
    "malformed",
    ({ claims }) => handMade('{"alg":1,"kid":"hs"}', JSON.stringify(claims)),
  ],
  "a header that is a list": ["malformed", ({ claims }) => handMade("[]", JSON.stringify(claims))],
  "a header that is null": ["malformed", ({ claims }) => handMade("null", JSON.stringify(claims))],
  "a header that is no JSON": ["malformed", ({ claims }) => handMade("{", JSON.stringify(claims))],
  "a header that is no UTF-8": [
    "malformed",
    ({ token }) =>
      `${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.${token.split(".").slice(1).join(".")}`,
  ],
  // Other kinds, other places
  "an access token": ["wrong_type", withHeader({ typ: "at+jwt" })],
  "a plain JWT": ["wrong_type", withHeader({ typ: "JWT" })],
  "no typ": ["wrong_type", withHeader({ typ: undefined })],
  "typ as a media type": ["wrong_type", withHeader({ typ: "application/session+jwt" })],
  "typ in capitals": ["wrong_type", withHeader({ typ: "SESSION+JWT" })],
  "an ID token of the same key": [
    "malformed",
    ({ claims, now }) =>
      signed(
        { iss: origin, aud: origin, sub: claims["sub"], nonce: "x", iat: now, exp: now + 60 },
        { typ: "JWT" },
      ),
  ],
  "another issuer": ["wrong_issuer", ({ claims }) => signed({ ...claims, iss: "https://evil.example" })],
  "our issuer with a slash": ["wrong_issuer", ({ claims }) => signed({ ...claims, iss: `${origin}/` })],
  "another audience": [
    "wrong_audience",
    ({ claims }) => signed({ ...claims, aud: "https://api.example.com" }),
  ],
  "another realm": ["wrong_realm", ({ claims }) => signed({ ...claims, realm: "admin" })],
  // Form
  "nothing but dots": ["malformed", () => ".."],
  "two parts": ["malformed", ({ token }) => token.split(".").slice(0, 2).join(".")],
  "four parts": ["malformed", ({ token }) => `${token}.x`],
  doubled: ["malformed", ({ token }) => token + token],
  "twice, with a dot": ["malformed", ({ token }) => `${token}.${token}`],
  "five parts (JWE)": ["malformed", ({ token }) => `${token}.a.b`],
  "no payload": ["malformed", ({ token }) => token.replace(/\.[^.]*\./, "..")],
  "no header": ["malformed", ({ token }) => token.replace(/^[^.]*/, "")],
  "JSON serialization": [
    "malformed",
    ({ token }) =>
      JSON.stringify({
        protected: token.split(".")[0],
        payload: token.split(".")[1],
        signature: token.split(".")[2],
      })
        .replaceAll('"', "%22")
        .replaceAll(",", "%2C"),
  ],
  quoted: ["malformed", ({ token }) => `"${token}"`],
  padding: ["malformed", ({ token }) => `${token}=`],
  "a space inside": ["malformed", ({ token }) => `${token.slice(0, -5)} ${token.slice(-5)}`],
  "a tab inside": ["malformed", ({ token }) => `${token.slice(0, -5)}\t${token.slice(-5)}`],
  "the alphabet of base64": ["malformed", ({ token }) => `${token.slice(0, -5)}+/+/`],
  "bits at the end that carry nothing": [
    "malformed",
    ({ token }) => token.slice(0, -1) + nextLetter(token.at(-1) ?? ""),
  ],
  "more than 8 kB": ["malformed", ({ claims }) => signed({ ...claims, more: "x".repeat(8192) })],
  "an old opaque token": ["malformed", () => `${"A".repeat(22)}.${"B".repeat(43)}`],
  "a payload that is a list": ["malformed", () => signed("[]")],
  "a payload that is null": ["malformed", () => signed("null")],
  "a payload that is a text": ["malformed", () => signed('"x"')],
  "a payload that is no JSON": ["malformed", () => signed("{")],
  "an empty payload": ["malformed", () => signed("")],
  "a payload with a byte order mark": [
    "malformed",
    ({ claims }) => signed(`\uFEFF\uFEFF${JSON.stringify(claims)}`),
  ],
  "exp twice, the later one counts": [
    "expired",
    ({ claims, now }) => signed(`${JSON.stringify(claims).slice(0, -1)},"exp":${now - 90_000}}`),
  ],
  "sub twice, the later one is none": [
    "malformed",
    ({ claims }) => signed(`${JSON.stringify(claims).slice(0, -1)},"sub":{}}`),
  ],
}

/** Decodes to the same bytes: the last two bits of 43 letters say nothing. */
function nextLetter(letter: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  return alphabet[alphabet.indexOf(letter) + 1] ?? ""
}

async function expectRefused({ host }: Scene, token: string, cause: Cause): Promise<void> {
  const before = host.events.length
  expect(await whoHas(host, token)).toBeUndefined()
  expect(host.events.slice(before).map((event) => [event.type, "cause" in event && event.cause])).toEqual([
    ["session.token_refused", cause],
  ])
  const guarded = await host
    .browser()
    .get("/auth/sessions", { headers: { cookie: `__Host-session=${token}` } })
  expect([guarded.status, (await guarded.json()).reason]).toEqual([401, "not_signed_in"])
  expect(await host.auth.sessions.renew(token, {})).toBeUndefined()
  expect(await host.auth.sessions.rotate(token, {})).toBeUndefined()
  expect(host.faults).toEqual([])
}

test.each(Object.keys(forgeries))("%s is refused, and told why", async (name) => {
  const [cause, forge] = forgeries[name] ?? ["malformed", () => ""]
  const token = await forge(scene)
  expect(token).not.toBe(scene.token)
  await expectRefused(scene, token, cause)
  // What the table changes was right before: by the same keys it is taken.
  expect(await whoHas(scene.host, await signed(scene.claims))).toBe(scene.claims["sub"])
})

test.each([hmac, ed, es])("every key of the ring signs for itself: $alg", async (key) => {
  expect(await whoHas(scene.host, await signed(scene.claims, {}, key))).toBe(scene.claims["sub"])
})

describe("claims that are not of their types", () => {
  const nothing = Symbol("missing")
  const noInstants: readonly unknown[] = [
    nothing,
    null,
    "1795132800",
    "",
    true,
    [],
    [1_795_132_800],
    {},
    "NaN",
    "Infinity",
  ]
  const noTexts: readonly unknown[] = [nothing, null, "", 1, true, [], [origin], {}]

  async function refusedWith(name: string, value: unknown): Promise<void> {
    const claims = Object.fromEntries(
      Object.entries({ ...scene.claims, [name]: value }).filter(([, one]) => one !== nothing),
    )
    await expectRefused(scene, await signed(claims), "malformed")
    scene.host.clock.advance(61_000)
  }

  test.each(["exp", "iat", "auth_time", "absolute_exp"])("%s is a finite number", async (name) => {
    for (const value of noInstants) await refusedWith(name, value)
    for (const number of ["1e999", "-1e999"])
      await expectRefused(
        scene,
        await signed(
          JSON.stringify(scene.claims).replace(new RegExp(`"${name}":\\d+`), `"${name}":${number}`),
        ),
        "malformed",
      )
  })

  test("nbf may be missing, and nothing else but a finite number", async () => {
    for (const value of noInstants.slice(1)) await refusedWith("nbf", value)
    const { host, claims } = scene
    const now = host.clock() / 1000
    expect(await whoHas(host, await signed({ ...claims, nbf: now }))).toBe(claims["sub"])
    await expectRefused(scene, await signed({ ...claims, nbf: now + 31 }), "not_yet_valid")
  })

  test.each(["iss", "aud", "sub", "sid", "realm"])("%s is one text", async (name) => {
    for (const value of noTexts) await refusedWith(name, value)
  })

  test("amr is a list of texts", async () => {
    for (const value of [nothing, null, "pwd", [1], [["pwd"]], {}]) await refusedWith("amr", value)
  })

  test("ver is the record's, whatever else it is", async () => {
    for (const ver of [undefined, null, "", 0, ["x"], { length: 11 }])
      await expectRefused(scene, await signed({ ...scene.claims, ver }), "revoked")
  })

  test("a session that is another user's is not theirs", async () => {
    await expectRefused(scene, await signed({ ...scene.claims, sub: "somebody" }), "revoked")
    await expectRefused(scene, await signed({ ...scene.claims, sid: "__proto__" }), "revoked")
  })
})

describe("another host's token", () => {
  async function tokenOfOther(auth: object): Promise<string> {
    const other = app({ sessions: jwt(), stores: scene.host.stores, clock: scene.host.clock, auth })
    const outcome = await other.auth.flows.password.signIn(ada)
    return outcome.ok ? outcome.session.token : ""
  }

  test("of another secret has an unknown key, of another realm is another realm's", async () => {
    const host = app({ sessions: jwt(), stores: scene.host.stores, clock: scene.host.clock })
    const here = { ...scene, host }
    await expectRefused(here, await tokenOfOther({ secret: `${secret}x` }), "unknown_key")
    await expectRefused(here, await tokenOfOther({ realm: "admin" }), "wrong_realm")
    await expectRefused(here, await tokenOfOther({ origin: "https://other.example.com" }), "wrong_issuer")
    expect(await whoHas(host, await tokenOfOther({}))).toBe(scene.claims["sub"])
  })

  test("a new secret in front signs nobody out; the old one taken out does", async () => {
    const next = "N3wS3cr3tN3wS3cr3tQxYzAbCdEfGhIjK"
    const old = await tokenOfOther({})
    const build = (given: string | readonly [string, ...string[]]) =>
      app({ sessions: jwt(), stores: scene.host.stores, clock: scene.host.clock, auth: { secret: given } })
    expect(await whoHas(build([next, secret]), old)).toBe(scene.claims["sub"])
    await expectRefused({ ...scene, host: build(next) }, old, "unknown_key")
  })
})

describe.each(revocations)("any change of a valid token, revocation: %s", (revocation) => {
  test.each([ring[0], ring[1]])("is refused: $alg", async (first) => {
    const host = await appWithAda({ sessions: strategyOf(revocation, { keys: [first] }) })
    const { claims, token } = await signIn(host)
    expect(await host.auth.sessions.read(token)).toMatchObject({ userId: claims["sub"] })
    const anyText = fc.string({ unit: fc.constantFrom(...'ABCabc012-_.=+/ \t\n%"é\0'), maxLength: 6 })
    const change = fc.record({ at: fc.nat(token.length), removed: fc.nat(6), put: anyText })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, put, removed }) => {
        const changed = token.slice(0, at) + put + token.slice(at + removed)
        fc.pre(changed !== token)
        expect(await host.auth.sessions.read(changed)).toBeUndefined()
      }),
      { numRuns: 400 },
    )
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1)
      expect(await host.auth.sessions.read(changed)).toBeUndefined()
    }
    expect(host.faults).toEqual([])
    expect(await host.auth.sessions.read(token)).toMatchObject({ userId: claims["sub"] })
  })
})

describe("a flood of what anybody can make", () => {
  test("is refused to the last one, and fills no log: sixty a minute are told", async () => {
    const { claims, host } = scene
    for (let n = 0; n < 200; n++) expect(await host.auth.sessions.read(`x${n}.y.z`)).toBeUndefined()
    const told = () => host.events.filter(({ type }) => type === "session.token_refused")
    expect(told()).toHaveLength(60)
    // What was signed here is told all the same.
    await host.auth.sessions.read(await signed({ ...claims, realm: "admin" }))
    expect(told()).toHaveLength(61)
    host.clock.advance(60_000)
    await host.auth.sessions.read("x.y.z")
    expect(told()).toHaveLength(62)
  })

  test("what was signed here and is over is told with its user and session", async () => {
    const { browser, claims, host, token } = scene
    await browser.post("/auth/logout", { json: {} })
    await host.auth.sessions.read(token)
    expect(host.events.at(-1)).toMatchObject({
      ...{ type: "session.token_refused", cause: "revoked" },
      ...{ userId: claims["sub"], sessionId: claims["sid"] },
    })
  })
})
