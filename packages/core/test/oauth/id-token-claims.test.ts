import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { JsonObject, JwtLies } from "./hostile-provider/lies.js"
import type { Algorithm } from "./hostile-provider/signing-key.js"
import { locationOf } from "./oauth-app.js"
import { expectNobody, type PlayedKind, play, refusalIn } from "./played-kind.js"
import { idTokenKinds } from "./provider-kinds.js"
import { expectRefused, jose, type Refused } from "./refused-id-token.js"

// At the edges of every claim and header (OpenID Connect Core §3.1.3.7, RFC 8725): what is just right, and what just is not.

type Claims = (truth: JsonObject) => JsonObject

/** The token is issued in this very second. */
const at = (claim: string, seconds: number): Claims => {
  return (truth) => ({ ...truth, [claim]: Number(truth["iat"]) + seconds })
}
const is = (claims: JsonObject): Claims => {
  return (truth) => ({ ...truth, ...claims })
}
const aud = (make: (own: string) => JsonObject): Claims => {
  return (truth) => ({ ...truth, ...make(String(truth["aud"])) })
}

const right: readonly (readonly [name: string, claims: Claims])[] = [
  ["aud is a list of the client alone", aud((own) => ({ aud: [own] }))],
  ["several aud, and azp is the client", aud((own) => ({ aud: ["another", own], azp: own }))],
  ["one aud, and azp is the client", aud((own) => ({ azp: own }))],
  ["exp 29 seconds ago", at("exp", -29)],
  ["nbf in 30 seconds", at("nbf", 30)],
  ["iat in 30 seconds", at("iat", 30)],
  ["iat 10 minutes and 30 seconds ago", at("iat", -630)],
  ["exp and iat with a fraction", (truth) => ({ ...at("exp", 0.5)(truth), iat: Number(truth["iat"]) + 0.5 })],
  ["no at_hash", is({ at_hash: undefined })],
  ["sub of 255 characters", is({ sub: "x".repeat(255) })],
  ["sub with the character that stands between issuer and subject", is({ sub: "auth0|5f7c8ec7" })],
  ["claims that nobody knows", is({ role: "admin", emailVerified: true, constructor: "x" })],
]

const wrong: readonly (readonly [name: string, claims: Claims, detail: string])[] = [
  ["iss is empty", is({ iss: "" }), "iss"],
  ["iss is null", is({ iss: null }), "iss"],
  ["iss in other case", (truth) => ({ ...truth, iss: `${truth["iss"]}`.toUpperCase() }), "iss"],
  ["iss with a query", (truth) => ({ ...truth, iss: `${truth["iss"]}?x` }), "iss"],
  ["aud is empty", is({ aud: "" }), "aud"],
  ["aud is an empty list", is({ aud: [] }), "aud"],
  ["aud is an object", aud((own) => ({ aud: { [own]: true } })), "aud"],
  ["aud is a list in a list", aud((own) => ({ aud: [[own]] })), "aud"],
  ["aud in other case", aud((own) => ({ aud: own.toUpperCase() })), "aud"],
  ["aud begins with the client", aud((own) => ({ aud: `${own}2` })), "aud"],
  ["the client twice in aud, and no azp", aud((own) => ({ aud: [own, own] })), "azp"],
  ["azp is null", is({ azp: null }), "azp"],
  ["azp is empty", is({ azp: "" }), "azp"],
  ["azp is a list", aud((own) => ({ azp: [own] })), "azp"],
  ["nonce is empty", is({ nonce: "" }), "nonce"],
  ["nonce is null", is({ nonce: null }), "nonce"],
  ["nonce is cut", (truth) => ({ ...truth, nonce: `${truth["nonce"]}`.slice(1) }), "nonce"],
  ["nonce is true", is({ nonce: true }), "nonce"],
  ["exp 30 seconds ago", at("exp", -30), "exp"],
  ["exp is null", is({ exp: null }), "exp"],
  ["exp is zero", is({ exp: 0 }), "exp"],
  ["nbf in 31 seconds", at("nbf", 31), "nbf"],
  ["nbf is text", is({ nbf: "0" }), "nbf"],
  ["iat in 31 seconds", at("iat", 31), "iat"],
  ["iat 10 minutes and 31 seconds ago", at("iat", -631), "iat"],
  ["iat is null", is({ iat: null }), "iat"],
  ["at_hash is empty", is({ at_hash: "" }), "at_hash"],
  ["at_hash is null", is({ at_hash: null }), "at_hash"],
  ["at_hash is padded", (truth) => ({ ...truth, at_hash: `${truth["at_hash"]}==` }), "at_hash"],
]

const subjects: readonly (readonly [name: string, sub: string])[] = [
  ["of 256 characters", "x".repeat(256)],
  ["with a line feed", "24\n8289761001"],
  ["that ends in a line feed", "248289761001\n"],
  ["with NUL", "248289761001\0"],
  ["with a space", "248289 761001"],
  ["of other letters", "адa"],
  ["with an invisible character", "248289761001\u200b"],
]

const headers: readonly (readonly [
  name: string,
  header: (trap: string, stranger: JsonObject) => JsonObject,
])[] = [
  ["typ JWT", () => ({ typ: "JWT" })],
  ["an address of keys (jku)", (trap) => ({ jku: trap })],
  ["an address of certificates (x5u)", (trap) => ({ x5u: trap })],
  ["a stranger's key (jwk)", (_, stranger) => ({ jwk: stranger })],
  ["certificates (x5c)", () => ({ x5c: ["MIIB"], x5t: "x" })],
]

