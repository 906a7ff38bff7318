export { memoryAdapter } from "better-auth/adapters/memory"
export { betterAuth } from "better-auth/minimal"
