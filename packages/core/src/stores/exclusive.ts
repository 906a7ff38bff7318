import { randomText } from "#primitives"
import type { Clock } from "../clock.js"
import { StoreError } from "../errors.js"
import type { AtomicStore } from "./ports.js"

/** Longer than any step may take: each of its store calls and requests has a shorter limit of its own. */
const leaseMs = 30_000
const patienceMs = 15_000

/**
 * Runs a step that no other caller of the same key runs at the same time, in any process: for what needs several stores, or a provider, in one
 * piece. Who comes later waits. A process that dies holds the key for half a minute at most; so the step must also be safe if another begins
 * then (it is a lease, not a lock).
 * @param isPointless asked for as long as it is not our turn: whoever waits for what is gone waits no longer, and gets undefined
 * @throws StoreError when it is not its turn within 15 seconds
 */
export function exclusively<Result>(
  store: AtomicStore,
  clock: Clock,
  key: string,
  step: () => Promise<Result>,
): Promise<Result>
export function exclusively<Result>(
  store: AtomicStore,
  clock: Clock,
  key: string,
  step: () => Promise<Result>,
  isPointless: (() => Promise<boolean>) | undefined,
): Promise<Result | undefined>
export async function exclusively<Result>(
  store: AtomicStore,
  clock: Clock,
  key: string,
  step: () => Promise<Result>,
  isPointless?: () => Promise<boolean>,
): Promise<Result | undefined> {
  const name = `exclusive:${key}`
  const holder = randomText(22)
  try {
    const began = performance.now()
    while (!(await store.add(name, holder, clock() + leaseMs))) {
      if (await isPointless?.()) return undefined
      if (performance.now() - began > patienceMs)
        throw new StoreError("challenges", new Error("It did not become our turn."))
      await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 40))
    }
    return await step()
  } finally {
    // Only what is ours (also if nobody told us that it is): after the lease somebody else may hold it. A failure leaves it to its expiry.
    await store.swap(name, holder, holder, 0).catch(() => {})
  }
}
