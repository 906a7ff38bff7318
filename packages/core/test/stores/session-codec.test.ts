import fc from "fast-check"
import { expect, test } from "vitest"
import { packSession, unpackSession } from "../../src/stores/memory/session-codec.js"
import type { Json, SessionRecord } from "../../src/stores/ports.js"
import { sessionRecord } from "../../src/testing.js"

const text = fc.string({ unit: "binary", maxLength: 300 })
const whole = fc.oneof(
  fc.nat(),
  fc.constantFrom(0, 2 ** 24, 2 ** 31, 2 ** 32, 2 ** 48 - 1),
  fc.nat(2 ** 48 - 1),
)
const json = fc.jsonValue({ maxDepth: 3 }).map((value): Json => JSON.parse(JSON.stringify(value)))

const record: fc.Arbitrary<SessionRecord> = fc.record({
  id: text,
  realm: text,
  userId: text,
  secretHash: text,
  epoch: whole,
  revision: whole,
  createdAt: whole,
  authenticatedAt: whole,
  lastSeenAt: whole,
  expiresAt: whole,
  absoluteExpiresAt: whole,
  methods: fc.array(text, { maxLength: 4 }),
  claims: fc.dictionary(text, json, { maxKeys: 4, noNullPrototype: true }),
  address: text,
  userAgent: text,
})

test("what was packed is unpacked the same: any text, any JSON, any number up to 2^48 - 1", () => {
  fc.assert(
    fc.property(record, (original) => {
      expect(unpackSession(original.id, packSession(original))).toEqual(original)
    }),
  )
})

test("the largest claims that the port allows, and the longest text that fits", () => {
  for (const claims of [{ long: "x".repeat(2_000) }, { wide: "🔐".repeat(500) }]) {
    const original = sessionRecord({ claims, realm: "r".repeat(65_535) })
    expect(unpackSession(original.id, packSession(original))).toEqual(original)
  }
})

test("what does not fit is refused, never stored cut or rounded", () => {
  for (const number of [-1, 0.5, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => packSession(sessionRecord({ lastSeenAt: number })), String(number)).toThrow(RangeError)
  }
  expect(() => packSession(sessionRecord({ userAgent: "x".repeat(65_536) }))).toThrow(RangeError)
})
