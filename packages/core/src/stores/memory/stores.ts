import type { Clock } from "../../clock.js"
import type { SessionStore, Stores } from "../ports.js"
import { memoryAtomicStore } from "./atomic-store.js"
import { memoryAuditStore } from "./audit-store.js"
import { memoryConsentStore } from "./consent-store.js"
import { memoryCredentialStore } from "./credential-store.js"
import { memorySessionStore } from "./session-store.js"
import { memoryUserStore } from "./user-store.js"

/** How all of {@link memoryStores} tell the time: the machine's clock, unless a test stands at an expiry. */
export interface MemoryStoresOptions {
  readonly clock?: Clock
}

/** What {@link memoryStores} fills; the sessions come without their user, and so go with users of any shape. */
export interface MemoryStores extends Stores {
  readonly sessions: SessionStore<never>
}

/**
 * Every slot, in this process: for tests, demos and a first evening with the library. Challenges and rate
 * limits have a store each. Whoever needs one slot takes its own function and leaves the others out of the
 * bundle.
 *
 * A realm that has users of its own and shares the rest takes two slots anew:
 * `{ ...shared, users: memoryUserStore(), credentials: memoryCredentialStore() }`. Ids are random, so unique
 * over all of them.
 */
export function memoryStores(options: MemoryStoresOptions = {}): MemoryStores {
  return {
    users: memoryUserStore(),
    credentials: memoryCredentialStore(),
    sessions: memorySessionStore(options),
    challenges: memoryAtomicStore(options),
    rateLimits: memoryAtomicStore(options),
    audit: memoryAuditStore(),
    consents: memoryConsentStore(),
  }
}
