import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { forgedIdTokens } from "./hostile-provider/forged-id-tokens.js"
import { type PlayedKind, play } from "./played-kind.js"
import { idTokenKinds } from "./provider-kinds.js"
import { expectRefused, jose, type Refused } from "./refused-id-token.js"

// Every forged ID token × every kind of provider that has them: refused, for its one defect.

const details: readonly (readonly [detail: string, names: readonly string[]])[] = [
  [
    jose.alg,
    [
      "no signature, alg none",
      "no signature, alg nOnE",
      "no signature, alg none, kid of the key",
      "HS256 with the public key as PEM",
      "HS256 with the public key as JWK",
      "none, unsigned, which discovery announces",
      "HS256, hmac-pem, which discovery announces",
      "HS256, hmac-jwk, which discovery announces",
      "alg that nobody knows",
    ],
  ],
  [
    jose.signature,
    [
      "signature cut off",
      "signature tampered with",
      "payload tampered with",
      "a stranger's key under the published kid",
      "a stranger's key without kid",
    ],
  ],
  [jose.form, ["not a JWT", "a fourth part", "alg that is no text", "no alg", "empty crit"]],
  ["missing", ["no text"]],
  [
    jose.noKey,
    [
      "a stranger's key under its own kid",
      "a stranger's key in the header (jwk)",
      "a stranger's key at an address in the header (jku)",
      "a stranger's key at an address in the header (x5u)",
      "unknown kid",
      "alg of another kind of key",
    ],
  ],
  [jose.unsupported, ["unknown crit"]],
  ...["iss", "sub", "aud", "exp", "iat"].map((claim) => [claim, [`no ${claim}`]] as const),
  ["nonce", ["no nonce", "nonce of another sign-in", "nonce is a list"]],
  ["iss", ["iss of another provider", "iss with a slash more", "iss is a list"]],
  ["aud", ["aud of another client", "aud is a list without the client"]],
  ["azp", ["several aud and no azp", "several aud and another azp", "another azp"]],
  ["sub", ["sub is a number", "sub is null", "sub is a list"]],
  ["exp", ["expired"]],
  ["exp", ["exp is text"]],
  ["exp", ["exp is infinite"]],
  ["iat", ["iat is text", "iat is an hour away"]],
  ["nbf", ["nbf is an hour away"]],
  ["at_hash", ["at_hash of another access token"]],
  ["claims", ["claims are a list", "claims are not JSON"]],
]

test("every forged ID token has its detail", () => {
  const names = details.flatMap(([, each]) => each)
  expect([...names, "sub is empty"].sort()).toEqual(forgedIdTokens.map(({ name }) => name).sort())
})

describe.each(idTokenKinds)("$name", (kind) => {
  let played: PlayedKind
  beforeAll(async () => {
    played = await play(kind)
    // An RSA key takes a while, and should not be made while a request waits.
    expect(played.remote.stranger.kid).not.toBe(played.remote.key.kid)
  })
  beforeEach(() => played.reset())
  afterAll(() => played.remote.stop())

  // "Another provider" is Google, which for Google's own kinds is no lie.
  const told = forgedIdTokens.filter(
    ({ name }) => name !== "iss of another provider" || !kind.played.issuer?.includes("google"),
  )

  test.each(told)("$name", async ({ name, lies }) => {
    const { remote } = played
    remote.lie(lies(remote))
    await expectRefused(played, refusedFor(name))
    expect(remote.requests.token).toHaveLength(1)
    expect(remote.requests.userinfo).toEqual([])
  })

  test("after all of them, the same host still takes the true one", async () => {
    const host = played.host()
    const browser = host.browser()
    for (const { lies } of told) {
      played.remote.lies = lies(played.remote)
      expect(await played.signIn(browser)).toBe("/sign-in?error=oauth_failed&provider=remote")
    }
    played.remote.lies = {}
    expect(await played.signIn(browser)).toBe("/workspace")
    expect(host.events.filter(({ type }) => type === "session.opened")).toHaveLength(1)
  })
})

function refusedFor(name: string): Refused {
  if (name === "sub is empty") return { cause: "profile_invalid", detail: "subject" }
  const [detail = "?"] = details.find(([, names]) => names.includes(name)) ?? []
  return { cause: "id_token_invalid", detail }
}
