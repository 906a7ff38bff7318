import { kvSessions } from "@mortise/adapter-kv"
import { guarded } from "./guarded.mjs"

export default guarded((env, clock) => ({ sessions: kvSessions(env.SESSIONS, { clock }) }))
