import assert from "node:assert/strict"
import type { AtomicStore } from "../../stores/ports.js"
import { type Bench, type Check, check } from "../check.js"
import { minute, randomKey } from "./keys.js"

/**
 * Text that breaks careless quoting, folding, trimming and encoding. All of it is valid Unicode without NUL.
 */
const texts: readonly string[] = [
  "",
  " ",
  " lead and trail ",
  "007",
  "-0",
  "null",
  'it\'s "quoted" `back` \\slash\\ $1 %s {x} ; -- /* */',
  "line\nfeed\r\nreturn\ttab\u0001\u007f",
  '{"json":[1,"\\u0000"]}',
  "\ufeffbom \u2028 \u2029 \u00a0 \u200b",
  "é e\u0301 ß ı İ 中文 עברית 🔐 👩‍👩‍👧 \u{10ffff}",
  "x".repeat(65_536),
  "🔐".repeat(16_384),
]

/** Pairs that a lax comparison takes for the same. */
const lookAlikes: readonly (readonly [string, string])[] = [
  ["a", "A"],
  ["a", "a "],
  ["1", "01"],
  ["1", "1.0"],
  ["\u00e9", "e\u0301"],
  ["ss", "ß"],
  ["", " "],
]

/**
 * What each method of an {@link AtomicStore} answers and leaves behind while nothing expires and nobody
 * interferes.
 */
