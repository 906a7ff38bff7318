import assert from "node:assert/strict"
import type { AtomicStore } from "../../stores/ports.js"
import { assertOneWinner, type Bench, type Check, check, sorted } from "../check.js"
import { race } from "../race.js"
import { minute, randomKey } from "./keys.js"

const rounds = 8
const crowd = 32

/** What holds when many callers meet at one key, half of them on each of two instances. */
export const atomicRaceChecks: readonly Check<Bench<AtomicStore>>[] = [
  check("add: exactly one of N parallel callers gets true, and its value stays", async ({ a, b }, clock) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = randomKey()
      const until = clock() + minute
      const answers = await race(crowd, [
        (index) => a.add(key, `from ${index}`, until),
        (index) => b.add(key, `from ${index}`, until),
      ])
      assertOneWinner(answers, "add")
      assert.equal(await a.get(key), `from ${answers.indexOf(true)}`, "the winner's value stays")
    }
  }),

  check("swap: exactly one of N parallel callers gets true, and its value stays", async ({ a, b }, clock) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = randomKey()
      const until = clock() + minute
      await a.set(key, "old", until)
      const answers = await race(crowd, [
        (index) => a.swap(key, "old", `from ${index}`, until),
        (index) => b.swap(key, "old", `from ${index}`, until),
      ])
      assertOneWinner(answers, "swap")
      assert.equal(await b.get(key), `from ${answers.indexOf(true)}`, "the winner's value stays")
    }
  }),

  check(
    "take: exactly one of N parallel callers gets the value, the others undefined",
    async ({ a, b }, clock) => {
      for (let round = 0; round < rounds; round += 1) {
        const key = randomKey()
        await a.set(key, "secret", clock() + minute)
        const answers = await race(crowd, [() => a.take(key), () => b.take(key)])
        const got = answers.filter((answer) => answer !== undefined)
        assert.deepEqual(
          got,
          ["secret"],
          `${got.length} of ${crowd} parallel callers got the value, not exactly one`,
        )
      }
    },
  ),

  check("increment: N parallel callers get 1 to N, each number once", async ({ a, b }, clock) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = randomKey()
      const until = clock() + minute
      const counts = await race(crowd, [() => a.increment(key, until), () => b.increment(key, until)])
      assert.deepEqual(
        sorted(counts),
        Array.from({ length: crowd }, (_, index) => index + 1),
        "a count was lost or given twice",
      )
      assert.equal(await a.get(key), String(crowd))
    }
  }),

  check("increment: of N parallel creators the one that gets 1 fixes the window", async ({ a, b }, clock) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = randomKey()
      const start = clock()
      const until = (index: number): number => start + (index + 1) * minute
      const counts = await race(16, [
        (index) => a.increment(key, until(index)),
        (index) => b.increment(key, until(index)),
      ])
      const windowEnd = until(counts.indexOf(1))
      clock.set(windowEnd - 1)
      assert.equal(await b.get(key), "16", "one millisecond before the creator's expiresAt")
      clock.set(windowEnd)
      assert.equal(await a.get(key), undefined, "at the creator's expiresAt")
    }
  }),

  check(
    "swap and take meet: what was taken is not swapped, what was swapped is taken new",
    async ({ a, b }, clock) => {
      for (let round = 0; round < rounds; round += 1) {
        const key = randomKey()
        const until = clock() + minute
        await a.set(key, "old", until)
        const taken: string[] = []
        const swapped: string[] = []
        const take = async (store: AtomicStore): Promise<void> => {
          const value = await store.take(key)
          if (value !== undefined) taken.push(value)
        }
        const swap = async (store: AtomicStore, index: number): Promise<void> => {
          if (await store.swap(key, "old", `from ${index}`, until)) swapped.push(`from ${index}`)
        }
        await race(crowd, [() => take(a), (i) => swap(b, i), (i) => swap(a, i), () => take(b)])
        assert.ok(swapped.length <= 1, `${swapped.length} callers swapped one value`)
        const present = await a.get(key)
        assert.deepEqual(
          [...taken, ...(present === undefined ? [] : [present])],
          swapped.length === 1 ? swapped : ["old"],
          "the value must be there exactly once, as the last successful step left it",
        )
      }
    },
  ),

  check("add and take meet: every value that was added is taken at most once", async ({ a, b }, clock) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = randomKey()
      const until = clock() + minute
      const added: string[] = []
      const taken: string[] = []
      const add = async (store: AtomicStore, index: number): Promise<void> => {
        if (await store.add(key, `from ${index}`, until)) added.push(`from ${index}`)
      }
      const take = async (store: AtomicStore): Promise<void> => {
        const value = await store.take(key)
        if (value !== undefined) taken.push(value)
      }
      await race(crowd, [(i) => add(a, i), () => take(b), (i) => add(b, i), () => take(a)])
      const left = await a.take(key)
      if (left !== undefined) taken.push(left)
      assert.deepEqual(sorted(taken), sorted(added), "each added value leaves the store exactly once")
    }
  }),

  check(
    "get and swap make a counter that loses nothing among N parallel callers",
    async ({ a, b }, clock) => {
      const key = randomKey()
      const until = clock() + minute
      await a.set(key, "0", until)
      const addOne = async (store: AtomicStore): Promise<void> => {
        for (let attempt = 0; attempt < 1_000; attempt += 1) {
          const current = (await store.get(key)) ?? assert.fail("the value vanished")
          if (await store.swap(key, current, String(Number(current) + 1), until)) return
        }
        assert.fail("no swap succeeded in 1,000 attempts")
      }
      await race(16, [() => addOne(a), () => addOne(b)])
      assert.equal(await a.get(key), "16")
    },
  ),

  check(
    "different keys do not meet: N parallel callers with keys of their own all succeed",
    async ({ a, b }, clock) => {
      const run = randomKey()
      const until = clock() + minute
      const answers = await race(crowd, [
        async (index) =>
          (await a.add(`${run}:${index}`, "x", until)) && (await b.take(`${run}:${index}`)) === "x",
        async (index) =>
          (await b.add(`${run}:${index}`, "x", until)) && (await a.take(`${run}:${index}`)) === "x",
      ])
      assert.deepEqual(answers, Array(crowd).fill(true))
    },
  ),
]
