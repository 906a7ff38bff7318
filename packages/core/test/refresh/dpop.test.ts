import { generateKeyPair } from "jose"
import { describe, expect, test } from "vitest"
import { incomingOf } from "../../src/http/incoming.js"
import type { AuthEvent } from "../../src/index.js"
import { race } from "../../src/testing/race.js"
import { ada, origin } from "../app.js"
import { type ProofChanges, type Prover, prover } from "./prover.js"
import {
  type Heard,
  outcomeOf,
  payloadOf,
  refreshWith,
  send,
  signIn,
  type TokenAppOptions,
  type TokenHost,
  tokenApp,
  tokensOf,
  whoIs,
  withAda,
} from "./token-app.js"

const login = { method: "POST", path: "/auth/login" }
const refreshing = { method: "POST", path: "/auth/refresh" }
const session = { method: "GET", path: "/auth/session" }

async function boundIn(host: TokenHost, client: Prover): Promise<Heard["body"]> {
  const heard = await signIn(host, { dpop: await client.prove({ ...login, now: host.clock() }) })
  if (heard.status !== 200) throw new Error(outcomeOf(heard))
  return heard.body
}

/** Who a bound token signs in, with this proof. */
async function whoBy(host: TokenHost, token: string, dpop: string, scheme = "DPoP"): Promise<string | null> {
  const headers = { authorization: `${scheme} ${token}`, dpop }
  return (await send(host.auth, "GET", "/auth/session", { headers })).body.user?.id ?? null
}

function lastRefusal({ events }: TokenHost): Partial<Extract<AuthEvent, { type: "session.token_refused" }>> {
  return (events.filter(({ type }) => type === "session.token_refused").at(-1) ?? {}) as object
}

describe.each(["ES256", "EdDSA"])("a client with a key of %s", (alg) => {
  test("signs in, reads, refreshes, again and again", async () => {
    const host = await withAda()
    const client = await prover(alg)
    let tokens = await boundIn(host, client)
    for (let n = 0; n < 3; n++) {
      expect(tokens.token_type).toBe("DPoP")
      expect(payloadOf(tokens.access_token)["cnf"]).toEqual({ jkt: client.thumbprint })
      const proof = await client.prove({ ...session, now: host.clock(), token: tokens.access_token })
      expect(await whoBy(host, tokens.access_token, proof)).toBe(host.user.id)
      host.clock.advance(100_000)
      const dpop = await client.prove({ ...refreshing, now: host.clock() })
      const heard = await refreshWith(host, tokens.refresh_token, { dpop })
      expect(outcomeOf(heard)).toBe("ok")
      tokens = heard.body
    }
  })
})

