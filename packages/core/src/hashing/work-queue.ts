import { type Clock, systemClock } from "../clock.js"
import { ConfigError, OverloadError } from "../errors.js"
import type { RunBounded } from "./hasher.js"

/** How much may run and wait in a {@link workQueue}. */
export interface WorkQueueOptions {
  /** Pieces of work under way at once, 1 to 64. */
  readonly concurrency: number
  /** Pieces of work that may wait for a place, 0 to 10,000. Default 256. */
  readonly waiting?: number
  /** Only to estimate when it is worth asking again. */
  readonly clock?: Clock
}

/**
 * A bounded queue: first come, first served, at most `concurrency` under way, at most `waiting` behind them. What comes then is
 * refused at once instead of making everybody wait for longer than a browser does. Work that fails gives its place back.
 * Calling the queue from work that runs in it can wait for ever: never nest one queue in itself.
 * @throws ConfigError `ERR_CONFIG_HASHER` for numbers out of bounds
 * @returns a function that rejects with OverloadError when the queue is full; `retryAfter` is how long the queue needs to empty, from
 * what work took lately, 1 to 60 seconds
 */
export function workQueue(options: WorkQueueOptions): RunBounded {
  const { concurrency, waiting = 256, clock = systemClock } = options
  checkCount("concurrency", concurrency, 1, 64)
  checkCount("waiting", waiting, 0, 10_000)
  const queue: (() => void)[] = []
  let running = 0
  let usualMs = 0

  async function run<Result>(work: () => Promise<Result>): Promise<Result> {
    await enter()
    const startedAt = clock()
    try {
      return await work()
    } finally {
      usualMs += (Math.max(0, clock() - startedAt) - usualMs) / 8
      leave()
    }
  }

  function enter(): Promise<void> | undefined {
    if (running < concurrency) {
      running += 1
      return undefined
    }
    if (queue.length < waiting) return new Promise((resolve) => queue.push(resolve))
    const seconds = Math.ceil((usualMs * (queue.length + 1)) / concurrency / 1000)
    throw new OverloadError(
      "Too many passwords are waiting to be hashed.",
      Math.min(60, Math.max(1, seconds)),
    )
  }

  // The place is handed over, never freed, while somebody waits: a newcomer cannot overtake.
  function leave(): void {
    const next = queue.shift()
    if (next) next()
    else running -= 1
  }

  return run
}

function checkCount(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new ConfigError(
    "ERR_CONFIG_HASHER",
    `${name}: ${value} is out of bounds. Write a whole number from ${least} to ${most}.`,
  )
}
