import type { JWK, JWSHeaderParameters } from "jose"
import { expect, test } from "vitest"
import { publishedKeys } from "../../src/flows/oauth/providers/published-keys.js"
import type { Network } from "../../src/network/network.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"

// What sign-ins through the handler cannot show of a key set: answers that never come, and keys of many kinds. The rest is in
// id-token-keys.test.ts.

type Answer = JWK[] | "never" | "fails"

/** A key set over answers that are given out one by one; the last is given again. */
function keysFrom(...answers: readonly Answer[]) {
  const clock = adjustableClock(1_700_000_000_000)
  let asked = 0
  const network: Network = {
    checked: (url) => new URL(url),
    fetch(): Promise<Response> {
      const answer = answers[asked] ?? answers.at(-1)
      asked += 1
      if (answer === "never") return new Promise(() => undefined)
      return answer === "fails"
        ? Promise.reject(new Error("down"))
        : Promise.resolve(Response.json({ keys: answer }))
    },
  }
  const keyFor = publishedKeys("https://id.example.com/keys", { clock, network, redirectUri: "-" })
  return { clock, keyFor, asked: () => asked }
}

const rsa: JWK = { kty: "RSA", kid: "rsa" }
const p256: JWK = { kty: "EC", crv: "P-256", kid: "p256" }
const p384: JWK = { kty: "EC", crv: "P-384", kid: "p384" }
const edward: JWK = { kty: "OKP", crv: "Ed25519", kid: "edward" }
const exchange: JWK = { kty: "OKP", crv: "X25519", kid: "exchange" }
const secret: JWK = { kty: "oct", kid: "secret" }
const all = [secret, exchange, rsa, p256, p384, edward]

test.each<[JWSHeaderParameters["alg"] & string, JWK]>([
  ["RS256", rsa],
  ["PS512", rsa],
  ["ES256", p256],
  ["ES384", p384],
  ["EdDSA", edward],
  ["Ed25519", edward],
])("for %s without a kid, the one key of its kind", async (alg, key) => {
  expect(await keysFrom(all).keyFor({ alg })).toEqual(key)
})

test.each(["HS256", "none", "ES512", "X25519", "constructor", ""])("no key for %s", async (alg) => {
  await expect(keysFrom(all).keyFor({ alg })).rejects.toMatchObject({ detail: "ERR_JWKS_NO_MATCHING_KEY" })
})

test("an answer that never comes is waited for by nobody who comes five seconds later", async () => {
  const { asked, clock, keyFor } = keysFrom("never", all)
  const waiting = [keyFor({ alg: "RS256" })]
  clock.advance(4999)
  waiting.push(keyFor({ alg: "RS256" }))
  expect(asked()).toBe(1)
  clock.advance(1)
  expect(await keyFor({ alg: "RS256" })).toEqual(rsa)
  expect(asked()).toBe(2)
  expect(await Promise.race([...waiting, "still waiting"])).toBe("still waiting")
})

test("a set that is asked for again in vain stays, and is asked for again by the next who needs it", async () => {
  const { asked, clock, keyFor } = keysFrom([rsa], "fails", [rsa, p256])
  await keyFor({ alg: "RS256" })
  clock.advance(5000)
  await expect(keyFor({ alg: "ES256" })).rejects.toThrow("down")
  expect(await keyFor({ alg: "RS256" })).toEqual(rsa)
  expect(asked()).toBe(2)
  expect(await keyFor({ alg: "ES256" })).toEqual(p256)
  expect(asked()).toBe(3)
})
