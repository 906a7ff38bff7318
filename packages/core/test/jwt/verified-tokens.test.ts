import { expect, test } from "vitest"
import { type VerifiedTokens, verifiedTokens } from "../../src/sessions/jwt/verified-tokens.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"

const claims = {
  iss: "i",
  aud: "a",
  realm: "r",
  sub: "s",
  sid: "i",
  iat: 0,
  exp: 60,
  auth_time: 0,
  amr: [],
  absolute_exp: 60,
}
const token = (text: string): string => `head.${text}.signature-of-forty-three-characters-as-it-was`

function cache(): { clock: ReturnType<typeof adjustableClock>; verified: VerifiedTokens } {
  const clock = adjustableClock(0)
  return { clock, verified: verifiedTokens(({ exp }) => exp, clock) }
}

test("what comes a second time is kept to its end, and is frozen", () => {
  const { clock, verified } = cache()
  verified.keep(token("one"), { ...claims })
  expect(verified.find(token("one"))).toBeUndefined()
  verified.keep(token("one"), { ...claims })
  expect(verified.find(token("one"))).toEqual(claims)
  expect(verified.find(token("one"))).toSatisfy(Object.isFrozen)
  clock.advance(59_999)
  expect(verified.find(token("one"))).toBeDefined()
  clock.advance(1)
  expect(verified.find(token("one"))).toBeUndefined()
})

test("a token that shares its door with one that is kept is not that one", () => {
  const { verified } = cache()
  for (let times = 0; times < 2; times++) verified.keep(token("one"), { ...claims })
  expect(verified.find(token("two"))).toBeUndefined()
})

test("what is used stays while thousands come and go, what is not goes", () => {
  const { verified } = cache()
  const kept = (text: string): void => {
    for (let times = 0; times < 2; times++) verified.keep(`head.body.${text.padEnd(43, text)}`, { ...claims })
  }
  const used = `head.body.${"used".padEnd(43, "used")}`
  kept("used")
  kept("idle")
  for (let count = 0; count < 12_000; count++) {
    kept(`${count}-`)
    if (count % 1_000 === 0) expect(verified.find(used)).toBeDefined()
  }
  expect(verified.find(`head.body.${"idle".padEnd(43, "idle")}`)).toBeUndefined()
})
