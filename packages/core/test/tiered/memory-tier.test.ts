import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Json, User } from "../../src/stores/ports.js"
import { memoryTier, packCopy, unpackCopy } from "../../src/stores/tiered/memory-tier.js"
import { adjustableClock, sessionRecord } from "../../src/testing.js"

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

function heapUsed(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const instant = fc.oneof(fc.nat(2 ** 48 - 2), fc.constantFrom(0, 2 ** 48 - 2))
const text = fc.string({ unit: "binary", maxLength: 100 })
const json = fc.jsonValue({ maxDepth: 3 }).map((value): Json => JSON.parse(JSON.stringify(value)))

/** The library's own users, and those of a host, who may have fields that are missing or odd. */
const users: fc.Arbitrary<User> = fc.oneof(
  fc.record({
    id: text,
    email: text,
    emailVerifiedAt: fc.option(instant),
    disabledAt: fc.option(instant),
    createdAt: instant,
  }),
  fc.record({
    id: text,
    email: text,
    emailVerifiedAt: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
    disabledAt: fc.constant(null),
    createdAt: fc.integer(),
    more: json,
  }),
)

test("session, user and instant come back as they went in", () => {
  const property = fc.property(
    fc.option(users, { nil: undefined }),
    fc.boolean(),
    text,
    (user, isOwn, userAgent) => {
      const record = sessionRecord({ userAgent, userId: isOwn && user ? user.id : crypto.randomUUID() })
      expect(unpackCopy(record.id, packCopy({ record, user }, 7))).toEqual({ record, user })
    },
  )
  fc.assert(property, { numRuns: 2_000 })
})

test("100,000 sessions with their users weigh at most 45 MB, and what is over leaves the heap", () => {
  const clock = adjustableClock()
  const memory = memoryTier<User>(100_000, 60_000, clock)
  const before = heapUsed()
  for (let number = 0; number < 100_000; number += 1) keepOne()
  const bytes = heapUsed() - before
  expect(memory.find("nobody")).toBeUndefined()
  expect(bytes).toBeGreaterThan(20_000_000)
  expect(bytes).toBeLessThanOrEqual(45_000_000)

  // More are no more, and when their time is over the next ones sweep them out.
  for (let number = 0; number < 20_000; number += 1) keepOne()
  expect(heapUsed() - before).toBeLessThanOrEqual(45_000_000)
  clock.advance(60_000)
  for (let number = 0; number < 60_000; number += 1) {
    clock.advance(30)
    keepOne()
  }
  expect(heapUsed() - before).toBeLessThanOrEqual(20_000_000)

  function keepOne(): void {
    const record = sessionRecord({ createdAt: clock(), address: "203.0.113.77" })
    const user: User = {
      id: record.userId,
      email: `${record.userId.slice(0, 12)}@example.com`,
      emailVerifiedAt: clock(),
      disabledAt: null,
      createdAt: clock(),
    }
    memory.keep(record.id, packCopy({ record, user }, clock() + 60_000))
  }
}, 60_000)

test("a copy keeps nothing of the string that its id was cut from", () => {
  const clock = adjustableClock()
  const memory = memoryTier<User>(1_000, 60_000, clock)
  const before = heapUsed()
  for (let number = 0; number < 200; number += 1) {
    const record = sessionRecord({ createdAt: clock() })
    const header = `${record.id} ${"x".repeat(100_000)}`.replace("y", "z")
    memory.keep(header.slice(0, 22), packCopy({ record, user: undefined }, clock() + 60_000))
  }
  expect(heapUsed() - before).toBeLessThan(2_000_000)
  expect(memory.find("nobody")).toBeUndefined()
})