describe.each(idTokenKinds)("$name", (kind) => {
  let played: PlayedKind
  beforeAll(async () => {
    played = await play(kind)
    // An RSA key takes a while, and should not be made while a request waits.
    expect(played.remote.stranger.kid).not.toBe(played.remote.key.kid)
  })
  beforeEach(() => played.reset())
  afterAll(() => played.remote.stop())

  const tell = (idToken: JwtLies): void => played.remote.lie({ idToken })

  test.each(right)("right: %s", async (_, claims) => {
    tell({ claims })
    expect(await played.signIn(played.host().browser())).toBe("/workspace")
  })

  test.each(wrong)("wrong: %s", async (_, claims, detail) => {
    tell({ claims })
    await expectRefused(played, { cause: "id_token_invalid", detail })
  })

  test.each(["iat", "nbf"])("wrong: %s is infinite", async (claim) => {
    tell({
      claims: (truth) => ({ ...truth, [claim]: 1 }),
      payload: (text) => text.replace(`"${claim}":1`, `"${claim}":1e999`),
    })
    await expectRefused(played, { cause: "id_token_invalid", detail: claim })
  })

  test.each(subjects)("wrong: sub %s", async (_, sub) => {
    tell({ claims: { sub } })
    const refused: Refused = { cause: "profile_invalid", detail: "subject" }
    await expectRefused(played, refused)
  })

  test("wrong: the nonce of another attempt of the same browser", async () => {
    const host = played.host()
    const browser = host.browser()
    const earlier = await played.depart(browser)
    const { parameters } = await played.depart(browser)
    tell({ claims: { nonce: earlier.url.searchParams.get("nonce") ?? "" } })
    await played.comeBack(browser, parameters)
    expect(refusalIn(host)).toMatchObject({ cause: "id_token_invalid", detail: "nonce" })
    await expectNobody(host, browser)
  })

  test("wrong: the ID token of an earlier sign-in of the same user, with its access token", async () => {
    const host = played.host()
    const browser = host.browser()
    let kept = ""
    tell({ token: (compact) => (kept ||= compact) })
    expect(await played.signIn(browser)).toBe("/workspace")
    const { parameters } = await played.depart(host.browser())
    expect(locationOf(await played.comeBack(browser, parameters))).toContain("oauth_state_mismatch")
    expect(await played.signIn(browser)).toBe("/sign-in?error=oauth_failed&provider=remote")
    expect(host.events.at(-1)).toMatchObject({ cause: "id_token_invalid", detail: "nonce" })
  })

  test.each(headers)("what the header says of keys is not looked at: %s", async (_, header) => {
    const { remote } = played
    tell({ header: header(remote.trap, remote.stranger.publicJwk) })
    expect(await played.signIn(played.host().browser())).toBe("/workspace")
    expect([remote.requests.trap, remote.requests.unknown]).toEqual([[], []])
    tell({
      header: { ...header(remote.trap, remote.stranger.publicJwk), kid: undefined },
      key: remote.stranger,
    })
    await expectRefused(played, { cause: "id_token_invalid", detail: jose.signature })
  })

  test.each(["jwt", "application/jwt", undefined])("right: typ %s", async (typ) => {
    tell({ header: { typ } })
    expect(await played.signIn(played.host().browser())).toBe("/workspace")
  })

  // RFC 8725 §3.11: a token of another kind, of the same issuer and key.
  test.each(["at+jwt", "application/at+jwt", "logout+jwt", "dpop+jwt", "JWTx", "", 1, null])(
    "wrong: typ %j",
    async (typ) => {
      tell({ header: { typ } })
      await expectRefused(played, { cause: "id_token_invalid", detail: "typ" })
    },
  )

  test("wrong: a payload that is signed without encoding (RFC 7797)", async () => {
    const { key } = played.remote
    const encoded = (text: string | Buffer): string => Buffer.from(text).toString("base64url")
    tell({
      token(compact) {
        const header = encoded(JSON.stringify({ alg: key.alg, kid: key.kid, b64: false, crit: ["b64"] }))
        // JSON can do without the dots that would end it here.
        const claims = Buffer.from(compact.split(".")[1] ?? "", "base64url")
        const signed = `${header}.${claims.toString("utf8").replaceAll(".", "\\u002e")}`
        return `${signed}.${encoded(key.sign(signed))}`
      },
    })
    await expectRefused(played, { cause: "id_token_invalid", detail: "claims" })
  })

  test.each<[Algorithm, string]>([
    ["ES256", "sha512"],
    ["PS256", "sha512"],
    ["EdDSA", "sha256"],
  ])("%s is right, with the at_hash of its own hash function only", async (alg, other) => {
    played.remote.rotateKeys({ alg })
    expect(await played.signIn(played.host().browser())).toBe("/workspace")
    let accessToken = ""
    played.remote.lie({
      token: (truth) => {
        accessToken = String(truth["access_token"])
        return truth
      },
    })
    await played.signIn(played.host().browser())
    // The token is signed before it is known here, so the next one keeps the same access token.
    played.remote.lie({
      token: (truth) => ({ ...truth, access_token: accessToken }),
      idToken: { claims: { at_hash: halfHash(other, accessToken) } },
    })
    await expectRefused(played, { cause: "id_token_invalid", detail: "at_hash" })
    const own = other === "sha512" ? "sha256" : "sha512"
    tell({ claims: { at_hash: halfHash(own, accessToken) } })
    expect(await played.signIn(played.host().browser())).toBe("/workspace")
  })
})

function halfHash(hash: string, text: string): string {
  const digest = createHash(hash).update(text).digest()
  return digest.subarray(0, digest.length / 2).toString("base64url")
}
