import assert from "node:assert/strict"
import type { AtomicStore } from "../../stores/ports.js"
import { assertOneWinner, type Bench, type Check, check, realTime, realTimeCheck, sorted } from "../check.js"
import { race } from "../race.js"
import { minute, randomKey } from "./keys.js"

/**
 * Expiry of an {@link AtomicStore}: to the millisecond, for every method, whatever the backend still keeps.
 */
export const atomicExpiryChecks: readonly Check<Bench<AtomicStore>>[] = [
  check("get: there one millisecond before expiresAt, gone at expiresAt", async ({ a, b }, clock) => {
    const key = randomKey()
    await a.set(key, "one", clock() + minute)
    clock.advance(minute - 1)
    assert.equal(await a.get(key), "one", "one millisecond before")
    assert.equal(await b.get(key), "one", "one millisecond before, other instance")
    clock.advance(1)
    assert.equal(await a.get(key), undefined, "at expiresAt")
    assert.equal(await b.get(key), undefined, "at expiresAt, other instance")
  }),

  check("take: there one millisecond before expiresAt, gone at expiresAt", async ({ a, b }, clock) => {
    const [early, late] = [randomKey(), randomKey()]
    await a.set(early, "one", clock() + minute)
    await a.set(late, "two", clock() + minute)
    clock.advance(minute - 1)
    assert.equal(await b.take(early), "one", "one millisecond before")
    clock.advance(1)
    assert.equal(await b.take(late), undefined, "at expiresAt")
  }),

  check("add: refused one millisecond before expiresAt, free at expiresAt", async ({ a, b }, clock) => {
    const key = randomKey()
    assert.equal(await a.add(key, "old", clock() + minute), true)
    clock.advance(minute - 1)
    assert.equal(await b.add(key, "new", clock() + minute), false, "one millisecond before")
    clock.advance(1)
    assert.equal(await b.add(key, "new", clock() + minute), true, "at expiresAt")
    assert.equal(await a.get(key), "new")
    clock.advance(minute - 1)
    assert.equal(await a.get(key), "new", "the new value has its own expiry")
    clock.advance(1)
    assert.equal(await a.get(key), undefined)
  }),

  check(
    "swap: works one millisecond before expiresAt, revives nothing at expiresAt",
    async ({ a, b }, clock) => {
      const [early, late] = [randomKey(), randomKey()]
      await a.set(early, "old", clock() + minute)
      await a.set(late, "old", clock() + minute)
      clock.advance(minute - 1)
      assert.equal(await b.swap(early, "old", "new", clock() + minute), true, "one millisecond before")
      clock.advance(1)
      assert.equal(await b.swap(late, "old", "new", clock() + minute), false, "at expiresAt")
      assert.equal(await a.get(late), undefined, "a refused swap revives nothing")
      assert.equal(await a.get(early), "new", "swap moved the expiry")
      clock.advance(minute - 1)
      assert.equal(await a.get(early), undefined, "to the instant that it was given")
    },
  ),

  check("a refused swap leaves the expiry", async ({ a, b }, clock) => {
    const key = randomKey()
    await a.set(key, "one", clock() + minute)
    assert.equal(await b.swap(key, "other", "two", clock() + 5 * minute), false)
    clock.advance(minute)
    assert.equal(await a.get(key), undefined)
  }),

  check("set moves the expiry, later and earlier", async ({ a, b }, clock) => {
    const [longer, shorter] = [randomKey(), randomKey()]
    await a.set(longer, "one", clock() + minute)
    await b.set(longer, "one", clock() + 3 * minute)
    await a.set(shorter, "one", clock() + 3 * minute)
    await b.set(shorter, "one", clock() + minute)
    clock.advance(minute)
    assert.equal(await a.get(longer), "one")
    assert.equal(await a.get(shorter), undefined)
  }),

  check(
    "increment: the creating call fixes the window, later calls move it neither way",
    async ({ a, b }, clock) => {
      const key = randomKey()
      const windowEnd = clock() + 2 * minute
      assert.equal(await a.increment(key, windowEnd), 1)
      assert.equal(await b.increment(key, windowEnd + 5 * minute), 2)
      assert.equal(await b.increment(key, clock() + minute), 3)
      clock.set(windowEnd - 1)
      assert.equal(await a.get(key), "3", "not shortened by an earlier expiresAt")
      assert.equal(
        await a.increment(key, windowEnd + 5 * minute),
        4,
        "one millisecond before the window ends",
      )
      clock.set(windowEnd)
      assert.equal(await b.get(key), undefined, "not lengthened by a later expiresAt")
      assert.equal(await b.increment(key, windowEnd + minute), 1, "a new window starts at 1")
      clock.set(windowEnd + minute - 1)
      assert.equal(await a.increment(key, windowEnd + 9 * minute), 2, "the new window has its own end")
      clock.set(windowEnd + minute)
      assert.equal(await a.get(key), undefined)
    },
  ),

  check("increment keeps the expiry that swap gave the counter", async ({ a, b }, clock) => {
    const key = randomKey()
    await a.increment(key, clock() + minute)
    assert.equal(await b.swap(key, "1", "5", clock() + 3 * minute), true)
    assert.equal(await a.increment(key, clock() + minute), 6)
    clock.advance(3 * minute - 1)
    assert.equal(await a.get(key), "6")
    clock.advance(1)
    assert.equal(await a.get(key), undefined)
  }),

  check("delete of an expired value does nothing, and the key is free", async ({ a, b }, clock) => {
    const key = randomKey()
    await a.set(key, "one", clock() + minute)
    clock.advance(minute)
    await b.delete(key)
    assert.equal(await a.add(key, "two", clock() + minute), true)
  }),

  check("an expiresAt that has been reached already stores nothing readable", async ({ a, b }, clock) => {
    for (const reached of [clock(), clock() - 1, clock() - minute, 0]) {
      const shown = `expiresAt ${reached - clock()} ms from now`
      const [set, added, swapped, counted] = [randomKey(), randomKey(), randomKey(), randomKey()]
      await a.set(set, "live", clock() + minute)
      await a.set(set, "dead", reached)
      assert.equal(await b.get(set), undefined, `set, ${shown}`)
      assert.equal(await a.add(added, "dead", reached), true, `the key was absent, ${shown}`)
      assert.equal(await b.get(added), undefined, `add, ${shown}`)
      await a.set(swapped, "live", clock() + minute)
      assert.equal(await a.swap(swapped, "live", "dead", reached), true, `the value was current, ${shown}`)
      assert.equal(await b.get(swapped), undefined, `swap, ${shown}`)
      assert.equal(await a.increment(counted, reached), 1, `increment, ${shown}`)
      assert.equal(await b.increment(counted, reached), 1, `the window was over, ${shown}`)
    }
  }),

  check(
    "an expired value is absent in a race too: one add wins, nobody takes or swaps",
    async ({ a, b }, clock) => {
      for (let round = 0; round < 4; round += 1) {
        const [added, taken, swapped, counted] = [randomKey(), randomKey(), randomKey(), randomKey()]
        for (const key of [added, taken, swapped]) await a.set(key, "old", clock() + minute)
        await a.increment(counted, clock() + minute)
        clock.advance(minute)
        const until = clock() + minute
        const adds = await race(16, [() => a.add(added, "new", until), () => b.add(added, "new", until)])
        assertOneWinner(adds, "add over an expired value")
        const takes = await race(16, [() => a.take(taken), () => b.take(taken)])
        assert.deepEqual(takes, Array(16).fill(undefined), "an expired value was taken")
        const swaps = await race(16, [
          () => a.swap(swapped, "old", "new", until),
          () => b.swap(swapped, "old", "new", until),
        ])
        assert.deepEqual(swaps, Array(16).fill(false), "an expired value was swapped")
        const counts = await race(16, [() => a.increment(counted, until), () => b.increment(counted, until)])
        assert.deepEqual(
          sorted(counts),
          Array.from({ length: 16 }, (_, index) => index + 1),
          "a new window counts every caller once, from 1",
        )
      }
    },
  ),

  realTimeCheck("in real time: there before expiresAt, gone at expiresAt", async ({ a, b }) => {
    const [value, counter] = [randomKey(), randomKey()]
    const expiresAt = Date.now() + 1_500
    await a.set(value, "one", expiresAt)
    await a.increment(counter, expiresAt)
    await realTime(expiresAt - 700)
    const [early, count] = [await b.get(value), await b.get(counter)]
    if (Date.now() < expiresAt) assert.deepEqual([early, count], ["one", "1"], "before expiresAt")
    await realTime(expiresAt)
    assert.equal(await b.get(value), undefined, "at expiresAt")
    assert.equal(await b.take(value), undefined, "at expiresAt")
    assert.equal(await b.increment(counter, Date.now() + minute), 1, "a new window")
    assert.equal(await b.add(value, "two", Date.now() + minute), true, "the key is free")
    assert.equal(await a.get(value), "two")
  }),
]
