import { ConfigError, StoreError } from "../errors.js"
import type { SlotName, Stores } from "./ports.js"

const atomicMethods = ["get", "set", "delete", "add", "swap", "take", "increment"] as const

const methodsOf: { readonly [Slot in SlotName]: readonly (keyof Stores[Slot] & string)[] } = {
  users: ["create", "find", "findByEmail", "update", "delete", "list"],
  credentials: ["insert", "find", "listByUser", "replace", "delete", "deleteByUser"],
  sessions: ["epoch", "insert", "find", "replace", "delete", "listByUser", "deleteByUser"],
  challenges: atomicMethods,
  rateLimits: atomicMethods,
  audit: ["append", "list"],
}

type Method = (...input: unknown[]) => Promise<unknown>

/**
 * The slots that are needed or given, each checked for its methods, each call that fails turned into a {@link StoreError}, so that a
 * driver's error (with its addresses and queries) never reaches a visitor and is never taken for "no".
 * @throws ConfigError `ERR_CONFIG_STORES` for a missing slot, or a store that does not fit it
 */
export function checkedStores(stores: Partial<Stores>, needed: ReadonlySet<SlotName>): Partial<Stores> {
  const checked: Record<string, unknown> = {}
  for (const slot of Object.keys(methodsOf) as SlotName[]) {
    const store = stores[slot]
    if (store) checked[slot] = checkedStore(slot, store as unknown as Record<string, unknown>)
    else if (needed.has(slot)) throw missing(slot)
  }
  return checked
}

function checkedStore(slot: SlotName, store: Record<string, unknown>): Record<string, unknown> {
  const checked: Record<string, unknown> = {}
  for (const name of methodsOf[slot]) checked[name] = checkedMethod(slot, store, name)
  if (slot === "sessions") checked["staleness"] = stalenessOf(store)
  return Object.freeze(checked)
}

function checkedMethod(slot: SlotName, store: Record<string, unknown>, name: string): Method {
  const method = store[name]
  if (typeof method !== "function") throw unfit(slot, name)
  const call = method.bind(store) as Method
  return async function checkedCall(...input) {
    try {
      return await call(...input)
    } catch (cause) {
      throw cause instanceof StoreError ? cause : new StoreError(slot, cause)
    }
  }
}

function stalenessOf(store: Record<string, unknown>): number {
  const { staleness } = store
  if (typeof staleness === "number" && staleness >= 0) return staleness
  throw new ConfigError(
    "ERR_CONFIG_STORES",
    "stores.sessions names no staleness. Give it one: 0 if the next read anywhere sees every write.",
  )
}

function missing(slot: SlotName): ConfigError {
  return new ConfigError(
    "ERR_CONFIG_STORES",
    `stores.${slot} is missing, and a flow or the sessions need it. Spread an adapter that brings it: ` +
      "stores: { ...postgresStores(query), ...redisStores(command) }, or memoryStores() for a test.",
  )
}

function unfit(slot: SlotName, name: string): ConfigError {
  const atomic =
    (atomicMethods as readonly string[]).includes(name) && (slot === "challenges" || slot === "rateLimits")
  return new ConfigError(
    "ERR_CONFIG_STORES",
    `stores.${slot} has no ${name}(). ${
      atomic
        ? "This slot takes single-use values, so it needs an atomic store: Redis, PostgreSQL or a Durable Object. Workers KV has no atomic step."
        : "See the port's description for what it must do."
    }`,
  )
}
