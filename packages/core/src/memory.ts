/**
 * Stores in this process, for tests, demos and servers that are one process. Each single-use step is atomic
 * on its one thread.
 */
export { type MemoryAtomicOptions, memoryAtomicStore } from "./stores/memory/atomic-store.js"
export { type MemoryAuditOptions, memoryAuditStore } from "./stores/memory/audit-store.js"
export { memoryConsentStore } from "./stores/memory/consent-store.js"
export { memoryCredentialStore } from "./stores/memory/credential-store.js"
export { type MemorySessionOptions, memorySessionStore } from "./stores/memory/session-store.js"
export { type MemoryStores, type MemoryStoresOptions, memoryStores } from "./stores/memory/stores.js"
export { memoryUserStore } from "./stores/memory/user-store.js"
