import type { AtomicStore, Clock, EpochMs } from "@mortise/core"
import { addScript, incrementScript, swapScript } from "./atomic-scripts.js"
import { MalformedDataError } from "./malformed-data-error.js"
import { physicalTtl } from "./physical-ttl.js"
import { integerReply, okReply, textReply, yesNoReply } from "./replies.js"
import { type SendCommand, scriptCommand } from "./send-command.js"

/** What an atomic store is built from. */
export interface AtomicStoreParts {
  readonly send: SendCommand
  /** The Redis key of a store key. */
  readonly keyOf: (key: string) => string
  readonly clock: Clock
}

/**
 * An {@link AtomicStore} on Redis. Each step is one command or one script on one key, which a server executes
 * alone and one after another: that makes it indivisible on a single server and on a cluster alike.
 *
 * A key holds an entry, `<expiresAt>:<value>`. The instant decides, for every method; Redis's own
 * time-to-live only tidies up. What a master has acknowledged and not yet replicated is lost when it fails
 * over: a value taken just before can be there again.
 */
export function atomicStore({ send, keyOf, clock }: AtomicStoreParts): AtomicStore {
  async function get(key: string): Promise<string | undefined> {
    const redisKey = keyOf(key)
    return liveValue(textReply(await send({ key: redisKey, args: ["GET", redisKey] })))
  }

  async function set(key: string, value: string, expiresAt: EpochMs): Promise<void> {
    const redisKey = keyOf(key)
    const args: [string, ...string[]] = ["SET", redisKey, entryOf(value, expiresAt), "PX", ttl(expiresAt)]
    okReply(await send({ key: redisKey, args }))
  }

  async function remove(key: string): Promise<void> {
    const redisKey = keyOf(key)
    integerReply(await send({ key: redisKey, args: ["DEL", redisKey] }))
  }

  // Not SET NX: a value that has expired by our clock is absent even while Redis still keeps it.
  async function add(key: string, value: string, expiresAt: EpochMs): Promise<boolean> {
    return yesNoReply(await run(addScript, key, [entryOf(value, expiresAt), ttl(expiresAt)]))
  }

  async function swap(key: string, current: string, next: string, expiresAt: EpochMs): Promise<boolean> {
    return yesNoReply(await run(swapScript, key, [entryOf(next, expiresAt), ttl(expiresAt), current]))
  }

  // GETDEL removes whatever it hands out, so a second caller finds nothing even if the first one's entry
  // turns out expired.
  async function take(key: string): Promise<string | undefined> {
    const redisKey = keyOf(key)
    return liveValue(textReply(await send({ key: redisKey, args: ["GETDEL", redisKey] })))
  }

  async function increment(key: string, expiresAt: EpochMs): Promise<number> {
    return integerReply(await run(incrementScript, key, [entryOf("1", expiresAt), ttl(expiresAt)]))
  }

  function run(script: string, key: string, args: readonly string[]): Promise<unknown> {
    return send(scriptCommand(script, [keyOf(key)], [String(clock()), ...args]))
  }

  function liveValue(entry: string | undefined): string | undefined {
    if (entry === undefined) return undefined
    const { expiresAt, value } = parseEntry(entry)
    return clock() < expiresAt ? value : undefined
  }

  function ttl(expiresAt: EpochMs): string {
    return physicalTtl(expiresAt, clock())
  }

  return { get, set, delete: remove, add, swap, take, increment }
}

/** Rounded down to whole milliseconds: it may end a fraction early, never late. */
function entryOf(value: string, expiresAt: EpochMs): string {
  return `${Math.max(0, Math.floor(expiresAt))}:${value}`
}

function parseEntry(entry: string): { expiresAt: EpochMs; value: string } {
  const colon = entry.indexOf(":")
  const instant = entry.slice(0, Math.max(0, colon))
  if (!/^\d+$/.test(instant)) {
    throw new MalformedDataError("A challenge or counter in Redis is not of the form <expiresAt>:<value>.")
  }
  return { expiresAt: Number(instant), value: entry.slice(colon + 1) }
}
