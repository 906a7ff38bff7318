import type { AtomicStore } from "@mortise/core"
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { migrate, postgresStores } from "../src/index.js"
import { connectPg, dropSchema, freshSchema } from "./databases.js"

const connection = connectPg({ max: 2 })
const schema = freshSchema()
let now = 1_800_000_000_000
const { challenges } = postgresStores(connection.query, { schema, clock: () => now })

beforeAll(() => migrate(connection.query, { schema }))
afterAll(async () => {
  await dropSchema(connection, schema)
  await connection.close()
})

/** The port in its own words, for one caller: a map whose entries end. */
function modelStore(): AtomicStore {
  const entries = new Map<string, { value: string; expiresAt: number }>()
  const live = (key: string): { value: string; expiresAt: number } | undefined => {
    const entry = entries.get(key)
    return entry && now < entry.expiresAt ? entry : undefined
  }
  return {
    get: async (key) => live(key)?.value,
    set: async (key, value, expiresAt) => void entries.set(key, { value, expiresAt }),
    delete: async (key) => void entries.delete(key),
    add: async (key, value, expiresAt) => {
      if (live(key)) return false
      entries.set(key, { value, expiresAt })
      return true
    },
    swap: async (key, current, value, expiresAt) => {
      if (live(key)?.value !== current) return false
      entries.set(key, { value, expiresAt })
      return true
    },
    take: async (key) => {
      const value = live(key)?.value
      entries.delete(key)
      return value
    },
    increment: async (key, expiresAt) => {
      const entry = live(key) ?? { value: "0", expiresAt }
      const count = Number(entry.value) + 1
      entries.set(key, { value: String(count), expiresAt: entry.expiresAt })
      return count
    },
  }
}

interface Step {
  readonly does: keyof AtomicStore | "wait"
  readonly key: string
  readonly value: string
  readonly next: string
  readonly lifetime: number
}

const number = fc.constantFrom("1", "2", "41")
const steps = fc.array(
  fc.record<Step>({
    does: fc.constantFrom(
      "get",
      "set",
      "delete",
      "add",
      "swap",
      "take",
      "increment",
      "increment",
      "wait",
      "wait",
    ),
    key: fc.constantFrom("a", "b"),
    value: number,
    next: number,
    // Next to the steps by which the clock goes on, so that many calls fall on the very edge of an expiry.
    lifetime: fc.integer({ min: -1, max: 4 }),
  }),
  { minLength: 10, maxLength: 40 },
)

async function perform(store: AtomicStore, { does, key, value, next, lifetime }: Step): Promise<unknown> {
  const expiresAt = now + lifetime
  switch (does) {
    case "set":
    case "add":
      return store[does](key, value, expiresAt)
    case "swap":
      return store.swap(key, value, next, expiresAt)
    case "increment":
      return store.increment(key, expiresAt)
    case "wait":
      return undefined
    default:
      return store[does](key)
  }
}

test("any sequence of steps answers what a map whose entries end would answer", async () => {
  const property = fc.asyncProperty(steps, async (sequence) => {
    const model = modelStore()
    for (const key of ["a", "b"]) await challenges.delete(key)
    for (const [index, step] of sequence.entries()) {
      const expected = await perform(model, step)
      expect(await perform(challenges, step), `step ${index}, ${step.does}`).toBe(expected)
      if (step.does === "wait") now += 1 + (step.lifetime % 2)
    }
  })
  await fc.assert(property, { numRuns: 60 })
})
