import { type AuthEvent, createAuth, type Stores, type User } from "@mortise/core"
import { type JwtOptions, jwt } from "@mortise/core/jwt"
import { password } from "@mortise/core/password"
import { type AdjustableClock, adjustableClock, testHasher } from "@mortise/core/testing"
import { ada, type Cluster, cluster, origin, type Server, type Wiring } from "./servers.js"

/** One server whose sessions are JWTs. */
export interface JwtServer {
  readonly auth: Server["auth"]
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
}

/** Two servers over one set of stores, with one account in them, at a clock that a test moves. */
export interface JwtCluster extends Pick<Cluster, "close"> {
  readonly a: JwtServer
  readonly b: JwtServer
  readonly clock: AdjustableClock
  readonly user: User
}

/** Both have a clock of their own: the second one's is ahead by `aheadMs`. */
export async function jwtCluster(
  wiring: Wiring,
  options: JwtOptions,
  { aheadMs = 0 }: { readonly aheadMs?: number } = {},
): Promise<JwtCluster> {
  const clock = adjustableClock(Math.floor(Date.now() / 1000) * 1000)
  const { a, b, close } = await cluster(wiring, {}, clock)
  const servers = {
    a: serverOver(a.stores, clock, options),
    b: serverOver(b.stores, () => clock() + aheadMs, options),
  }
  await servers.a.auth.flows.password.register(ada)
  const user = await a.stores.users.findByEmail(ada.email)
  if (!user) throw new Error("ada was not registered")
  return { ...servers, clock, user, close }
}

function serverOver(stores: Stores, clock: () => number, options: JwtOptions): JwtServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: jwt(options),
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

/** A browser's session: its cookie, and its name. */
export interface JwtSession {
  readonly token: string
  readonly id: string
}

/** Signs ada in with this password, or throws. */
export async function signIn({ auth }: JwtServer, word: string = ada.password): Promise<JwtSession> {
  const outcome = await auth.flows.password.signIn({ ...ada, password: word })
  if (!outcome.ok) throw new Error(outcome.reason)
  return { token: outcome.session.token, id: outcome.session.principal.session.id }
}

/** A browser's look at its session: whom it is taken for, and the cookie that the answer brings. */
export interface Looked {
  readonly userId: string | undefined
  readonly token: string | undefined
}

/** By the route, as a browser asks. */
export async function look({ auth }: JwtServer, token: string): Promise<Looked> {
  const headers = { cookie: `__Host-session=${token}` }
  const answer = await auth.handle(new Request(`${origin}/auth/session`, { headers }), "192.0.2.1")
  if (answer.status !== 200) throw new Error(`GET session answered ${answer.status}`)
  const { user } = (await answer.json()) as { user: { id: string } | null }
  const [, set] = /^__Host-session=([^;]+);/.exec(answer.headers.getSetCookie()[0] ?? "") ?? []
  return { userId: user?.id, token: set }
}

/** What a token says, unchecked. */
export function payloadOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
}
