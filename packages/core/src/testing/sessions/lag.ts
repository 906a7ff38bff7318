import type { SessionRecord } from "../../stores/ports.js"
import type { AdjustableClock } from "../adjustable-clock.js"
import { assertGone, type SessionBench } from "./opened.js"

/** Lets what was written reach every location. */
export function propagate({ a }: SessionBench, clock: AdjustableClock): void {
  clock.advance(a.staleness * 1000)
}

/** Uses sessions for so long, at both locations, that nothing about them is new any more. */
export async function grownOld(
  bench: SessionBench,
  clock: AdjustableClock,
  records: readonly SessionRecord[],
): Promise<void> {
  for (let times = 0; times < 6; times += 1) {
    propagate(bench, clock)
    for (const { id } of records) for (const store of [bench.a, bench.b]) await store.find(id)
  }
}

/** From now and the staleness on, and for ever. */
export async function assertStaysGone(
  bench: SessionBench,
  clock: AdjustableClock,
  userId: string,
  ids: readonly string[],
): Promise<void> {
  for (let times = 1; times <= 6; times += 1) {
    propagate(bench, clock)
    await assertGone([bench.a, bench.b], userId, ids, `after ${times} times the staleness`)
  }
}
