import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import { type AccountSlots, type AccountSteps, account } from "@mortise/core/account"
import {
  type MagicLinkMail,
  type MagicLinkSlots,
  type MagicLinkSteps,
  magicLink,
} from "@mortise/core/magic-link"
import {
  type MfaSlots,
  type MfaSteps,
  mfa,
  recoveryCodes,
  type SmsCode,
  smsCode,
  totp,
} from "@mortise/core/mfa"
import { type OAuthSlots, type OAuthSteps, oauth, oidc } from "@mortise/core/oauth"
import { type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { type TestClient, testClient, testHasher } from "@mortise/core/testing"
import type { HostileProvider } from "../../packages/core/test/oauth/hostile-provider/hostile-provider.js"
import { type Cluster, cluster, origin, type Wiring } from "./servers.js"

/** One server: an `Auth` with passwords, mail, a provider, text messages, and what the host keeps of a user itself. */
export interface AccountServer {
  readonly auth: Auth<{
    readonly account: FlowDefinition<AccountSlots | "consents", AccountSteps<"newsletter">>
    readonly magicLink: FlowDefinition<MagicLinkSlots, MagicLinkSteps<"en", undefined>>
    readonly mfa: FlowDefinition<MfaSlots, MfaSteps>
    readonly oauth: FlowDefinition<OAuthSlots, OAuthSteps>
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
  }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly links: MagicLinkMail<"en", undefined>[]
  readonly messages: SmsCode[]
}

/** Two servers over one set of stores, and the articles that the host keeps. */
export interface AccountCluster extends Pick<Cluster, "dump" | "close"> {
  readonly a: AccountServer
  readonly b: AccountServer
  readonly articles: Map<string, string>
}

/** The cluster of `servers.ts` with all of that. */
export async function accountCluster(wiring: Wiring, remote: HostileProvider): Promise<AccountCluster> {
  const { a, b, close, dump } = await cluster(wiring)
  const articles = new Map<string, string>()
  return {
    a: serverOver(a.stores, remote, articles),
    b: serverOver(b.stores, remote, articles),
    articles,
    dump,
    close,
  }
}

function serverOver(stores: Stores, remote: HostileProvider, articles: Map<string, string>): AccountServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const links: MagicLinkMail<"en", undefined>[] = []
  const messages: SmsCode[] = []
  const { clientId, clientSecret, issuer } = remote
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: opaque(),
    flows: {
      account: account({
        consents: { newsletter: { version: "1" } },
        parts: {
          articles: {
            export: ({ id }) => articles.get(id) ?? null,
            erase({ id }) {
              articles.delete(id)
            },
          },
        },
      }),
      magicLink: magicLink<"en", undefined>({
        async send(mail) {
          links.push(mail)
        },
        code: true,
      }),
      mfa: mfa({
        factors: [
          totp({ issuer: "Example" }),
          smsCode({
            appName: "Example",
            async send(message) {
              messages.push(message)
            },
          }),
          recoveryCodes(),
        ],
        async send() {},
      }),
      oauth: oauth({
        providers: [oidc({ name: "remote", label: "Remote", issuer, clientId, clientSecret })],
        network: { loopback: [remote.origin], fetch: remote.fetch },
      }),
      password: password({ hasher: testHasher() }),
    },
    claims: (user) => ({ email: user.email }),
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, stores, events, faults, links, messages }
}

/** A browser of somebody's at this server, whose address and name are to be found nowhere afterwards. */
export function at({ auth }: AccountServer, peer: string, userAgent: string): TestClient {
  const client = testClient(auth, { origin, peer })
  const named = <Request extends { readonly headers?: Readonly<Record<string, string>> }>(
    request?: Request,
  ) => ({
    ...request,
    headers: { "user-agent": userAgent, ...request?.headers },
  })
  return {
    ...client,
    get: (path, request) => client.get(path, named(request)),
    post: (path, request) => client.post(path, named(request)),
    delete: (path, request) => client.delete(path, named(request)),
    send: (method, path, request) => client.send(method, path, named(request)),
  }
}
