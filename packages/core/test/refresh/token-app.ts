/** A host whose clients keep their tokens themselves, and what such a client does. */
import {
  type AnyAuth,
  type AuthEvent,
  createAuth,
  type OpaqueOptions,
  opaque,
  type User,
} from "../../src/index.js"
import { type JwtOptions, jwt } from "../../src/jwt.js"
import { password } from "../../src/password.js"
import { type RefreshOptions, refreshTokens } from "../../src/refresh.js"
import type { Stores } from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { ground } from "../ground.js"

export const minute = 60_000
export const hour: number = 60 * minute
export const day: number = 24 * hour

/** What a client that asks for tokens gets. */
export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly token_type: string
  readonly expires_in: number
}

/** An answer, taken apart. */
export interface Heard {
  readonly status: number
  readonly headers: Headers
  readonly body: Tokens & {
    readonly reason?: string
    readonly user: { readonly id: string; readonly claims: object } | null
    readonly session: Readonly<Record<string, unknown>> | null
  }
}

export interface TokenAppOptions {
  readonly clock?: AdjustableClock
  readonly stores?: Stores
  readonly secret?: string | readonly [string, ...string[]]
  readonly realm?: string
  readonly refresh?: Partial<Omit<RefreshOptions<"sessions">, "beside">>
  readonly opaque?: OpaqueOptions
  /** Instead of opaque cookies. */
  readonly jwt?: JwtOptions
}

export interface TokenHost {
  readonly auth: AnyAuth & { readonly flows: { readonly password: PasswordFlow } }
  readonly clock: AdjustableClock
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  browser(): TestClient
}

interface PasswordFlow {
  register(input: typeof ada): Promise<{ readonly ok: boolean }>
  set(userId: string, next: string): Promise<{ readonly ok: boolean }>
}

/** Claims that a test can change: they are the host's word about its user as of now. */
export const roles: Map<string, string> = new Map()

export function tokenApp(options: TokenAppOptions = {}): TokenHost {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 20))
  const stores = options.stores ?? ground.fresh(clock)
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const auth = createAuth({
    origin,
    secret: options.secret ?? secret,
    stores,
    sessions: refreshTokens({
      beside: options.jwt ? jwt(options.jwt) : opaque(options.opaque),
      ...options.refresh,
    }),
    flows: { password: password({ hasher: testHasher() }) },
    claims: (user: User) => ({ email: user.email, role: roles.get(user.id) ?? "none" }),
    ...(options.realm === undefined ? {} : { realm: options.realm }),
    clock,
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, clock, stores, events, faults, browser: () => testClient(auth, { origin }) }
}

/** The host with one account in it. */
export async function withAda(options: TokenAppOptions = {}): Promise<TokenHost & { readonly user: User }> {
  const host = tokenApp(options)
  await host.auth.flows.password.register(ada)
  const user = await host.stores.users.findByEmail(ada.email)
  if (!user) throw new Error("ada was not registered")
  host.events.length = 0
  return { ...host, user }
}

/** One request of a client that is no browser: no cookie, no Origin. */
export async function send(
  auth: Pick<AnyAuth, "handle">,
  method: string,
  path: string,
  { headers = {}, json }: { headers?: Readonly<Record<string, string>>; json?: object } = {},
): Promise<Heard> {
  const type = json === undefined ? {} : { "content-type": "application/json" }
  const init: RequestInit = { method, headers: { ...type, ...headers } }
  if (json !== undefined) init.body = JSON.stringify(json)
  const answer = await auth.handle(new Request(origin + path, init), "192.0.2.7")
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : {} }
}

export function signIn(
  { auth }: Pick<TokenHost, "auth">,
  headers: Readonly<Record<string, string>> = {},
): Promise<Heard> {
  return send(auth, "POST", "/auth/login", {
    json: ada,
    headers: { "mortise-session": "tokens", ...headers },
  })
}

/** Signs ada in, or throws. */
export async function tokensOf(host: Pick<TokenHost, "auth">): Promise<Tokens> {
  const { body, status } = await signIn(host)
  if (status !== 200) throw new Error(`sign-in answered ${status}`)
  return body
}

export function refreshWith(
  { auth }: { readonly auth: Pick<AnyAuth, "handle"> },
  refresh_token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Heard> {
  return send(auth, "POST", "/auth/refresh", { json: { refresh_token }, headers })
}

/** The id of whoever the token signs in; null for nobody. */
export async function whoIs(
  { auth }: { readonly auth: Pick<AnyAuth, "handle"> },
  accessToken: string,
  scheme = "Bearer",
): Promise<string | null> {
  const headers = { authorization: `${scheme} ${accessToken}` }
  return (await send(auth, "GET", "/auth/session", { headers })).body.user?.id ?? null
}

export function outcomeOf({ body, status }: Heard): string {
  return status === 200 ? "ok" : (body.reason ?? `${status}`)
}

/** The JWT's payload, unchecked. */
export function payloadOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
}
