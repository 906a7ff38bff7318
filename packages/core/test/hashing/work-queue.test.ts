import { describe, expect, test } from "vitest"
import { ConfigError, OverloadError } from "../../src/errors.js"
import { workQueue } from "../../src/hashing/work-queue.js"

/** Work that ends when the test says so, and notes that it began. */
function gates(count: number) {
  const started: number[] = []
  const all = Array.from({ length: count }, (_, number) => {
    let open = () => {}
    let fail = (_reason: Error) => {}
    const gate = new Promise<void>((resolve, reject) => {
      open = resolve
      fail = reject
    })
    async function work(): Promise<number> {
      started.push(number)
      await gate
      return number
    }
    return { open, fail, work }
  })
  return { started, all }
}

/** Lets everything run that can. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe("a work queue", () => {
  test("runs as much at once as it may, and the rest in the order in which it came", async () => {
    const { started, all } = gates(6)
    const run = workQueue({ concurrency: 2 })
    const results = all.map(({ work }) => run(work))
    await settle()
    expect(started).toEqual([0, 1])
    all[1]?.open()
    await settle()
    expect(started).toEqual([0, 1, 2])
    for (const { open } of all) open()
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4, 5])
    expect(started).toEqual([0, 1, 2, 3, 4, 5])
  })

  test("a newcomer does not overtake whoever waits", async () => {
    const { started, all } = gates(3)
    const run = workQueue({ concurrency: 1 })
    const [first, second, third] = all
    const results = [first, second].map((gate) => gate && run(gate.work))
    first?.open()
    await results[0]
    // The place was handed to the second; this one comes while it is only about to start.
    results.push(third && run(third.work))
    await settle()
    expect(started).toEqual([0, 1])
    second?.open()
    third?.open()
    await Promise.all(results)
    expect(started).toEqual([0, 1, 2])
  })

  test("work that fails gives its place back, whether it rejects or throws", async () => {
    const run = workQueue({ concurrency: 1, waiting: 1 })
    const { all } = gates(1)
    const rejected = run(all[0]?.work ?? (() => Promise.resolve(0)))
    all[0]?.fail(new Error("broken"))
    await expect(rejected).rejects.toThrow("broken")
    function thrower(): Promise<never> {
      throw new TypeError("at once")
    }
    await expect(run(thrower)).rejects.toThrow("at once")
    for (let round = 0; round < 5; round++) await expect(run(async () => round)).resolves.toBe(round)
  })

  test("refuses what would wait behind too many, and takes work again once there is room", async () => {
    const { started, all } = gates(4)
    const run = workQueue({ concurrency: 1, waiting: 2 })
    const results = all.map(({ work }) => run(work))
    const overflow = results.pop()
    await expect(overflow).rejects.toThrow(OverloadError)
    await expect(overflow).rejects.toMatchObject({ code: "ERR_OVERLOAD", retryAfter: 1 })
    for (const { open } of all) open()
    await Promise.all(results)
    expect(started).toEqual([0, 1, 2])
    await expect(run(async () => "room")).resolves.toBe("room")
  })

  test("of 200 at once, one runs, 256 minus none wait by default, and nothing is lost", async () => {
    const run = workQueue({ concurrency: 1 })
    let running = 0
    let most = 0
    async function work(): Promise<void> {
      most = Math.max(most, ++running)
      await settle()
      running--
    }
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => run(work)))
    expect(most).toBe(1)
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(257)
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(43)
  })

  test("says when to come back, from how long work took lately", async () => {
    let now = 0
    const run = workQueue({ concurrency: 1, waiting: 4, clock: () => now })
    for (let round = 0; round < 60; round++) {
      await run(async () => {
        now += 2_000
      })
    }
    const { all } = gates(6)
    const results = all.map(({ work }) => run(work))
    await expect(results[5]).rejects.toMatchObject({ retryAfter: 10 })
    for (const { open } of all) open()
    await Promise.all(results.slice(0, 5))
  })

  test("never says more than a minute", async () => {
    let now = 0
    const run = workQueue({ concurrency: 1, waiting: 0, clock: () => now })
    await run(async () => {
      now += 3_600_000
    })
    const { all } = gates(2)
    const [first, second] = all.map(({ work }) => run(work))
    await expect(second).rejects.toMatchObject({ retryAfter: 60 })
    all[0]?.open()
    await first
  })

  test.each([
    { concurrency: 0 },
    { concurrency: 65 },
    { concurrency: 1.5 },
    { concurrency: Number.NaN },
    { concurrency: 1, waiting: -1 },
    { concurrency: 1, waiting: 10_001 },
  ])("is not made with %o", (options) => {
    expect(() => workQueue(options)).toThrow(ConfigError)
    expect(() => workQueue(options)).toThrow(/Write a whole number from/)
  })
})
