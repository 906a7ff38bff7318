// Compiled, never run: what fits which slot, and what must not compile.
import { createAuth, opaque } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { testHasher } from "@mortise/core/testing"
import {
  durableObjectStores,
  type KeyValueNamespace,
  kvSessions,
  type ObjectNamespace,
} from "../src/index.js"

declare const namespace: KeyValueNamespace
declare const objects: ObjectNamespace

const basics = {
  origin: "https://app.example.com",
  secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
  sessions: opaque({ acceptStaleness: 60 }),
  flows: { password: password({ hasher: testHasher() }) },
}
const { users, credentials } = memoryStores()
const strict = durableObjectStores(objects)

createAuth({ ...basics, stores: { users, credentials, ...strict } })
createAuth({ ...basics, stores: { users, credentials, ...strict, sessions: kvSessions(namespace) } })

const stores = { users, credentials, ...strict }
// @ts-expect-error sessions are no limits
createAuth({ ...basics, stores: { ...stores, rateLimits: kvSessions(namespace) } })
// @ts-expect-error sessions are no challenges
createAuth({ ...basics, stores: { ...stores, challenges: kvSessions(namespace) } })
// @ts-expect-error KV has no step that is indivisible
createAuth({ ...basics, stores: { ...stores, rateLimits: namespace } })
// @ts-expect-error the same
createAuth({ ...basics, stores: { ...stores, challenges: namespace } })
// @ts-expect-error a namespace is no session store either
createAuth({ ...basics, stores: { ...stores, sessions: namespace } })
// @ts-expect-error limits are needed, and KV alone does not bring them
createAuth({ ...basics, stores: { users, credentials, sessions: kvSessions(namespace) } })
// @ts-expect-error a KV namespace is no Durable Object binding
durableObjectStores(namespace)
// @ts-expect-error nor the other way round
kvSessions(objects)
const others = { idFromName: (name: string) => name, get: () => ({ fetch: async () => new Response() }) }
// @ts-expect-error an object of another class has none of the methods
durableObjectStores(others)
