import type { Awaitable } from "../awaitable.js"
import { StoreError } from "../errors.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { Principal } from "../sessions/session.js"
import { isThenable } from "./verdict-of.js"

/** Asks a store about a user; the key is what else the answer depends on. */
export type KeyedLoad<C extends object, Loaded> = (
  principal: Principal<C>,
  request: GuardedRequest,
  key: string,
) => Awaitable<Loaded>

interface Entry<Loaded> {
  readonly key: string
  answer: Awaitable<Loaded>
}

/**
 * The same load, run once per request, principal and key; who asks meanwhile waits for the same answer, who asks afterwards gets it at once. What is
 * kept goes with the request. A failure is not kept: who asks next tries again. It is thrown as a {@link StoreError}, whatever it was: a
 * load has nothing to say but what its store says, and a driver's error must not look like the visitor's fault.
 * @param keep `"late"`: an answer that was there at once is not kept, since keeping it costs more than most such answers
 */
export function oncePerRequest<C extends object, Loaded>(
  load: KeyedLoad<C, Loaded>,
  slot: string,
  keep: "all" | "late" = "all",
): KeyedLoad<C, Loaded> {
  // Weak in both, so that a request object which a host uses again and again keeps nothing of users who are long gone.
  const kept = new WeakMap<Principal<C>, WeakMap<GuardedRequest, Entry<Loaded>[]>>()

  return function once(principal, request, key) {
    const found = kept
      .get(principal)
      ?.get(request)
      ?.find((entry) => entry.key === key)
    if (found) return found.answer
    const answer = started(() => load(principal, request, key), slot)
    if (keep === "late" && !isThenable(answer)) return answer
    const entry: Entry<Loaded> = { key, answer }
    const entries = entriesOf(principal, request)
    entries.push(entry)
    if (isThenable(answer)) entry.answer = settling(answer, entry, entries)
    return entry.answer
  }

  function entriesOf(principal: Principal<C>, request: GuardedRequest): Entry<Loaded>[] {
    const requests = kept.get(principal) ?? new WeakMap<GuardedRequest, Entry<Loaded>[]>()
    kept.set(principal, requests)
    const entries = requests.get(request) ?? []
    requests.set(request, entries)
    return entries
  }

  async function settling(
    answer: PromiseLike<Loaded>,
    entry: Entry<Loaded>,
    entries: Entry<Loaded>[],
  ): Promise<Loaded> {
    try {
      const loaded = await answer
      entry.answer = loaded
      return loaded
    } catch (thrown) {
      entries.splice(entries.indexOf(entry), 1)
      throw asStoreError(thrown, slot)
    }
  }
}

function started<Loaded>(load: () => Awaitable<Loaded>, slot: string): Awaitable<Loaded> {
  try {
    return load()
  } catch (thrown) {
    throw asStoreError(thrown, slot)
  }
}

function asStoreError(thrown: unknown, slot: string): StoreError {
  return thrown instanceof StoreError ? thrown : new StoreError(slot, thrown)
}
