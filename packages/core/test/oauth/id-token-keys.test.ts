import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { Json, JsonObject, Lies } from "./hostile-provider/lies.js"
import { newSigningKey, type SigningKey } from "./hostile-provider/signing-key.js"
import type { OAuthHost } from "./oauth-app.js"
import { type PlayedKind, play } from "./played-kind.js"
import { idTokenKinds } from "./provider-kinds.js"
import { expectIdTokenRefused, expectRefused, jose, type Refused } from "./refused-id-token.js"

// Where keys come from: the provider's own set, fetched when it must be and not when somebody wants it to be. The age of a set is told by
// the host's clock.

const cooldownMs = 5000
const keptMs = 600_000
const [twin, weak, edward]: readonly SigningKey[] = [
  newSigningKey("RS256"),
  newSigningKey("ES256"),
  newSigningKey("EdDSA"),
]

/** Key sets without a key that may have signed. */
const sets: readonly (readonly [name: string, keys: (own: SigningKey) => readonly Json[], detail: string])[] =
  [
    ["no keys", () => [], jose.noKey],
    ["keys of nobody that signed", () => [publicOf(twin), publicOf(weak), publicOf(edward)], jose.noKey],
    ["the key for encryption", (own) => [{ ...own.publicJwk, use: "enc" }], jose.noKey],
    ["the key for another algorithm", (own) => [{ ...own.publicJwk, alg: "PS256" }], jose.noKey],
    ["the key for signing only", (own) => [{ ...own.publicJwk, key_ops: ["sign"] }], jose.noKey],
    ["a secret of the same name", (own) => [secretOf(own)], jose.noKey],
    ["a secret that says it is an RSA key", (own) => [{ ...secretOf(own), crv: "RSA" }], expect.any(String)],
    ["an RSA key that says it is on a curve", (own) => [{ ...own.publicJwk, crv: "P-256" }], jose.noKey],
    ["the private key", (own) => [own.privateJwk], "TypeError"],
    ["two keys of one name", (own) => [named(twin, own), own.publicJwk], "ERR_JWKS_MULTIPLE_MATCHING_KEYS"],
    ["one key twice", (own) => [own.publicJwk, own.publicJwk], "ERR_JWKS_MULTIPLE_MATCHING_KEYS"],
    ["another key under its name", (own) => [named(twin, own)], jose.signature],
    ["a modulus that is none", (own) => [{ ...own.publicJwk, n: "AQAB" }], expect.any(String)],
  ]

/** Answers that are no key set, or none at all. */
const answers: readonly (readonly [name: string, lies: Lies, refused: Refused])[] = [
  ["an object without keys", { jwks: () => ({}) }, invalid("ERR_JWKS_INVALID")],
  ["keys that are no list", { jwks: { keys: {} } }, invalid("ERR_JWKS_INVALID")],
  ["keys that are no objects", { jwks: { keys: [1, "x", null] } }, invalid("ERR_JWKS_INVALID")],
  ["a list", { jwks: () => [] }, invalid("ERR_JWKS_INVALID")],
  ["not JSON", { answers: { jwks: { raw: "<html>" } } }, invalid("ERR_JWKS_INVALID")],
  ["an empty body", { answers: { jwks: { raw: "" } } }, invalid("ERR_JWKS_INVALID")],
  ["404", { answers: { jwks: { status: 404 } } }, invalid("ERR_JWKS_INVALID")],
  ["500", { answers: { jwks: { status: 500 } } }, unavailable("unavailable")],
  ["429", { answers: { jwks: { status: 429 } } }, unavailable("unavailable")],
  ["600 kB", { answers: { jwks: { padTo: 600_000 } } }, unavailable("too_large")],
  ["a body without end", { answers: { jwks: { endless: true } } }, unavailable("too_large")],
  ["a redirect", { answers: { jwks: { redirect: "/jwks" } } }, unavailable("redirected")],
  ["no answer", { answers: { jwks: { hangUp: true } } }, unavailable("unreachable")],
]

