import type { Clock, EpochMs, Seconds } from "@mortise/core"
import { MalformedDataError } from "../malformed-data-error.js"
import { type KeyValueNamespace, keysPerRead } from "./namespace.js"

/** A namespace with its limits kept. */
export interface NamespaceAccess {
  /** The values of these keys, in their order: one read per hundred keys. */
  read(keys: readonly string[]): Promise<readonly (string | undefined)[]>
  /** KV keeps the value until this instant at least: never less than 60 s, and readers go by their own clocks. */
  write(key: string, value: string, until: EpochMs): Promise<void>
  /**
   * The same for what must be written although the key may have been a moment ago: where KV refuses because it was less than a second, waits and
   * writes again, three times at most. An account that is claimed has its sessions ended twice.
   */
  insist(key: string, value: string, until: EpochMs): Promise<void>
  /** Removes what readers no longer look at. Not at all if the key was written within this second. */
  tidy(keys: readonly string[]): Promise<void>
  /** Every name that begins so. */
  names(prefix: string): Promise<readonly string[]>
}

/** KV takes no shorter time-to-live. */
const shortestLifetime: Seconds = 60

/** Milliseconds from a write of a key until KV takes the next for sure. */
const betweenWrites = 1_100

/** How far apart the clocks of a writer and of KV may be: what is kept for readers is kept this much longer. */
const clockTolerance = 3_600_000

/** Access to a namespace whose reads may come from a cache that is `staleness` old. */
export function namespaceAccess(
  namespace: KeyValueNamespace,
  { staleness, clock }: { readonly staleness: Seconds; readonly clock: Clock },
): NamespaceAccess {
  async function read(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const values: (string | undefined)[] = []
    for (let at = 0; at < keys.length; at += keysPerRead) {
      const page = keys.slice(at, at + keysPerRead)
      const found = await namespace.get(page, { cacheTtl: staleness })
      for (const key of page) values.push(textOf(found.get(key)))
    }
    return values
  }

  async function write(key: string, value: string, until: EpochMs): Promise<void> {
    const seconds = Math.ceil((until + clockTolerance - clock()) / 1000)
    await namespace.put(key, value, { expirationTtl: Math.max(shortestLifetime, seconds) })
  }

  async function insist(key: string, value: string, until: EpochMs): Promise<void> {
    for (let waits = 3; waits > 0; waits--) {
      const refused = await write(key, value, until).then(() => false, isTooFastOrThrow)
      if (!refused) return
      await new Promise((resolve) => setTimeout(resolve, betweenWrites))
    }
    await write(key, value, until)
  }

  async function tidy(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => namespace.delete(key).catch(ignoreTooFast)))
  }

  async function names(prefix: string): Promise<readonly string[]> {
    const all: string[] = []
    let cursor: string | undefined
    do {
      const page = await namespace.list(cursor === undefined ? { prefix } : { prefix, cursor })
      for (const { name } of page.keys) all.push(name)
      cursor = page.list_complete ? undefined : page.cursor
    } while (cursor !== undefined)
    return all
  }

  return { read, write, insist, tidy, names }
}

/**
 * Whether KV refused a write because the same key was written less than a second ago. It says so in the
 * message only.
 */
export function isTooFast(error: unknown): boolean {
  return error instanceof Error && /\b429\b/.test(error.message)
}

/** For what somebody else has just written the same of. @throws what is another error */
export function ignoreTooFast(error: unknown): void {
  isTooFastOrThrow(error)
}

function isTooFastOrThrow(error: unknown): true {
  if (isTooFast(error)) return true
  throw error
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value
  if (value === null || value === undefined) return undefined
  throw new MalformedDataError("KV did not answer a text. Hand over the namespace as it is.")
}
