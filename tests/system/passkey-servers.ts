import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import { type MfaSlots, type MfaSteps, mfa, recoveryCodes } from "@mortise/core/mfa"
import {
  type CreationOptions,
  type PasskeySlots,
  type PasskeySteps,
  passkeyFactor,
  passkeys,
  type RequestOptions,
} from "@mortise/core/passkey"
import { type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { type TestClient, testClient, testHasher } from "@mortise/core/testing"
import {
  type AuthenticatorOptions,
  type Lie,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from "../../packages/core/test/passkey/authenticator.js"
import { ada, type Cluster, cluster, origin, type Wiring } from "./servers.js"

/** One server: an `Auth` with passwords, passkeys and second factors, over stores with connections of its own. */
export interface PasskeyServer {
  readonly auth: Auth<{
    readonly passkey: FlowDefinition<PasskeySlots, PasskeySteps>
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
    readonly mfa: FlowDefinition<MfaSlots, MfaSteps>
  }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
}

/** Two servers over one set of stores. */
export interface PasskeyCluster extends Pick<Cluster, "dump" | "close"> {
  readonly a: PasskeyServer
  readonly b: PasskeyServer
  /** All events of one type, of both. */
  events(type: AuthEvent["type"]): readonly AuthEvent[]
}

export async function passkeyCluster(wiring: Wiring): Promise<PasskeyCluster> {
  const { a, b, close, dump } = await cluster(wiring)
  const servers = { a: serverOver(a.stores), b: serverOver(b.stores) }
  const events = (type: AuthEvent["type"]): readonly AuthEvent[] =>
    [...servers.a.events, ...servers.b.events].filter((event) => event.type === type)
  return { ...servers, events, dump, close }
}

function serverOver(stores: Stores): PasskeyServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const many = { limit: 10_000, window: "1d" } as const
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: opaque(),
    flows: {
      passkey: passkeys({
        rpName: "Example",
        securityKeys: true,
        limits: { options: many, attempts: many },
      }),
      password: password({ hasher: testHasher() }),
      mfa: mfa({ factors: [passkeyFactor(), recoveryCodes()], async send() {} }),
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
export function at({ auth }: PasskeyServer, browser?: TestClient): TestClient {
  const client = testClient(auth, { origin })
  for (const [name, value] of browser?.cookies ?? []) client.cookies.set(name, value)
  return client
}

export function authenticator(options: Partial<AuthenticatorOptions> = {}): SoftwareAuthenticator {
  return softwareAuthenticator({ origin, ...options })
}

/** Ada's account, and her browser, signed in by her password. */
export async function signedInAda(server: PasskeyServer): Promise<{ mine: TestClient; userId: string }> {
  await server.auth.flows.password.register(ada)
  const mine = at(server)
  const answer = await mine.post("/auth/login", { json: ada })
  const { user } = (await answer.json()) as { user: { id: string } }
  return { mine, userId: user.id }
}

/** Posts JSON; answers `ok` or the reason, and the JSON. */
export async function asked(
  browser: TestClient,
  path: string,
  json: object,
): Promise<{ outcome: string; json: Readonly<Record<string, unknown>> }> {
  const answer = await browser.post(path, { json })
  const body = (await answer.json()) as Readonly<Record<string, unknown>>
  return { outcome: answer.status === 200 ? "ok" : `${body["reason"]}`, json: body }
}

export async function creationOptions(browser: TestClient, use = "sign_in"): Promise<CreationOptions> {
  return (await asked(browser, "/auth/passkey/register/options", { use })).json["options"] as CreationOptions
}

export async function requestOptions(browser: TestClient): Promise<RequestOptions> {
  return (await asked(browser, "/auth/passkey/sign-in/options", {})).json["options"] as RequestOptions
}

export async function registered(
  browser: TestClient,
  key: SoftwareAuthenticator,
  { lie, use = "sign_in" }: { readonly lie?: Lie; readonly use?: string } = {},
): Promise<string> {
  const response = key.create(await creationOptions(browser, use), lie)
  return (await asked(browser, "/auth/passkey/register", { response })).outcome
}

export async function signInWith(browser: TestClient, response: unknown): Promise<string> {
  return (await asked(browser, "/auth/passkey/sign-in", { response: response as object })).outcome
}
