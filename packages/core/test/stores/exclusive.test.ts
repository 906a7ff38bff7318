/** One at a time, in any process: what holds, and what a lease does not promise. */
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { StoreError } from "../../src/errors.js"
import { exclusively } from "../../src/stores/exclusive.js"
import { memoryAtomicStore } from "../../src/stores/memory/atomic-store.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { failing } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"

function bench() {
  const clock = adjustableClock()
  const store = memoryAtomicStore({ clock })
  const run = <R>(step: () => Promise<R>, key = "k"): Promise<R> => exclusively(store, clock, key, step)
  return { clock, store, run }
}

/** A step that goes on until it is told to end, and whether it has begun. */
function held(): { step: () => Promise<string>; begun: () => boolean; end: () => void } {
  let begun = false
  let end = (): void => {}
  const done = new Promise<string>((resolve) => {
    end = () => resolve("done")
  })
  return {
    begun: () => begun,
    end: () => end(),
    step: () => {
      begun = true
      return done
    },
  }
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 120))

describe("one at a time", () => {
  test("16 callers: never two at once, and each gets its own answer", async () => {
    const { run } = bench()
    let inside = 0
    let most = 0
    let order = 0
    const answers = await race(16, [
      (n) =>
        run(async () => {
          inside++
          most = Math.max(most, inside)
          const before = order
          await new Promise((resolve) => setTimeout(resolve, 3))
          order = before + 1
          inside--
          return n
        }),
    ])
    expect([most, order]).toEqual([1, 16])
    expect(answers).toEqual(Array.from({ length: 16 }, (_, n) => n))
  })

  test("only of one key: another goes on meanwhile", async () => {
    const { run } = bench()
    const first = held()
    const running = run(first.step, "a")
    expect(await run(async () => "b", "b")).toBe("b")
    first.end()
    expect(await running).toBe("done")
  })

  test("who comes later begins when the first has ended, and not before", async () => {
    const { run } = bench()
    const [first, second] = [held(), held()]
    const running = [run(first.step), run(second.step)]
    await soon()
    expect([first.begun(), second.begun()]).toEqual([true, false])
    first.end()
    await soon()
    expect(second.begun()).toBe(true)
    second.end()
    await Promise.all(running)
  })

  test("a step that throws gives its turn back, and its fault is the caller's", async () => {
    const { run } = bench()
    await expect(run(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine")
    await expect(
      run(() => {
        throw new Error("at once")
      }),
    ).rejects.toThrow("at once")
    expect(await run(async () => "next")).toBe("next")
  })
})

describe("whoever waits for what is gone meanwhile", () => {
  test("waits no longer, gets undefined, and leaves the turn to whom it belongs", async () => {
    const { clock, run, store } = bench()
    const [holder, latecomer, next] = [held(), held(), held()]
    const running = run(holder.step)
    await soon()
    let gone = false
    const leaving = exclusively(store, clock, "k", latecomer.step, async () => gone)
    await soon()
    gone = true
    expect(await leaving).toBeUndefined()
    const waiting = run(next.step)
    await soon()
    expect([latecomer.begun(), next.begun()]).toEqual([false, false])
    holder.end()
    next.end()
    expect(await Promise.all([running, waiting])).toEqual(["done", "done"])
  })

  test("is not asked about it where nobody has to wait", async () => {
    const { clock, store } = bench()
    const isPointless = vi.fn(async () => true)
    expect(await exclusively(store, clock, "k", async () => "done", isPointless)).toBe("done")
    expect(isPointless).not.toHaveBeenCalled()
  })
})

describe("a holder that dies", () => {
  test("holds for half a minute, to the millisecond; then the next one begins", async () => {
    const { clock, run } = bench()
    const dead = held()
    void run(dead.step)
    const next = held()
    const waiting = run(next.step)
    clock.advance(29_999)
    await soon()
    expect(next.begun()).toBe(false)
    clock.advance(1)
    await soon()
    expect(next.begun()).toBe(true)
    next.end()
    expect(await waiting).toBe("done")
  })

  test("and comes back late: it does not take the turn from whoever has it by then", async () => {
    const { clock, run } = bench()
    const [late, holder, third] = [held(), held(), held()]
    const returning = run(late.step)
    await soon()
    clock.advance(30_000)
    const holding = run(holder.step)
    await soon()
    expect(holder.begun()).toBe(true)
    late.end()
    await returning
    const waiting = run(third.step)
    await soon()
    expect(third.begun()).toBe(false)
    holder.end()
    await soon()
    expect(third.begun()).toBe(true)
    third.end()
    await Promise.all([holding, waiting])
  })

  test("is waited for no longer than 15 seconds: then it is a fault, and the step never ran", async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { run } = bench()
    void run(held().step)
    const next = held()
    let fault: unknown
    const waiting = run(next.step).catch((error: unknown) => {
      fault = error
    })
    await vi.advanceTimersByTimeAsync(14_000)
    expect(fault).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1_500)
    await waiting
    expect(fault).toBeInstanceOf(StoreError)
    expect(next.begun()).toBe(false)
  })

  test("nor by a store that takes two seconds for every question", async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { clock, run, store } = bench()
    void run(held().step)
    const slow = {
      ...store,
      async add(...args: Parameters<typeof store.add>) {
        await new Promise((resolve) => setTimeout(resolve, 2_000))
        return store.add(...args)
      },
    }
    const failed = expect(exclusively(slow, clock, "k", held().step)).rejects.toBeInstanceOf(StoreError)
    await vi.advanceTimersByTimeAsync(18_000)
    await failed
  })

  test("inside of itself it never comes: that is a fault too, and the turn is given back", async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { run } = bench()
    const inner = held()
    const outer = run(() => run(inner.step))
    const failed = expect(outer).rejects.toBeInstanceOf(StoreError)
    await vi.advanceTimersByTimeAsync(15_500)
    await failed
    expect(inner.begun()).toBe(false)
    expect(await run(async () => "next")).toBe("next")
  })
})

describe("a store that fails", () => {
  test("when the turn is asked for: the step does not run", async () => {
    for (const moment of ["before", "after"] as const) {
      const { clock, store } = bench()
      const { watched } = failing(store, ({ method }) => method === "add", { moment })
      const step = held()
      await expect(exclusively(watched, clock, "k", step.step)).rejects.toThrow("Injected")
      expect(step.begun()).toBe(false)
    }
  })

  test("when the turn was taken and the answer lost: nobody waits for the one who never heard of it", async () => {
    const { clock, run, store } = bench()
    const { watched } = failing(store, ({ number }) => number === 1, { moment: "after" })
    await expect(exclusively(watched, clock, "k", async () => "x")).rejects.toThrow("Injected")
    const next = held()
    const waiting = run(next.step)
    await soon()
    expect(next.begun()).toBe(true)
    next.end()
    await waiting
  })

  test("when the turn is given back: the answer stands, the turn ends by itself", async () => {
    const { clock, run, store } = bench()
    const { watched } = failing(store, ({ number }) => number > 1)
    expect(await exclusively(watched, clock, "k", async () => "answer")).toBe("answer")
    clock.advance(30_000)
    expect(await run(async () => "next")).toBe("next")
  })
})