describe("what a thief does with a bound token", () => {
  test("the refresh token without the key: refused, and the owner goes on", async () => {
    const host = await withAda()
    const [client, thief] = [await prover(), await prover()]
    const { refresh_token } = await boundIn(host, client)
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("dpop_proof_invalid")
    expect(host.events.at(-1)).toMatchObject({
      ...{ type: "refresh_token.refused", cause: "proof_invalid", detail: "missing" },
      userId: host.user.id,
    })
    const theirs = await thief.prove({ ...refreshing, now: host.clock() })
    const heard = await refreshWith(host, refresh_token, { dpop: theirs })
    expect([heard.status, outcomeOf(heard)]).toEqual([401, "dpop_proof_invalid"])
    expect(host.events.at(-1)).toMatchObject({ detail: "wrong_key" })
    const dpop = await client.prove({ ...refreshing, now: host.clock() })
    expect(outcomeOf(await refreshWith(host, refresh_token, { dpop }))).toBe("ok")
  })

  test("schemes are not mixed up, either way", async () => {
    const host = await withAda()
    const client = await prover()
    const bound = (await boundIn(host, client)).access_token
    const bearer = (await tokensOf(host)).access_token
    const proofOf = (token: string): Promise<string> => client.prove({ ...session, now: host.clock(), token })
    expect(await whoIs(host, bound)).toBeNull()
    expect(await whoBy(host, bound, await proofOf(bound), "Bearer")).toBeNull()
    expect(lastRefusal(host)).toMatchObject({ cause: "wrong_scheme" })
    expect(await whoBy(host, bearer, await proofOf(bearer))).toBeNull()
    expect(await whoIs(host, bearer, "DPoP")).toBeNull()
    expect(await host.auth.sessions.read(bound)).toBeUndefined()
    expect(await whoBy(host, bearer, await proofOf(bearer), "Bearer")).toBe(host.user.id)
    expect(await whoBy(host, bound, await proofOf(bound))).toBe(host.user.id)
  })

  test("a proof is good once: of 16 at two instances one, for reading and for refreshing", async () => {
    const host = await withAda()
    const twin = tokenApp({ clock: host.clock, stores: host.stores })
    const client = await prover()
    const { access_token, refresh_token } = await boundIn(host, client)
    const proof = await client.prove({ ...session, now: host.clock(), token: access_token })
    const read = await race(16, [
      () => whoBy(host, access_token, proof),
      () => whoBy(twin, access_token, proof),
    ])
    expect(read.filter(Boolean)).toHaveLength(1)
    expect([lastRefusal(host).detail, lastRefusal(twin).detail]).toEqual(["replayed", "replayed"])
    const dpop = await client.prove({ ...refreshing, now: host.clock() })
    const heard = await race(16, [
      () => refreshWith(host, refresh_token, { dpop }),
      () => refreshWith(twin, refresh_token, { dpop }),
    ])
    expect(heard.filter(({ status }) => status === 200)).toHaveLength(1)
    host.clock.advance(60_000)
    expect(await whoBy(host, access_token, proof)).toBeNull()
  })

  test("one request may be read more than once: a guard, then a step", async () => {
    const host = await withAda()
    const client = await prover()
    const { access_token } = await boundIn(host, client)
    const dpop = await client.prove({ ...session, now: host.clock(), token: access_token })
    const headers = { authorization: `DPoP ${access_token}`, dpop }
    const incoming = incomingOf(new Request(`${origin}/auth/session`, { headers }))
    for (let n = 0; n < 3; n++) {
      expect((await host.auth.authenticate(incoming)).principal?.userId).toBe(host.user.id)
    }
    const second = incomingOf(new Request(`${origin}/auth/session`, { headers }))
    expect((await host.auth.authenticate(second)).principal).toBeUndefined()
  })
})

/** What may be wrong with a proof, and how the event names it. */
const hostile: readonly (readonly [
  string,
  string,
  (client: Prover, now: number) => ProofChanges | Promise<ProofChanges>,
])[] = [
  ["another type", "wrong_type", () => ({ header: { typ: "JWT" } })],
  ["an access token's type", "wrong_type", () => ({ header: { typ: "at+jwt" } })],
  ["no type", "wrong_type", () => ({ header: { typ: undefined } })],
  ["no key", "wrong_algorithm", () => ({ header: { jwk: undefined } })],
  ["a key that is a list", "wrong_algorithm", () => ({ header: { jwk: [] } })],
  [
    "a key of another kind than its algorithm",
    "wrong_algorithm",
    async () => ({ header: { jwk: (await prover("EdDSA")).jwk } }),
  ],
  ["a key on another curve", "wrong_algorithm", ({ jwk }) => ({ header: { jwk: { ...jwk, crv: "P-384" } } })],
  ["a key that is no point", "malformed", ({ jwk }) => ({ header: { jwk: { ...jwk, x: jwk.y } } })],
  ["the private key", "private_key", ({ privateJwk }) => ({ header: { jwk: privateJwk } })],
  ["an empty private member", "private_key", ({ jwk }) => ({ header: { jwk: { ...jwk, d: "" } } })],
  ["a symmetric member", "private_key", ({ jwk }) => ({ header: { jwk: { ...jwk, k: "AAAA" } } })],
  [
    "somebody else's signature",
    "bad_signature",
    async () => ({ key: (await generateKeyPair("ES256")).privateKey }),
  ],
  ["another method", "wrong_method", () => ({ claims: { htm: "GET" } })],
  ["the method in lower case", "wrong_method", () => ({ claims: { htm: "post" } })],
  ["another path", "wrong_target", () => ({ claims: { htu: `${origin}/auth/login` } })],
  ["another origin", "wrong_target", () => ({ claims: { htu: "https://evil.example/auth/refresh" } })],
  ["another scheme", "wrong_target", () => ({ claims: { htu: "http://app.example.com/auth/refresh" } })],
  ["another port", "wrong_target", () => ({ claims: { htu: "https://app.example.com:8443/auth/refresh" } })],
  [
    "a user in the address",
    "wrong_target",
    () => ({ claims: { htu: "https://x@app.example.com/auth/refresh" } }),
  ],
  ["a path alone", "wrong_target", () => ({ claims: { htu: "/auth/refresh" } })],
  ["a path in another case", "wrong_target", () => ({ claims: { htu: `${origin}/auth/Refresh` } })],
  ["a slash more", "wrong_target", () => ({ claims: { htu: `${origin}/auth/refresh/` } })],
  ["an escaped slash", "wrong_target", () => ({ claims: { htu: `${origin}/auth%2Frefresh` } })],
  ["a minute and a second old", "not_now", (_, now) => ({ claims: { iat: now / 1000 - 61 } })],
  ["a minute and a second ahead", "not_now", (_, now) => ({ claims: { iat: now / 1000 + 61 } })],
  ["no instant", "malformed", () => ({ claims: { iat: undefined } })],
  ["an instant as text", "malformed", (_, now) => ({ claims: { iat: `${now / 1000}` } })],
  ["no id", "malformed", () => ({ claims: { jti: undefined } })],
  ["an empty id", "malformed", () => ({ claims: { jti: "" } })],
  ["an id that is a number", "malformed", () => ({ claims: { jti: 7 } })],
  ["an id of 257 characters", "malformed", () => ({ claims: { jti: "x".repeat(257) } })],
  ["no method", "malformed", () => ({ claims: { htm: undefined } })],
  ["no target", "malformed", () => ({ claims: { htu: undefined } })],
  ["a target that is a list", "malformed", () => ({ claims: { htu: [`${origin}/auth/refresh`] } })],
  ["a token's digest that is none", "malformed", () => ({ claims: { ath: 7 } })],
  ["more than 4 KiB", "malformed", () => ({ claims: { more: "x".repeat(4096) } })],
]

