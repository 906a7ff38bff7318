import type { Clock } from "../../src/clock.js"
import { memoryAtomicStore } from "../../src/memory.js"
import type { AtomicStore } from "../../src/stores/ports.js"
import type { Bench } from "../../src/testing.js"

/** A store with one defect, and the name of a check that must fail because of it. */
export interface Defect<B> {
  readonly defect: string
  readonly open: (clock: Clock) => B
  readonly caughtBy: string
}

/**
 * The gap in which another caller comes between: the round trip of a store that looks first and acts
 * afterwards.
 */
export async function roundTrip(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

type Broken = (store: AtomicStore, clock: Clock) => Partial<AtomicStore>

function defect(defect: string, caughtBy: string, broken: Broken): Defect<Bench<AtomicStore>> {
  function open(clock: Clock): Bench<AtomicStore> {
    const store = memoryAtomicStore({ clock })
    const both = { ...store, ...broken(store, clock) }
    return { a: both, b: both }
  }
  return { defect, open, caughtBy }
}

/** The whole store with another idea of the time. */
function defectiveClock(what: string, caughtBy: string, drift: number): Defect<Bench<AtomicStore>> {
  return defect(what, caughtBy, (_, clock) => memoryAtomicStore({ clock: () => clock() + drift }))
}

const gone = "there one millisecond before expiresAt, gone at expiresAt"
const far = 9e12

export const atomicDefects: readonly Defect<Bench<AtomicStore>>[] = [
  defect(
    "take looks, then marks",
    "take: exactly one of N parallel callers gets the value, the others undefined",
    (store) => ({
      async take(key) {
        const value = await store.get(key)
        await roundTrip()
        await store.delete(key)
        return value
      },
    }),
  ),
  defect(
    "add looks, then sets",
    "add: exactly one of N parallel callers gets true, and its value stays",
    (store) => ({
      async add(key, value, expiresAt) {
        if ((await store.get(key)) !== undefined) return false
        await roundTrip()
        await store.set(key, value, expiresAt)
        return true
      },
    }),
  ),
  defect(
    "swap looks, then sets",
    "swap: exactly one of N parallel callers gets true, and its value stays",
    (store) => ({
      async swap(key, current, next, expiresAt) {
        if ((await store.get(key)) !== current) return false
        await roundTrip()
        await store.set(key, next, expiresAt)
        return true
      },
    }),
  ),
  defect(
    "increment reads, then writes",
    "increment: N parallel callers get 1 to N, each number once",
    (store) => ({
      async increment(key, expiresAt) {
        const count = Number((await store.get(key)) ?? 0) + 1
        await roundTrip()
        await store.set(key, String(count), expiresAt)
        return count
      },
    }),
  ),
  defect(
    "every increment moves the window",
    "increment: the creating call fixes the window, later calls move it neither way",
    (store) => ({
      async increment(key, expiresAt) {
        const value = await store.get(key)
        if (value === undefined) return store.increment(key, expiresAt)
        const next = Number(value) + 1
        await store.swap(key, value, String(next), expiresAt)
        return next
      },
    }),
  ),
  defect(
    "increment forgets the window's end when it races",
    "increment: of N parallel creators the one that gets 1 fixes the window",
    (store) => {
      let latest = 0
      return {
        async increment(key, expiresAt) {
          latest = Math.max(latest, expiresAt)
          const count = await store.increment(key, expiresAt)
          if (count > 1) await store.swap(key, String(count), String(count), latest)
          return count
        },
      }
    },
  ),
  defect(
    "counters are kept apart from values",
    "a counter reads as its decimal digits through get, swap and take",
    (store) => ({ increment: (key, expiresAt) => store.increment(`counter:${key}`, expiresAt) }),
  ),
  defectiveClock("expires one millisecond late", `get: ${gone}`, -1),
  defectiveClock("expires one millisecond early", `get: ${gone}`, 1),
  defectiveClock("expires a second late", "in real time: there before expiresAt, gone at expiresAt", -1_000),
  defect("take ignores expiry", `take: ${gone}`, (store) => {
    const backend = new Map<string, string>()
    return {
      async set(key, value, expiresAt) {
        backend.set(key, value)
        await store.set(key, value, expiresAt)
      },
      async take(key) {
        const value = backend.get(key)
        backend.delete(key)
        await store.delete(key)
        return value
      },
    }
  }),
  defect(
    "swap revives what has expired",
    "swap: works one millisecond before expiresAt, revives nothing at expiresAt",
    (store) => {
      const backend = new Map<string, string>()
      return {
        async set(key, value, expiresAt) {
          backend.set(key, value)
          await store.set(key, value, expiresAt)
        },
        async swap(key, current, next, expiresAt) {
          if (backend.get(key) !== current) return false
          backend.set(key, next)
          await store.set(key, next, expiresAt)
          return true
        },
      }
    },
  ),
  defect(
    "add finds expired values present",
    "add: refused one millisecond before expiresAt, free at expiresAt",
    (store) => {
      const backend = new Set<string>()
      return {
        async add(key, value, expiresAt) {
          if (backend.has(key)) return false
          backend.add(key)
          return store.add(key, value, expiresAt)
        },
      }
    },
  ),
  defect(
    "of racing adds over an expired value all win",
    "an expired value is absent in a race too: one add wins, nobody takes or swaps",
    (store) => ({
      async add(key, value, expiresAt) {
        const absent = (await store.get(key)) === undefined
        await roundTrip()
        if (absent) await store.set(key, value, expiresAt)
        return absent
      },
    }),
  ),
  defect("a refused swap moves the expiry", "a refused swap leaves the expiry", (store) => ({
    async swap(key, current, next, expiresAt) {
      const value = await store.get(key)
      if (value === current) return store.swap(key, current, next, expiresAt)
      if (value !== undefined) await store.set(key, value, expiresAt)
      return false
    },
  })),
  defect("set keeps the first expiry", "set moves the expiry, later and earlier", (store) => {
    const first = new Map<string, number>()
    return {
      async set(key, value, expiresAt) {
        if (!first.has(key)) first.set(key, expiresAt)
        await store.set(key, value, first.get(key) ?? expiresAt)
      },
    }
  }),
  defect(
    "swap keeps the expiry of the counter's window",
    "increment keeps the expiry that swap gave the counter",
    (store) => {
      const windows = new Map<string, number>()
      return {
        async increment(key, expiresAt) {
          windows.set(key, windows.get(key) ?? expiresAt)
          return store.increment(key, expiresAt)
        },
        swap: (key, current, next, expiresAt) =>
          store.swap(key, current, next, windows.get(key) ?? expiresAt),
      }
    },
  ),
  defect(
    "an expiry in the past means none",
    "an expiresAt that has been reached already stores nothing readable",
    (store, clock) => ({ set: (key, value, at) => store.set(key, value, at <= clock() ? far : at) }),
  ),
  defect(
    "values are trimmed",
    "values come back exactly: any Unicode, quotes, line ends, empty, 64 KiB",
    (store) => ({
      set: (key, value, expiresAt) => store.set(key, value.trim(), expiresAt),
    }),
  ),
  defect(
    "values are cut at 4 KiB",
    "values come back exactly: any Unicode, quotes, line ends, empty, 64 KiB",
    (store) => ({
      set: (key, value, expiresAt) => store.set(key, value.slice(0, 4_096), expiresAt),
    }),
  ),
  defect(
    "an empty value counts as absent",
    "values come back exactly: any Unicode, quotes, line ends, empty, 64 KiB",
    (store) => ({
      async take(key) {
        return (await store.take(key)) || undefined
      },
    }),
  ),
  defect(
    "swap compares normal forms",
    "swap compares exactly: case, spaces, digits and normal forms count",
    (store) => ({
      async swap(key, current, next, expiresAt) {
        const value = await store.get(key)
        if (value?.normalize() !== current.normalize()) return false
        return store.swap(key, value, next, expiresAt)
      },
    }),
  ),
  defect("keys are folded", "keys are exact: up to 512 bytes, any printable ASCII, case counts", (store) => ({
    get: (key) => store.get(key.toLowerCase()),
    set: (key, value, expiresAt) => store.set(key.toLowerCase(), value, expiresAt),
  })),
  defect(
    "keys are cut at 255 bytes",
    "keys are exact: up to 512 bytes, any printable ASCII, case counts",
    (store) => ({
      get: (key) => store.get(key.slice(0, 255)),
      set: (key, value, expiresAt) => store.set(key.slice(0, 255), value, expiresAt),
    }),
  ),
  defect("keys are property names", "keys that are names of object properties are ordinary keys", () => {
    const values: Record<string, string> = {}
    return {
      async get(key) {
        return values[key]
      },
    }
  }),
  defect(
    "delete does nothing",
    "delete removes the value, and nothing happens when the key is absent",
    () => ({
      async delete() {},
    }),
  ),
  defect("a refused add overwrites", "add sets only if absent", (store) => ({
    async add(key, value, expiresAt) {
      const absent = await store.add(key, value, expiresAt)
      await store.set(key, value, expiresAt)
      return absent
    },
  })),
  defect("swap creates what is absent", "swap replaces only while the value equals `current`", (store) => ({
    async swap(key, current, next, expiresAt) {
      return (await store.swap(key, current, next, expiresAt)) || store.add(key, next, expiresAt)
    },
  })),
  defect(
    "take leaves the value for a moment, so that swap still finds it",
    "swap and take meet: what was taken is not swapped, what was swapped is taken new",
    (store) => ({
      async take(key) {
        const value = await store.get(key)
        await roundTrip()
        return value === undefined ? undefined : await store.take(key).then((taken) => taken && value)
      },
    }),
  ),
  defect(
    "add overwrites what came between",
    "add and take meet: every value that was added is taken at most once",
    (store) => ({
      async add(key, value, expiresAt) {
        if ((await store.get(key)) !== undefined) return false
        await roundTrip()
        await store.set(key, value, expiresAt)
        return true
      },
    }),
  ),
  defect("what is absent reads as empty", "get answers undefined for a key that was never set", (store) => ({
    get: async (key) => (await store.get(key)) ?? "",
  })),
  defect("take leaves the value", "take hands the value over once", (store) => ({
    take: (key) => store.get(key),
  })),
  defect("counts from 0", "increment counts from 1, through both instances", (store) => ({
    increment: async (key, expiresAt) => (await store.increment(key, expiresAt)) - 1,
  })),
  defect(
    "delete of an expired value leaves a tombstone",
    "delete of an expired value does nothing, and the key is free",
    (store) => {
      const tombstones = new Set<string>()
      return {
        async delete(key) {
          tombstones.add(key)
          await store.delete(key)
        },
        add: async (key, value, expiresAt) => !tombstones.has(key) && store.add(key, value, expiresAt),
      }
    },
  ),
  defect(
    "swap overwrites what came between",
    "get and swap make a counter that loses nothing among N parallel callers",
    (store) => ({
      async swap(key, current, next, expiresAt) {
        if ((await store.get(key)) !== current) return false
        await roundTrip()
        await store.set(key, next, expiresAt)
        return true
      },
    }),
  ),
  defect(
    "one lock for all keys, and who does not get it is refused",
    "different keys do not meet: N parallel callers with keys of their own all succeed",
    (store) => {
      let locked = false
      return {
        async add(key, value, expiresAt) {
          if (locked) return false
          locked = true
          await roundTrip()
          locked = false
          return store.add(key, value, expiresAt)
        },
      }
    },
  ),
  {
    defect: "each instance keeps its own values",
    caughtBy: "a value set through one instance is read through the other",
    open: (clock) => ({ a: memoryAtomicStore({ clock }), b: memoryAtomicStore({ clock }) }),
  },
]
