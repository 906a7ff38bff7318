import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import { type DeactivationSlots, type DeactivationSteps, deactivation } from "@mortise/core/deactivation"
import { type EmailSlots, type EmailSteps, emailAddress } from "@mortise/core/email"
import { knownDevices } from "@mortise/core/known-devices"
import { type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { type ConfirmSteps, passwordConfirm } from "@mortise/core/password-confirm"
import { type MailSink, mailSink, type TestHasher, testHasher } from "@mortise/core/testing"
import { ada, type Cluster, cluster, origin, type Wiring } from "./servers.js"

const many = { limit: 100_000, window: "1d" } as const

export interface EmailServer {
  readonly auth: Auth<{
    readonly deactivation: FlowDefinition<DeactivationSlots, DeactivationSteps>
    readonly email: FlowDefinition<EmailSlots, EmailSteps>
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps & ConfirmSteps>
  }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly hasher: TestHasher
}

/** Two servers over one set of stores, whose users' addresses are proven and changed. */
export interface EmailCluster extends Pick<Cluster, "close" | "dump"> {
  readonly a: EmailServer
  readonly b: EmailServer
  readonly mail: MailSink
  /** Ada's account, whose address is proven. */
  readonly userId: string
  /** A session of ada's. */
  signIn(): Promise<string>
  /** The token of the oldest mail of this kind that nobody has looked at. */
  tokenMailed(
    kind: "verify_email" | "confirm_email" | "email_changed" | "reactivate_account",
  ): Promise<string>
  /** How many events of this type there were, on both. */
  events(type: AuthEvent["type"]): number
}

/** One server, with connections of its own. */
function serverOver(stores: Stores, mail: MailSink): EmailServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const hasher = testHasher()
  const limits = { network: many, user: many, address: many }
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: opaque(),
    flows: {
      password: password({
        hasher,
        knownDevices: knownDevices(),
        confirm: passwordConfirm(),
        limits: { address: { free: 10_000 } },
      }),
      email: emailAddress({ send: mail.send, limits, verifyOnRegistration: false }),
      deactivation: deactivation({ send: mail.send }),
    },
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, stores, events, faults, hasher }
}

export async function emailCluster(wiring: Wiring): Promise<EmailCluster> {
  const opened = await cluster(wiring)
  const mail = mailSink()
  const [a, b] = [serverOver(opened.a.stores, mail), serverOver(opened.b.stores, mail)]
  const now = Date.now()
  const user = await a.stores.users.create({ email: ada.email, emailVerifiedAt: now, createdAt: now })
  if (!user) throw new Error("ada has an account")
  await a.auth.flows.password.set(user.id, ada.password)
  return {
    ...{ a, b, mail, userId: user.id, close: opened.close, dump: opened.dump },
    async signIn() {
      const outcome = await a.auth.flows.password.signIn(ada)
      if (!outcome.ok) throw new Error(outcome.reason)
      return outcome.session.token
    },
    async tokenMailed(kind) {
      const { url } = await mail.nextAccountMail(kind)
      return new URL(url).searchParams.get("token") ?? ""
    },
    events: (type) => [...a.events, ...b.events].filter((event) => event.type === type).length,
  }
}

/** How often each answer came. */
export function tally(
  outcomes: readonly { readonly ok: boolean; readonly reason?: string }[],
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { ok, reason = "" } of outcomes) {
    const answer = ok ? "ok" : reason
    counts[answer] = (counts[answer] ?? 0) + 1
  }
  return counts
}
