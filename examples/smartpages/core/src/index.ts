import { createApp } from "./app.js"
import type { CoreEnv } from "./env.js"

// Keeps what must never be answered alike to two callers; wrangler.jsonc names it.
export { MortiseObject } from "@mortise/adapter-kv/durable-object"

let app: ReturnType<typeof createApp> | undefined

/** The Core Worker. What it is made of is put together by the first request, and lives as long as the isolate. */
export default {
  fetch(request: Request, env: CoreEnv, context: ExecutionContext): Response | Promise<Response> {
    app ??= createApp(env)
    return app.fetch(request, env, context)
  },
}
