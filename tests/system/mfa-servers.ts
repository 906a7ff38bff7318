import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import type { AccountMail } from "@mortise/core/mail"
import {
  emailCode,
  type MfaSlots,
  type MfaSteps,
  mfa,
  recoveryCodes,
  type SmsCode,
  smsCode,
  totp,
} from "@mortise/core/mfa"
import { type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { type TestClient, testClient, testHasher } from "@mortise/core/testing"
import { authenticatorApp } from "../../packages/core/test/mfa/authenticator-app.js"
import { ada, type Cluster, cluster, origin, type Wiring } from "./servers.js"

/** One server: an `Auth` with passwords and second factors, over stores with connections of its own. */
export interface MfaServer {
  readonly auth: Auth<{
    readonly mfa: FlowDefinition<MfaSlots, MfaSteps>
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
  }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly mails: AccountMail[]
  readonly messages: SmsCode[]
}

/** Two servers over one set of stores, ada's account with an app and recovery codes, and a clock that the test moves. */
export interface MfaCluster extends Pick<Cluster, "dump" | "close"> {
  readonly a: MfaServer
  readonly b: MfaServer
  readonly userId: string
  /** What must not be found in a dump: the seed, in both of its spellings, and the recovery codes. */
  readonly canaries: readonly string[]
  readonly codes: readonly string[]
  /** The code of ada's app, so many steps from now. */
  appCode(steps?: number): string
  /** A code that her app does not show, neither now nor a step before or after. */
  wrongAppCode(): string
  advance(ms: number): void
  events(type: AuthEvent["type"]): readonly AuthEvent[]
}

/** Not `enrolled`: the realm requires a second factor, and ada has none but her mailbox. */
export async function mfaCluster(
  wiring: Wiring,
  { enrolled = true }: { readonly enrolled?: boolean } = {},
): Promise<MfaCluster> {
  const time = { at: Date.UTC(2026, 10, 22) }
  const clock = (): number => time.at
  const { a, b, close, dump } = await cluster(wiring, {}, clock)
  const servers = { a: serverOver(a.stores, clock, !enrolled), b: serverOver(b.stores, clock, !enrolled) }
  await servers.a.auth.flows.password.register(ada)
  const user = await a.stores.users.findByEmail(ada.email)
  await a.stores.users.update(user?.id ?? "", { emailVerifiedAt: clock() })
  const app = enrolled ? await enrolledApp(servers.a, clock) : noApp
  time.at += 60_000
  return {
    ...servers,
    ...{ dump, close, ...app },
    userId: user?.id ?? "",
    advance(ms) {
      time.at += ms
    },
    events: (type) => [...servers.a.events, ...servers.b.events].filter((event) => event.type === type),
  }
}

const noApp: Pick<MfaCluster, "appCode" | "canaries" | "codes" | "wrongAppCode"> = {
  appCode: () => {
    throw new Error("ada has no app")
  },
  wrongAppCode: () => "000000",
  canaries: [],
  codes: [],
}

/** Ada enrols an app, and signs out. */
async function enrolledApp(server: MfaServer, clock: () => number): Promise<typeof noApp> {
  const browser = at(server)
  await browser.post("/auth/login", { json: ada })
  const begun = await (await browser.post("/auth/mfa/enrol", { json: { factor: "totp" } })).json()
  const { code: appCode, key, wrongCode: wrongAppCode } = authenticatorApp(begun.uri, clock)
  const done = await browser.post("/auth/mfa/enrol/confirm", { json: { factor: "totp", code: appCode() } })
  const { recoveryCodes: codes } = await done.json()
  await browser.post("/auth/logout", { json: {} })
  return {
    appCode,
    wrongAppCode,
    codes,
    canaries: [begun.secret, key.toString("base64url"), key.toString("hex"), ...codes],
  }
}

function serverOver(stores: Stores, clock: () => number, required: boolean): MfaServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const mails: AccountMail[] = []
  const messages: SmsCode[] = []
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    clock,
    sessions: opaque(),
    flows: {
      password: password({ hasher: testHasher() }),
      mfa: mfa({
        factors: [
          totp({ issuer: "Example" }),
          smsCode({
            appName: "Example",
            async send(message) {
              messages.push(message)
            },
          }),
          emailCode(),
          recoveryCodes(),
        ],
        required,
        async send(mail) {
          mails.push(mail)
        },
      }),
    },
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, stores, events, faults, mails, messages }
}

/** The same browser, with everything that it holds, as it comes to this server. */
export function at({ auth }: MfaServer, browser?: TestClient): TestClient {
  const client = testClient(auth, { origin })
  for (const [name, value] of browser?.cookies ?? []) client.cookies.set(name, value)
  return client
}

/** A browser that has said the right password, and the token of what it is asked. */
export async function asked(
  server: MfaServer,
): Promise<{ readonly browser: TestClient; readonly challenge: string }> {
  const browser = at(server)
  await browser.post("/auth/login", { json: ada })
  return { browser, challenge: browser.cookies.get("__Host-mfa") ?? "" }
}
