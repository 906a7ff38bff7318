import { durableObjectStores } from "@mortise/adapter-kv"
import { guarded } from "./guarded.mjs"

export { MortiseObject } from "@mortise/adapter-kv/durable-object"

export default guarded((env, clock) => durableObjectStores(env.AUTH, { clock }))