describe.each(idTokenKinds)("$name", (kind) => {
  let played: PlayedKind
  let host: OAuthHost
  beforeAll(async () => {
    played = await play(kind)
    expect(played.remote.stranger.kid).not.toBe(played.remote.key.kid)
  })
  beforeEach(() => {
    played.reset()
    host = played.host()
  })
  afterAll(() => played.remote.stop())

  const asked = (): number => played.remote.requests.jwks.length
  const later = (ms: number): void => played.clock.advance(ms)
  const signIn = (): Promise<string> => played.signIn(host.browser())
  const refused = (detail: string): Promise<void> => expectIdTokenRefused(played, detail, { host })

  test.each(sets)("a set with %s", async (_, keys, detail) => {
    const { key } = played.remote
    played.remote.lie({ jwks: { keys: keys(key) } })
    await refused(detail)
    played.remote.lies = {}
    later(keptMs)
    expect(await signIn()).toBe("/workspace")
  })

  test("a set with another kind of key of the same name: the one that fits is used", async () => {
    const { key } = played.remote
    played.remote.lie({ jwks: { keys: [named(weak, key), secretOf(key), key.publicJwk] } })
    expect(await signIn()).toBe("/workspace")
    // Signed by the other, under that name.
    played.remote.lie({ idToken: { key: { ...(weak as SigningKey), kid: key.kid } } })
    expect(await signIn()).toBe("/workspace")
  })

  test("a secret in the set signs nothing", async () => {
    const { key } = played.remote
    const jwks = {
      keys: [{ ...secretOf(key), alg: "HS256", k: Buffer.from(key.publicPem).toString("base64url") }],
    }
    played.remote.lie({ jwks, idToken: { signature: "hmac-pem" } })
    await refused(jose.alg)
  })

  test.each(answers)("%s in place of a set; the next one is asked for at once", async (_, lies, expected) => {
    played.remote.lie(lies)
    const reason = expected.cause === "provider_unavailable" ? "oauth_unavailable" : "oauth_failed"
    await expectRefused(played, expected, { host, reason })
    played.remote.lies = {}
    expect(await signIn()).toBe("/workspace")
    expect(asked()).toBe(2)
  })

  test("the set is asked for once in ten minutes, by however many", async () => {
    const all = await Promise.all(Array.from({ length: 16 }, () => played.signIn(host.browser())))
    expect(new Set(all)).toEqual(new Set(["/workspace"]))
    expect(asked()).toBe(1)
    later(keptMs - 1000)
    await signIn()
    expect(asked()).toBe(1)
    later(2000)
    await signIn()
    expect(asked()).toBe(2)
  })

  test("an unknown kid has it asked for again, once per cool-down, by however many", async () => {
    await signIn()
    played.remote.lie({ idToken: { header: { kid: "nowhere" } } })
    for (let round = 0; round < 3; round++) await refused(jose.noKey)
    expect(asked()).toBe(1)
    for (const times of [2, 3]) {
      later(cooldownMs + 1)
      await Promise.all(Array.from({ length: 16 }, () => played.signIn(host.browser())))
      expect(asked()).toBe(times)
      await refused(jose.noKey)
      expect(asked()).toBe(times)
    }
    expect(host.events.filter(({ type }) => type === "session.opened")).toHaveLength(1)
  })

  test.each(["drop", "keep"] as const)(
    "keys are rotated between two sign-ins, the earlier one: %s",
    async (earlier) => {
      await signIn()
      const first = played.remote.key
      played.remote.rotateKeys({ earlier })
      await refused(jose.noKey)
      expect(asked()).toBe(1)
      later(cooldownMs + 1)
      expect(await signIn()).toBe("/workspace")
      expect(await signIn()).toBe("/workspace")
      expect(asked()).toBe(2)
      played.remote.lie({ idToken: { key: first } })
      if (earlier === "keep") expect(await signIn()).toBe("/workspace")
      else await refused(jose.noKey)
    },
  )

  test("keys are rotated while a browser is at the provider", async () => {
    await signIn()
    const browser = host.browser()
    const { parameters } = await played.depart(browser)
    later(cooldownMs + 1)
    played.remote.rotateKeys()
    const answer = await played.comeBack(browser, parameters)
    expect(answer.headers.get("location")).toBe("/workspace")
    expect(asked()).toBe(2)
  })

  test("a key that was withdrawn is believed for ten minutes at most", async () => {
    await signIn()
    const withdrawn = played.remote.key
    played.remote.rotateKeys()
    played.remote.lie({ idToken: { key: withdrawn } })
    later(keptMs + 1)
    await refused(jose.noKey)
  })

  test("a set that cannot be had again keeps nobody out who needs no new key", async () => {
    await signIn()
    played.remote.lie({ answers: { jwks: { hangUp: true } } })
    later(cooldownMs + 1)
    expect(await signIn()).toBe("/workspace")
    played.remote.lie({ idToken: { header: { kid: "nowhere" } } })
    await expectRefused(played, unavailable("unreachable"), { host, reason: "oauth_unavailable" })
  })
})

function publicOf(key: SigningKey | undefined): JsonObject {
  return key?.publicJwk ?? {}
}

/** A key under the name of another. */
function named(key: SigningKey | undefined, { kid }: SigningKey): JsonObject {
  return { ...publicOf(key), kid }
}

/** A shared secret where a public key should be. */
function secretOf({ alg, kid }: SigningKey): JsonObject {
  return { kty: "oct", k: "c2VjcmV0LXRoYXQtZXZlcnlib2R5LWNhbi1yZWFk", kid, alg, use: "sig" }
}

function invalid(detail: string): Refused {
  return { cause: "id_token_invalid", detail }
}

function unavailable(detail: string): Refused {
  return { cause: "provider_unavailable", detail }
}
