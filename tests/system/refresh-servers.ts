import { type AnyAuth, type AuthEvent, createAuth, opaque, type Stores, type User } from "@mortise/core"
import { password } from "@mortise/core/password"
import { refreshTokens } from "@mortise/core/refresh"
import { type AdjustableClock, adjustableClock, testHasher } from "@mortise/core/testing"
import { modelled } from "../../packages/core/test/refresh/family-model.js"
import { ada, type Cluster, cluster, origin, type Wiring } from "./servers.js"

/** One server whose clients keep their tokens themselves. */
export interface TokenServer {
  readonly auth: AnyAuth
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
}

/** Two servers over one set of stores, with one account in them, at a clock that a test moves. */
export interface TokenCluster extends Pick<Cluster, "dump" | "close"> {
  readonly a: TokenServer
  readonly b: TokenServer
  readonly clock: AdjustableClock
  readonly user: User
}

export async function tokenCluster(wiring: Wiring, grace: "30s" | 0 = "30s"): Promise<TokenCluster> {
  const clock = adjustableClock()
  const { a, b, close, dump } = await cluster(wiring, {}, clock)
  const servers = { a: serverOver(a.stores, clock, grace), b: serverOver(b.stores, clock, grace) }
  await a.auth.flows.password.register(ada)
  const user = await a.stores.users.findByEmail(ada.email)
  if (!user) throw new Error("ada was not registered")
  return { ...servers, clock, user, dump, close }
}

function serverOver(stores: Stores, clock: AdjustableClock, grace: "30s" | 0): TokenServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: refreshTokens({ beside: opaque(), ...modelled, grace }),
    flows: { password: password({ hasher: testHasher() }) },
    clock,
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, stores, events, faults }
}
