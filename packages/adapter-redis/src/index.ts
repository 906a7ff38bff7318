export { MalformedDataError } from "./malformed-data-error.js"
export { type RedisStoreOptions, type RedisStores, redisStores } from "./redis-stores.js"
export type { RedisCommand, SendCommand } from "./send-command.js"