describe("hostile proofs", () => {
  test.each(hostile)("%s: %s", async (_, detail, changesOf) => {
    const host = await withAda()
    const client = await prover()
    const now = host.clock()
    const { refresh_token } = await boundIn(host, client)
    const changes = await changesOf(client, now)
    const dpop = await client.prove({ ...refreshing, now }, changes)
    expect(outcomeOf(await refreshWith(host, refresh_token, { dpop }))).toBe("dpop_proof_invalid")
    expect(host.events.at(-1)).toMatchObject({ type: "refresh_token.refused", detail })
    // The same where a session is to be bound, before the password is looked at.
    const { claims = {} } = changes
    const target = "htm" in claims || "htu" in claims ? {} : { htu: `${origin}/auth/login` }
    const proof = await client.prove({ ...login, now }, { ...changes, claims: { ...claims, ...target } })
    const before = host.events.length
    const heard = await signIn(host, { dpop: proof })
    if (detail !== "wrong_target" || claims["htu"] !== `${origin}/auth/login`) {
      expect([heard.status, outcomeOf(heard)]).toEqual([401, "dpop_proof_invalid"])
      expect(host.events.slice(before).map(({ type }) => type)).toEqual(["session.token_refused"])
    }
    const good = await client.prove({ ...refreshing, now })
    expect(outcomeOf(await refreshWith(host, refresh_token, { dpop: good }))).toBe("ok")
  })

  test("no JWT, unsigned ones, symmetric ones, RSA, two of them in one header", async () => {
    const host = await withAda()
    const client = await prover()
    const now = host.clock()
    const { refresh_token } = await boundIn(host, client)
    const good = await client.prove({ ...refreshing, now })
    const [head = "", payload = "", signature = ""] = good.split(".")
    const header = JSON.parse(Buffer.from(head, "base64url").toString())
    const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
    const rsa = await prover("RS256")
    const hmac = { typ: "dpop+jwt", alg: "HS256", jwk: { kty: "oct", k: "AAAA" } }
    for (const dpop of [
      ...["x", "a.b.c", `${head}.${payload}`, `${head}.${payload}.`, `${good}.x`, `${good}, ${good}`],
      `${encoded({ ...header, alg: "none" })}.${payload}.`,
      `${encoded({ ...header, alg: "none" })}.${payload}.${signature}`,
      `${encoded(hmac)}.${payload}.${signature}`,
      `${encoded({ ...header, alg: "__proto__" })}.${payload}.${signature}`,
      `${head}.${encoded([])}.${signature}`,
      `${encoded({ ...header, crit: ["x"], x: 1 })}.${payload}.${signature}`,
      await rsa.prove({ ...refreshing, now }),
    ])
      expect([dpop, outcomeOf(await refreshWith(host, refresh_token, { dpop }))]).toEqual([
        dpop,
        "dpop_proof_invalid",
      ])
    expect(outcomeOf(await refreshWith(host, refresh_token, { dpop: good }))).toBe("ok")
  })

  test("what is the same address by RFC 3986 passes: query, fragment, case of host, default port, escapes, dots", async () => {
    const host = await withAda()
    const client = await prover()
    const now = host.clock()
    let { refresh_token } = await boundIn(host, client)
    for (const htu of [
      `${origin}/auth/refresh?x=1`,
      `${origin}/auth/refresh#x`,
      "HTTPS://APP.example.COM:443/auth/refresh",
      `${origin}/auth/%72efresh`,
      `${origin}/auth/x/../refresh`,
    ]) {
      const dpop = await client.prove({ ...refreshing, now }, { claims: { htu } })
      const heard = await refreshWith(host, refresh_token, { dpop })
      expect([htu, outcomeOf(heard)]).toEqual([htu, "ok"])
      refresh_token = heard.body.refresh_token
    }
  })

  test("the edge of the minute, both ways; a used one is remembered to the end of it", async () => {
    const host = await withAda()
    const client = await prover()
    const { access_token } = await boundIn(host, client)
    const now = host.clock()
    for (const seconds of [-60, 60]) {
      const claims = { iat: now / 1000 + seconds }
      const proof = await client.prove({ ...session, now, token: access_token }, { claims })
      expect(await whoBy(host, access_token, proof)).toBe(host.user.id)
      if (seconds < 0) continue
      host.clock.advance(120_000)
      expect(await whoBy(host, access_token, proof)).toBeNull()
      expect(lastRefusal(host).detail).toBe("replayed")
      host.clock.advance(1)
      expect(await whoBy(host, access_token, proof)).toBeNull()
      expect(lastRefusal(host).detail).toBe("not_now")
    }
  })

  test("a proof for one access token is none for another, nor one without a token", async () => {
    const host = await withAda()
    const client = await prover()
    const now = host.clock()
    const [one, other] = [await boundIn(host, client), await boundIn(host, client)]
    for (const token of [other.access_token, undefined]) {
      const proof = await client.prove({ ...session, now, ...(token === undefined ? {} : { token }) })
      expect(await whoBy(host, one.access_token, proof)).toBeNull()
      expect(lastRefusal(host)).toMatchObject({ cause: "proof_invalid", detail: "wrong_token" })
    }
  })
})

