export { type KvSessionOptions, kvSessions } from "./kv/kv-sessions.js"
export type { KeyValueNamespace, KeyValuePage } from "./kv/namespace.js"
export { MalformedDataError } from "./malformed-data-error.js"
export {
  type DurableObjectStoreOptions,
  type DurableObjectStores,
  durableObjectStores,
} from "./objects/durable-object-stores.js"
export type { ObjectId, ObjectNamespace, ObjectStub, SessionRow } from "./objects/namespace.js"
