import type { SecretRing } from "../crypto/secret-ring.js"
import { ConfigError, misconfigured, StoreError } from "../errors.js"
import type { SlotName, Stores } from "./ports.js"

const atomicMethods = "get set delete add swap take increment"

/** What each slot must have. */
const methodsOf: Readonly<Record<SlotName, string>> = {
  users: "create find findByEmail update delete list",
  credentials: "insert find listByUser replace delete deleteByUser",
  sessions: "epoch insert find replace delete listByUser deleteByUser",
  challenges: atomicMethods,
  rateLimits: atomicMethods,
  audit: "append list verify pseudonymize",
  consents: "append listByUser deleteByUser",
}

type Method = (...input: unknown[]) => unknown

/**
 * The slots that are needed or given, each checked for its methods, each call that fails turned into a {@link StoreError}, so that a
 * driver's error (with its addresses and queries) never reaches a visitor and is never taken for "no". Each key of `rateLimits` is a keyed
 * digest of what the flows give, so that nothing in there says which address, account or network was counted. Realms of one secret count
 * together; under a new secret every count begins anew.
 * @throws ConfigError `ERR_CONFIG_STORES` for a missing slot, or a store that does not fit it
 */
export function checkedStores(
  stores: Partial<Stores>,
  needed: ReadonlySet<SlotName>,
  secrets: SecretRing,
): Partial<Stores> {
  const checked: Record<string, unknown> = {}
  for (const slot of Object.keys(methodsOf) as SlotName[]) {
    const store = stores[slot]
    if (store) checked[slot] = checkedStore(slot, store as unknown as Record<string, unknown>, secrets)
    else if (needed.has(slot)) throw missing(slot)
  }
  return checked
}

function checkedStore(
  slot: SlotName,
  store: Record<string, unknown>,
  secrets: SecretRing,
): Record<string, unknown> {
  const checked: Record<string, unknown> = {}
  for (const name of methodsOf[slot].split(" ")) checked[name] = checkedMethod(slot, store, name, secrets)
  if (slot === "sessions") checked["staleness"] = stalenessOf(store)
  return Object.freeze(checked)
}

function checkedMethod(
  slot: SlotName,
  store: Record<string, unknown>,
  name: string,
  secrets: SecretRing,
): Method {
  const method = store[name]
  if (typeof method !== "function") throw unfit(slot, name)
  // Every method of that slot takes the key first.
  const keyOf = (key: unknown): unknown =>
    slot === "rateLimits" ? secrets.digests("limit", `${key}`)[0] : key
  const rejected = (cause: unknown): Promise<never> =>
    Promise.reject(cause instanceof StoreError ? cause : new StoreError(slot, cause))
  return function checkedCall(first, ...rest) {
    try {
      const answer = method.call(store, keyOf(first), ...rest)
      return answer instanceof Promise ? answer.catch(rejected) : answer
    } catch (cause) {
      return rejected(cause)
    }
  }
}

function stalenessOf(store: Record<string, unknown>): number {
  const { staleness } = store
  if (typeof staleness === "number" && staleness >= 0) return staleness
  throw misconfigured("ERR_CONFIG_STORES", "stores.sessions.staleness", staleness, "seconds, or 0")
}

function missing(slot: SlotName): ConfigError {
  const write = "stores: { ...postgresStores(query), ...redisStores(command) }"
  return new ConfigError("ERR_CONFIG_STORES", `stores.${slot} is missing. Write ${write}.`)
}

function unfit(slot: SlotName, name: string): ConfigError {
  const why =
    methodsOf[slot] === atomicMethods
      ? " Workers KV is not atomic; Durable Objects, Redis and PostgreSQL are."
      : ""
  return new ConfigError("ERR_CONFIG_STORES", `stores.${slot} has no ${name}().${why}`)
}