export const atomicValueChecks: readonly Check<Bench<AtomicStore>>[] = [
  check("get answers undefined for a key that was never set", async ({ a }) => {
    assert.equal(await a.get(randomKey()), undefined)
  }),

  check("a value set through one instance is read through the other", async ({ a, b }, clock) => {
    const key = randomKey()
    await a.set(key, "one", clock() + minute)
    assert.equal(await b.get(key), "one")
    await b.set(key, "two", clock() + minute)
    assert.equal(await a.get(key), "two", "set writes unconditionally")
  }),

  check("delete removes the value, and nothing happens when the key is absent", async ({ a, b }, clock) => {
    const key = randomKey()
    await a.delete(key)
    await a.set(key, "one", clock() + minute)
    await b.delete(key)
    assert.equal(await a.get(key), undefined)
    await b.delete(key)
    assert.equal(await a.add(key, "two", clock() + minute), true, "a deleted key is absent")
  }),

  check("add sets only if absent", async ({ a, b }, clock) => {
    const key = randomKey()
    assert.equal(await a.add(key, "first", clock() + minute), true)
    assert.equal(await b.add(key, "second", clock() + 2 * minute), false)
    assert.equal(await a.get(key), "first", "a refused add leaves the value")
    clock.advance(minute)
    assert.equal(await a.get(key), undefined, "a refused add leaves the expiry")
  }),

  check("swap replaces only while the value equals `current`", async ({ a, b }, clock) => {
    const key = randomKey()
    assert.equal(
      await a.swap(key, "", "one", clock() + minute),
      false,
      'an absent key equals nothing, not even ""',
    )
    assert.equal(await a.get(key), undefined, "a refused swap creates nothing")
    await a.set(key, "one", clock() + minute)
    assert.equal(await b.swap(key, "other", "two", clock() + 2 * minute), false)
    assert.equal(await a.get(key), "one", "a refused swap leaves the value")
    assert.equal(await b.swap(key, "one", "two", clock() + minute), true)
    assert.equal(await a.get(key), "two")
    assert.equal(
      await a.swap(key, "one", "three", clock() + minute),
      false,
      "the former value is no longer current",
    )
  }),

  check("take hands the value over once", async ({ a, b }, clock) => {
    const key = randomKey()
    assert.equal(await a.take(key), undefined)
    await a.set(key, "one", clock() + minute)
    assert.equal(await b.take(key), "one")
    assert.equal(await a.take(key), undefined)
    assert.equal(await a.get(key), undefined)
    assert.equal(await a.swap(key, "one", "two", clock() + minute), false, "what was taken cannot be swapped")
    assert.equal(await b.add(key, "two", clock() + minute), true, "what was taken is absent")
  }),

  check("increment counts from 1, through both instances", async ({ a, b }, clock) => {
    const key = randomKey()
    assert.equal(await a.increment(key, clock() + minute), 1)
    assert.equal(await b.increment(key, clock() + minute), 2)
    assert.equal(await a.increment(key, clock() + minute), 3)
    assert.equal(await a.increment(randomKey(), clock() + minute), 1, "counters do not share")
  }),

  check("a counter reads as its decimal digits through get, swap and take", async ({ a, b }, clock) => {
    const key = randomKey()
    for (let count = 1; count <= 10; count += 1) await a.increment(key, clock() + minute)
    assert.equal(await b.get(key), "10")
    assert.equal(await b.swap(key, "9", "0", clock() + minute), false)
    assert.equal(await b.swap(key, "10", "41", clock() + minute), true)
    assert.equal(await a.increment(key, clock() + minute), 42, "increment goes on from what swap left")
    assert.equal(await b.take(key), "42")
    assert.equal(await a.increment(key, clock() + minute), 1, "a taken counter starts over")
  }),

  check(
    "values come back exactly: any Unicode, quotes, line ends, empty, 64 KiB",
    async ({ a, b }, clock) => {
      for (const text of texts) {
        const [set, added, swapped] = [randomKey(), randomKey(), randomKey()]
        const shown = JSON.stringify(text.slice(0, 60))
        await a.set(set, text, clock() + minute)
        assert.ok((await b.get(set)) === text, `set then get changed ${shown}`)
        assert.ok((await b.take(set)) === text, `take changed ${shown}`)
        assert.equal(await a.add(added, text, clock() + minute), true)
        assert.equal(await b.add(added, "other", clock() + minute), false, `${shown} counts as present`)
        assert.equal(
          await b.swap(added, text, "next", clock() + minute),
          true,
          `swap did not recognize ${shown}`,
        )
        await a.set(swapped, "now", clock() + minute)
        assert.equal(await b.swap(swapped, "now", text, clock() + minute), true)
        assert.ok((await a.get(swapped)) === text, `swap stored ${shown} changed`)
      }
    },
  ),

  check("swap compares exactly: case, spaces, digits and normal forms count", async ({ a, b }, clock) => {
    for (const [one, other] of lookAlikes) {
      const key = randomKey()
      await a.set(key, one, clock() + minute)
      const shown = `${JSON.stringify(one)} is not ${JSON.stringify(other)}`
      assert.equal(await b.swap(key, other, "next", clock() + minute), false, shown)
    }
  }),

  check("keys are exact: up to 512 bytes, any printable ASCII, case counts", async ({ a, b }, clock) => {
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("")
    const long = randomKey().padEnd(511, ":long")
    const run = randomKey()
    const keys = [
      `${run}:${printable}`,
      `${long}a`,
      `${long}b`,
      `${run}:Case`,
      `${run}:case`,
      `${run}:*`,
      `${run}:%`,
      `${run}:_`,
      `{${run}}:x`,
      `${run}'--`,
    ]
    for (const [index, key] of keys.entries()) await a.set(key, `value ${index}`, clock() + minute)
    for (const [index, key] of keys.entries()) assert.equal(await b.get(key), `value ${index}`, `key ${key}`)
    await a.delete(`${run}:*`)
    for (const [index, key] of keys.entries()) {
      assert.equal(
        await b.get(key),
        key === `${run}:*` ? undefined : `value ${index}`,
        `key ${key} after a delete`,
      )
    }
  }),

  check("keys that are names of object properties are ordinary keys", async ({ a, b }, clock) => {
    for (const key of ["__proto__", "constructor", "toString", "length"]) {
      await a.delete(key)
      assert.equal(await b.get(key), undefined, `${key} is absent`)
      assert.equal(await a.add(key, "mine", clock() + minute), true)
      assert.equal(await b.take(key), "mine")
    }
  }),
]