describe("configured", () => {
  const withDpop = (dpop: "required" | "off"): TokenAppOptions => ({ refresh: { dpop } })

  test("required: no tokens without a proof, none of before, and cookies as ever", async () => {
    const host = await withAda()
    const bearer = await tokensOf(host)
    const required = tokenApp({ clock: host.clock, stores: host.stores, ...withDpop("required") })
    const refused = await signIn(required)
    expect([refused.status, outcomeOf(refused)]).toEqual([401, "dpop_proof_invalid"])
    expect(await whoIs(required, bearer.access_token)).toBeNull()
    expect(outcomeOf(await refreshWith(required, bearer.refresh_token))).toBe("dpop_proof_invalid")
    const tokens = await boundIn(required, await prover())
    expect(tokens.token_type).toBe("DPoP")
    const browser = required.browser()
    expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
  })

  test("off: no new binding; what is bound stays bound", async () => {
    const host = await withAda()
    const client = await prover()
    const bound = await boundIn(host, client)
    const off = tokenApp({ clock: host.clock, stores: host.stores, ...withDpop("off") })
    const dpop = await client.prove({ ...login, now: host.clock() })
    expect((await signIn(off, { dpop })).body.token_type).toBe("Bearer")
    expect(await whoIs(off, bound.access_token)).toBeNull()
    expect(outcomeOf(await refreshWith(off, bound.refresh_token))).toBe("dpop_proof_invalid")
  })
})
