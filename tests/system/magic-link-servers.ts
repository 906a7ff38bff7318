import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import {
  type MagicLinkMail,
  type MagicLinkOptions,
  type MagicLinkSlots,
  type MagicLinkSteps,
  magicLink,
} from "@mortise/core/magic-link"
import { smtp } from "@mortise/core/mail/smtp"
import { type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { resetByMail } from "@mortise/core/password-reset"
import { type TestClient, testClient, testHasher } from "@mortise/core/testing"
import { ada, type Cluster, cluster, origin, type Wiring } from "./servers.js"

type Options = Partial<MagicLinkOptions<"en" | "de", undefined>>

/** One server: an `Auth` with passwords and sign-in by mail, over stores with connections of its own. */
export interface MailServer {
  readonly auth: Auth<{
    readonly magicLink: FlowDefinition<MagicLinkSlots, MagicLinkSteps<"en" | "de", undefined>>
    readonly password: FlowDefinition<PasswordSlots, PasswordSteps>
  }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
  readonly mails: MagicLinkMail<"en" | "de", undefined>[]
}

/** Two servers over one set of stores. */
export interface MailCluster extends Pick<Cluster, "dump" | "close"> {
  readonly a: MailServer
  readonly b: MailServer
  /** All events of one type, of both. */
  events(type: AuthEvent["type"]): readonly AuthEvent[]
}

/** What came by mail, and what the browser holds that asked. */
export interface Mailed {
  readonly browser: TestClient
  readonly token: string
  readonly code: string
  readonly attempt: string
}

/** The cluster of `servers.ts`, with sign-in by mail beside the password. Mails are kept by the server that was asked. */
export async function mailCluster(wiring: Wiring, options: Options = {}): Promise<MailCluster> {
  const { a, b, close, dump } = await cluster(wiring)
  const servers = { a: serverOver(a.stores, options), b: serverOver(b.stores, options) }
  const events = (type: AuthEvent["type"]): readonly AuthEvent[] =>
    [...servers.a.events, ...servers.b.events].filter((event) => event.type === type)
  return { ...servers, events, dump, close }
}

function serverOver(stores: Stores, options: Options): MailServer {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const mails: MagicLinkMail<"en" | "de", undefined>[] = []
  // Writes its letters, and hands them to nobody.
  const send = smtp({ transporter: { sendMail: async () => {} }, from: "login@example.com", appName: "App" })
  const { address, mailbox, network } = options.limits ?? {}
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: opaque(),
    flows: {
      magicLink: magicLink<"en" | "de", undefined>({
        async send(mail) {
          mails.push(mail)
        },
        locales: ["en", "de"],
        code: true,
        ...options,
      }),
      password: password({
        hasher: testHasher(),
        reset: resetByMail({
          send,
          limits: { ...(address && { address }), ...(mailbox && { mailbox }), ...(network && { network }) },
        }),
      }),
    },
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, stores, events, faults, mails }
}

/** The same browser, with everything that it holds, as it comes to this server. */
export function at({ auth }: MailServer, browser?: TestClient): TestClient {
  const client = testClient(auth, { origin })
  for (const [name, value] of browser?.cookies ?? []) client.cookies.set(name, value)
  return client
}

/** Asks for a mail at this server. */
export async function mailed(server: MailServer, email: string = ada.email): Promise<Mailed> {
  const browser = at(server)
  const before = server.mails.length
  const answer = await browser.post("/auth/magic-link", { json: { email } })
  await new Promise((resolve) => setTimeout(resolve, 0))
  const mail = server.mails[before]
  if (answer.status !== 202 || !mail) throw new Error(`no mail: ${answer.status}`)
  const token = new URL(mail.url).searchParams.get("token") ?? ""
  const [, , , ...half] = (browser.cookies.get("__Host-magic-link") ?? "").split(".")
  return { browser, token, code: mail.code ?? "", attempt: half.join(".") }
}

export async function whoIs(browser: TestClient): Promise<string | undefined> {
  const { user } = (await (await browser.get("/auth/session")).json()) as { user: { id: string } | null }
  return user?.id
}
