import { setTimeout } from "node:timers/promises"
import type { StoreCall } from "../../src/testing/intercept.js"

/** Stores in which something else happens in the middle of a step. */
export interface Interrupted<S> {
  readonly stores: S
  /** Whether the chosen call came. */
  readonly happened: () => boolean
  /** What the interruption answered; waits for it, for it may have had to wait for the step. */
  readonly answer: () => Promise<unknown>
}

/**
 * How long a step waits for what comes in between; whatever takes longer is itself waiting for the step. In turns of five milliseconds: a pause
 * of the machine, however long, is one of them.
 */
async function patience(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await setTimeout(5)
}

/**
 * Runs `meanwhile` once, `when` the first call is chosen: before it reaches the store or after it took effect. So two steps meet at a known
 * place. To let them meet everywhere, choose call number `n` and raise it until nothing `happened` any more.
 */
export function interruptedStores<S extends object>(
  stores: S,
  chosen: (call: StoreCall) => boolean,
  meanwhile: () => Promise<unknown>,
  when: "before" | "after" = "before",
): Interrupted<S> {
  let number = 0
  let running: Promise<unknown> | undefined

  async function interrupt(): Promise<void> {
    running = meanwhile()
    await Promise.race([running.catch(() => {}), patience()])
  }

  function method(slot: string, store: object, name: string): unknown {
    const value: unknown = Reflect.get(store, name)
    if (typeof value !== "function") return value
    return async function call(...input: unknown[]): Promise<unknown> {
      number++
      const now = running === undefined && chosen({ number, slot, method: name })
      if (now && when === "before") await interrupt()
      const answer: unknown = await Reflect.apply(value, store, input)
      if (now && when === "after") await interrupt()
      return answer
    }
  }

  const wrapped = Object.entries(stores).map(([slot, store]: [string, object]) => [
    slot,
    Object.fromEntries(Object.keys(store).map((name) => [name, method(slot, store, name)])),
  ])
  return {
    stores: Object.fromEntries(wrapped) as S,
    happened: () => running !== undefined,
    answer: async () => running,
  }
}
