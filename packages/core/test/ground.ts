import type { Clock } from "../src/clock.js"
import { memoryStores } from "../src/memory.js"
import type { Stores } from "../src/stores/ports.js"
import { failingStores } from "../src/testing/intercept.js"

/** Where hosts keep what they keep. */
export interface Ground {
  /** Stores that nobody has put anything into. */
  fresh(clock: Clock): Stores
  /** What `fresh` made once more, of which calls fail; as `failingStores`, but nearer to where a failure comes from, if there is such a place. */
  failing: typeof failingStores<Stores>
  /** Nobody asks these any more: for a test that has hundreds, one after another. */
  leave(stores: Stores): void
  /** Whether tables that run over every way of keeping sessions do so here too. Those ask no call of a store that `opaque()` does not. */
  readonly everyStrategy: boolean
}

const memory: Ground = {
  fresh: (clock) => memoryStores({ clock }),
  failing: failingStores,
  leave() {},
  everyStrategy: true,
}

/**
 * Where the hosts of these tests stand, unless a test says otherwise: in memory. `tests/tables` runs the
 * tables of what must be refused once more, on servers.
 */
export let ground: Ground = memory

/** Has the hosts of this file stand elsewhere. */
export function standOn(other: Ground): void {
  ground = other
}
