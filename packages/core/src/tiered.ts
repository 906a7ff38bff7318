/**
 * Sessions in the memory of every node over Redis over PostgreSQL, as one store; and the messages by which nodes tell each other that sessions
 * have ended.
 */
export { announced } from "./stores/tiered/announced.js"
export { memoryMessages } from "./stores/tiered/memory-messages.js"
export { type TieredOptions, type TieredSessions, tiered } from "./stores/tiered/tiered.js"
