import assert from "node:assert/strict"
import type { Clock, EpochMs } from "@mortise/core"
import type { KeyValueNamespace } from "../../src/index.js"

/** By what clock the locations see each other late. */
export interface LagOptions {
  readonly clock: Clock
  /** Waited for before each call, while others act and time may pass. Default: not at all. */
  readonly pause?: () => Promise<void>
}

/** A location. `lag` answers how many milliseconds ago it looks, for the next key that it reads or lists. */
export type OpenLocation = (lag: () => number) => KeyValueNamespace

/** What a key held from an instant on; null: nothing. */
interface Version {
  readonly at: EpochMs
  readonly value: string | null
}

/**
 * A location of a namespace that shows every key as it was some time ago, each key and each read with a lag of
 * its own: worse than KV, where a location at least never goes back. All writes go to the real namespace, and
 * what is read without lag comes from there.
 */
export function laggingLocations(
  real: KeyValueNamespace,
  { clock, pause = atOnce }: LagOptions,
): OpenLocation {
  const history = new Map<string, Version[]>()

  function remember(key: string, value: string | null): void {
    const versions = history.get(key) ?? []
    versions.push({ at: clock(), value })
    history.set(key, versions)
  }

  /** What a location shows for a key whose present value is `newest`. */
  function seen(key: string, newest: string | null, lag: number): string | null {
    const until = clock() - lag
    const versions = history.get(key) ?? []
    const shown = versions.filter(({ at }) => at <= until).at(-1)
    return shown !== undefined && shown === versions.at(-1) ? newest : (shown?.value ?? null)
  }

  return function openLocation(lag): KeyValueNamespace {
    return {
      async get(keys, options) {
        await pause()
        const newest = await real.get(keys, options)
        return new Map(keys.map((key) => [key, seen(key, newest.get(key) ?? null, lag())]))
      },
      async put(key, value, options) {
        await pause()
        await real.put(key, value, options)
        remember(key, value)
      },
      async delete(key) {
        await pause()
        await real.delete(key)
        remember(key, null)
      },
      async list({ prefix }) {
        await pause()
        const page = await real.list({ prefix })
        assert.ok(page.list_complete, "more than one page is for another test")
        const names = new Set(page.keys.map(({ name }) => name))
        const known = [...history.keys()].filter((name) => name.startsWith(prefix))
        const shown = known.filter((name) => seen(name, names.has(name) ? "" : null, lag()) !== null)
        return { keys: shown.sort().map((name) => ({ name })), list_complete: true }
      },
    }
  }
}

async function atOnce(): Promise<void> {}
