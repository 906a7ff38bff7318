// Compiled by host-types.test.ts with the published types of Workers, never run: their bindings fit as they are.

import { DurableObject } from "cloudflare:workers"
import type { DurableObjectNamespace, KVNamespace } from "@cloudflare/workers-types"
import { durableObjectStores, kvSessions } from "@mortise/adapter-kv"
import { MortiseObject } from "@mortise/adapter-kv/durable-object"

class OtherObject extends DurableObject {
  async greet(): Promise<string> {
    return "hello"
  }
}

interface Env {
  readonly SESSIONS: KVNamespace
  readonly AUTH: DurableObjectNamespace<MortiseObject>
  readonly OTHER: DurableObjectNamespace<OtherObject>
  readonly UNTYPED: DurableObjectNamespace
}

export function stores(env: Env): readonly unknown[] {
  return [
    kvSessions(env.SESSIONS),
    durableObjectStores(env.AUTH),
    durableObjectStores(env.AUTH.jurisdiction("eu"), { locationHint: "weur" }),
    // @ts-expect-error an object of another class
    durableObjectStores(env.OTHER),
    // @ts-expect-error an object of no class that anybody knows
    durableObjectStores(env.UNTYPED),
    // @ts-expect-error KV is no Durable Object
    durableObjectStores(env.SESSIONS),
    // @ts-expect-error nor the other way round
    kvSessions(env.AUTH),
  ]
}

export { MortiseObject }
