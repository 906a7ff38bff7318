/** One call of a store's method, counted from 1 over everything that one recorder watches. */
export interface StoreCall {
  readonly number: number
  readonly slot: string
  readonly method: string
}

/**
 * A store, or a record of stores, that behaves as the original, and the calls that it has received so far.
 */
export interface Watched<S> {
  readonly watched: S
  readonly calls: readonly StoreCall[]
}

/** Which calls fail: `(call) => call.number === 3`, `(call) => call.method === "take"`. */
export type CallChoice = (call: StoreCall) => boolean

/**
 * When a chosen call fails: `"before"` it reaches the store, or `"after"` it took effect, as when the answer
 * is lost.
 */
export type FaultMoment = "before" | "after"

/** What a chosen call of a {@link failing} store rejects with: in place of a driver's error. */
export class InjectedFault extends Error {
  readonly call: StoreCall

  constructor(call: StoreCall) {
    super(`Injected fault: call ${call.number}, ${call.slot}.${call.method}`)
    this.name = "InjectedFault"
    this.call = call
  }
}

type Method = (...input: unknown[]) => Promise<unknown>

/** Records the calls of one store. */
export function recording<S extends object>(store: S, slot = "store"): Watched<S> {
  const calls: StoreCall[] = []
  return { watched: wrap(store, slot, calls, neverFails, "before"), calls }
}

/** Records the calls of all slots in one list, in the order in which they began. */
export function recordingStores<S extends object>(stores: S): Watched<S> {
  return failingStores(stores, neverFails)
}

/** Makes the chosen calls of one store reject with an {@link InjectedFault}; counts all calls. */
export function failing<S extends object>(
  store: S,
  fails: CallChoice,
  { slot = "store", moment = "before" }: { slot?: string; moment?: FaultMoment } = {},
): Watched<S> {
  const calls: StoreCall[] = []
  return { watched: wrap(store, slot, calls, fails, moment), calls }
}

/**
 * The same for a record of stores, counted over all slots. To let every call of a flow fail in turn, raise
 * `n` in `failingStores(stores, (call) => call.number === n)` until a run makes fewer than `n` calls.
 */
export function failingStores<S extends object>(
  stores: S,
  fails: CallChoice,
  { moment = "before" }: { moment?: FaultMoment } = {},
): Watched<S> {
  const calls: StoreCall[] = []
  const watched: S = { ...stores }
  for (const [slot, store] of Object.entries(stores)) {
    if (isObject(store)) Reflect.set(watched, slot, wrap(store, slot, calls, fails, moment))
  }
  return { watched, calls }
}

/**
 * A look-alike with the same prototype whose methods pass through `intercept`; what is no method is read
 * through.
 */
function wrap<S extends object>(
  store: S,
  slot: string,
  calls: StoreCall[],
  fails: CallChoice,
  moment: FaultMoment,
): S {
  const properties: PropertyDescriptorMap = {}
  for (const name of propertyNames(store)) {
    const value: unknown = Reflect.get(store, name)
    properties[name] =
      typeof value === "function"
        ? { value: intercepted(value as Method, name), enumerable: true }
        : { get: () => Reflect.get(store, name), enumerable: true }
  }
  return Object.create(Object.getPrototypeOf(store), properties)

  function intercepted(method: Method, name: string): Method {
    return async function watchedCall(...input) {
      const call: StoreCall = { number: calls.length + 1, slot, method: name }
      calls.push(call)
      const fault = fails(call) ? new InjectedFault(call) : undefined
      if (fault && moment === "before") throw fault
      const answer: unknown = await Reflect.apply(method, store, input)
      if (fault) throw fault
      return answer
    }
  }
}

function propertyNames(store: object): ReadonlySet<string> {
  const names = new Set<string>()
  for (
    let level = store;
    level !== Object.prototype && level !== null;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) if (name !== "constructor") names.add(name)
  }
  return names
}

function neverFails(): boolean {
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null
}
