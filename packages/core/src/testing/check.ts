import assert from "node:assert/strict"
import { type Clock, systemClock } from "../clock.js"
import { type AdjustableClock, adjustableClock } from "./adjustable-clock.js"

/** A store under test: two instances, as two processes would have them, on one backing store. */
export interface Bench<S> {
  readonly a: S
  readonly b: S
  /** Lets go of connections; called when a check has ended, however it ended. */
  readonly close?: () => Promise<void>
}

/**
 * A {@link Bench} for records that belong to a user, who must exist first where the store has foreign keys.
 */
export interface OwnedBench<S> extends Bench<S> {
  /** Makes a user and answers the id; where nothing keeps users, a fresh random id. */
  readonly newUserId: () => Promise<string>
}

/** Opens a bench whose two instances tell the time by `clock`. */
export type OpenBench<B> = (clock: Clock) => B | Promise<B>

/**
 * One sentence of a port, proved or refuted. Any runner will do:
 * `for (const check of atomicStoreChecks) test(check.name, () => check.run(openBench))`.
 *
 * `run` rejects with an AssertionError if the sentence does not hold. Keys, users and ids are random, so
 * benches may share a database. The clock that it hands to `openBench` starts at the real time and is only
 * moved forward, by minutes: a physical time-to-live never strikes during a check. Give a check up to 30
 * seconds against a real server.
 */
export interface Check<B> {
  readonly name: string
  /** Opens a bench, tries the sentence on it, closes it. */
  readonly run: (open: OpenBench<B>) => Promise<void>
}

/** A check with a clock that stands still until its body moves it. */
export function check<B extends Bench<unknown>>(
  name: string,
  body: (bench: B, clock: AdjustableClock) => Promise<void>,
): Check<B> {
  async function run(open: OpenBench<B>): Promise<void> {
    const clock = adjustableClock()
    await withBench(await open(clock), (bench) => body(bench, clock))
  }
  return { name, run }
}

/** A check under the machine's own clock, for what a store does when time really passes. */
export function realTimeCheck<B extends Bench<unknown>>(
  name: string,
  body: (bench: B) => Promise<void>,
): Check<B> {
  return { name, run: async (open) => withBench(await open(systemClock), body) }
}

async function withBench<B extends Bench<unknown>>(
  bench: B,
  body: (bench: B) => Promise<void>,
): Promise<void> {
  try {
    await body(bench)
  } finally {
    await bench.close?.()
  }
}

/** Fails unless exactly one of the callers was told yes. */
export function assertOneWinner(answers: readonly boolean[], what: string): void {
  const winners = answers.filter(Boolean).length
  assert.equal(
    winners,
    1,
    `${what}: ${winners} of ${answers.length} parallel callers got true, not exactly one`,
  )
}

/** Waits until the machine's clock shows `at`. Timers may fire early, so it looks again. */
export async function realTime(at: number): Promise<void> {
  while (Date.now() < at) await new Promise((resolve) => setTimeout(resolve, at - Date.now()))
}

/** A sorted copy, to compare answers whose order is nobody's promise. */
export function sorted<T extends string | number>(values: readonly T[]): readonly T[] {
  return [...values].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0))
}
