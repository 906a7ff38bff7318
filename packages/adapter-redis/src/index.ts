export { MalformedDataError } from "./malformed-data-error.js"
export { type RedisStoreOptions, type RedisStores, redisStores } from "./redis-stores.js"
export type { RedisCommand, SendCommand } from "./send-command.js"
export {
  type ChannelListener,
  type PubSub,
  type RedisMessageOptions,
  redisMessages,
} from "./session-messages.js"
