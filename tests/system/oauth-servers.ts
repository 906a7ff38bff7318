import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import {
  encryptedTokens,
  type OAuthOptions,
  type OAuthSlots,
  type OAuthSteps,
  oauth,
  oidc,
} from "@mortise/core/oauth"
import { type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { type TestClient, testClient, testHasher } from "@mortise/core/testing"
import type { HostileProvider } from "../../packages/core/test/oauth/hostile-provider/hostile-provider.js"
import { ada, type Cluster, cluster, origin, type Wiring } from "./servers.js"

/** One server: an `Auth` with passwords and a provider, over stores with connections of its own. */
export interface OAuthServer {
  readonly auth: Auth<{
    readonly oauth: FlowDefinition<OAuthSlots, OAuthSteps>
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
  }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
}

/** Two servers over one set of stores. */
export interface OAuthCluster extends Pick<Cluster, "dump" | "close"> {
  readonly a: OAuthServer
  readonly b: OAuthServer
  /** All events of one type, of both. */
  events(type: AuthEvent["type"]): readonly AuthEvent[]
}

/** The cluster of `servers.ts`, with the provider beside the password. Tokens are kept. */
export async function oauthCluster(
  wiring: Wiring,
  remote: HostileProvider,
  options: Partial<OAuthOptions> = {},
): Promise<OAuthCluster> {
  const { a, b, close, dump } = await cluster(wiring)
  const servers = { a: serverOver(a.stores, remote, options), b: serverOver(b.stores, remote, options) }
  const events = (type: AuthEvent["type"]): readonly AuthEvent[] =>
    [...servers.a.events, ...servers.b.events].filter((event) => event.type === type)
  return { ...servers, events, dump, close }
}

function serverOver(stores: Stores, remote: HostileProvider, options: Partial<OAuthOptions>): OAuthServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const { clientId, clientSecret, issuer } = remote
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: opaque(),
    flows: {
      oauth: oauth({
        providers: [oidc({ name: "remote", label: "Remote", issuer, clientId, clientSecret })],
        network: { loopback: [remote.origin] },
        tokens: encryptedTokens(),
        ...options,
      }),
      password: password({ hasher: testHasher() }),
    },
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, stores, events, faults }
}

/** The same browser, with everything that it holds, as it comes to this server. */
export function at({ auth }: OAuthServer, browser?: TestClient): TestClient {
  const client = testClient(auth, { origin })
  for (const [name, value] of browser?.cookies ?? []) client.cookies.set(name, value)
  return client
}

/** Goes to the provider, where its user signs in; answers the address to come back to. */
export async function depart(browser: TestClient, remote: HostileProvider, link = false): Promise<string> {
  const answer = await browser.post(`/auth/oauth/remote${link ? "/link" : ""}`, { json: {} })
  const { url } = (await answer.json()) as { url: string }
  return `/auth/oauth/remote/callback?${remote.authorize(url)}`
}

/** There and back; answers where that leads. */
export async function trip(browser: TestClient, remote: HostileProvider, link = false): Promise<string> {
  const answer = await browser.get(await depart(browser, remote, link))
  return answer.headers.get("location") ?? `${answer.status}`
}

/** Registers an account and signs in to it. */
export async function registered(server: OAuthServer, email: string = ada.email): Promise<TestClient> {
  await server.auth.flows.password.register({ ...ada, email })
  const browser = at(server)
  const answer = await browser.post("/auth/login", { json: { ...ada, email } })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}

export async function whoIs(browser: TestClient): Promise<string | undefined> {
  const { user } = (await (await browser.get("/auth/session")).json()) as { user: { id: string } | null }
  return user?.id
}

/** Every way into the account: `password`, or an identity's subject. */
export async function waysInto({ stores }: OAuthServer, userId: string): Promise<readonly string[]> {
  const all = (await stores.credentials.listByUser(userId)).filter(({ secret }) => secret !== "")
  return all.map(({ handle, kind }) => (kind === "identity" ? (handle.split("|")[1] ?? "") : kind)).sort()
}
