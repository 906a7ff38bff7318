import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { type Auth, createAuth, type FlowDefinition, opaque, type SessionStrategy } from "@mortise/core"
import { type AccountCalls, type AccountSlots, type AccountSteps, account } from "@mortise/core/account"
import {
  type DeactivationCalls,
  type DeactivationSlots,
  type DeactivationSteps,
  deactivation,
} from "@mortise/core/deactivation"
import { type EmailCalls, type EmailSlots, type EmailSteps, emailAddress } from "@mortise/core/email"
import {
  type MagicLinkCalls,
  type MagicLinkSlots,
  type MagicLinkSteps,
  magicLink,
} from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { type MfaCalls, type MfaSlots, type MfaSteps, mfa, recoveryCodes, totp } from "@mortise/core/mfa"
import { github, type OAuthCalls, type OAuthFlow, type OAuthSlots, oauth } from "@mortise/core/oauth"
import { type PasskeyCalls, type PasskeySlots, type PasskeySteps, passkeys } from "@mortise/core/passkey"
import { type PasswordCalls, type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { type ConfirmSteps, type PasswordConfirmCalls, passwordConfirm } from "@mortise/core/password-confirm"
import { type PasswordResetCalls, type ResetSteps, resetByMail } from "@mortise/core/password-reset"
import {
  type AdjustableClock,
  adjustableClock,
  type MailSink,
  mailSink,
  testHasher,
} from "@mortise/core/testing"

export const ada = { email: "ada@example.com", password: "correct horse battery staple" }
export const eve = { email: "eve@example.com", password: "nine brown rabbits running" }

/** The host of all tests, as its `typeof auth`. */
export type HostAuth = Auth<
  {
    readonly password: FlowDefinition<
      PasswordSlots | "challenges",
      PasswordSteps & ResetSteps & ConfirmSteps,
      PasswordCalls & PasswordResetCalls & PasswordConfirmCalls
    >
    readonly email: FlowDefinition<EmailSlots, EmailSteps, EmailCalls>
    readonly account: FlowDefinition<
      AccountSlots | "consents",
      AccountSteps<"newsletter">,
      AccountCalls<"newsletter">
    >
    readonly mfa: FlowDefinition<MfaSlots, MfaSteps, MfaCalls>
    readonly deactivation: FlowDefinition<DeactivationSlots, DeactivationSteps, DeactivationCalls>
    readonly magicLink: FlowDefinition<
      MagicLinkSlots,
      MagicLinkSteps<"en" | "de">,
      MagicLinkCalls<"en" | "de">
    >
    readonly oauth: FlowDefinition<OAuthSlots, OAuthFlow, OAuthCalls>
    readonly passkey: FlowDefinition<PasskeySlots, PasskeySteps, PasskeyCalls>
  },
  { email: string; isSponsor: boolean }
>

/** What stands between the browser and the server: answers instead of it, or lets pass, at once or later. */
export type Front = (request: Request) => Response | undefined | Promise<Response | undefined>

/** A server with the library's routes, and everything that a test looks at or turns. */
export interface RealHost {
  readonly url: string
  readonly auth: HostAuth
  /** The server's clock, which its answers tell in `Date`. */
  readonly clock: AdjustableClock
  /** Requests to the library's routes, oldest first: `GET /auth/session`. */
  readonly asked: string[]
  readonly mail: MailSink<"en" | "de">
  /** What it answers elsewhere, by path. */
  readonly pages: Map<string, (request: Request) => Response | Promise<Response>>
  front: Front
  close(): Promise<void>
}

/** What a test wants otherwise. */
export interface HostOptions {
  readonly sessions?: SessionStrategy<"sessions" | "users">
  readonly cookie?: { readonly name: string; readonly domain: string }
  readonly paths?: Readonly<Record<string, string>>
  readonly clock?: AdjustableClock
  /** Whether answers tell the time. Default true. */
  readonly tellsTime?: boolean
  readonly registration?: "private" | "immediate"
}

/** Starts a host on a port of its own, with accounts for `ada` and `eve`. */
export async function startHost(options: HostOptions = {}): Promise<RealHost> {
  const { clock = adjustableClock(), sessions = opaque(), tellsTime = true } = options
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const mail = mailSink<"en" | "de">()
  const auth = createAuth({
    origin: url,
    secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
    stores: memoryStores({ clock }),
    sessions,
    flows: {
      password: password({
        hasher: testHasher(),
        registration: options.registration ?? "private",
        reset: resetByMail({ send: mail.send }),
        confirm: passwordConfirm(),
      }),
      email: emailAddress({ send: mail.send }),
      deactivation: deactivation({ send: mail.send }),
      account: account({ consents: { newsletter: { version: "1" } } }),
      mfa: mfa({ factors: [totp({ issuer: "Example" }), recoveryCodes()], send: mail.send }),
      magicLink: magicLink({ send: mail.send, locales: ["en", "de"], code: true }),
      oauth: oauth({ providers: [github({ clientId: "client", clientSecret: "secret" })] }),
      passkey: passkeys({ rpName: "Example" }),
    },
    claims: (user) => ({ email: user.email, isSponsor: user.email === ada.email }),
    paths: options.paths ?? {},
    cookie: options.cookie ?? {},
    clock,
  })
  await auth.flows.password.register(ada)
  await auth.flows.password.register(eve)
  const host: RealHost = {
    url,
    auth,
    clock,
    asked: [],
    mail,
    pages: new Map(),
    front: () => undefined,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  const now = tellsTime ? clock : undefined
  server.on(
    "request",
    answerFrom(url, (request) => answerTo(host, request), now),
  )
  return host
}

/** Lets requests that `held` names wait until `release()`; `arrived` resolves when the first is there. */
export function gate(
  host: RealHost,
  held: (request: Request) => boolean,
): { arrived: Promise<void>; release(): void } {
  let release = (): void => {}
  let arrive = (): void => {}
  const open = new Promise<void>((resolve) => {
    release = resolve
  })
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  host.front = async (request) => {
    if (!held(request)) return undefined
    // What the server says now is late when it arrives.
    const answer = await host.auth.handle(request, "192.0.2.1")
    arrive()
    await open
    return answer
  }
  return { arrived, release }
}

/** Answers Node's requests as a function from `Request` to `Response` does. Says what time it is, where there is a clock. */
export function answerFrom(
  url: string,
  answer: (request: Request) => Promise<Response>,
  clock?: () => number,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async function respond(incoming, outgoing) {
    const response = await answer(requestOf(incoming, url, await bodyOf(incoming)))
    for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value)
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies)
    outgoing.sendDate = false
    if (clock) outgoing.setHeader("date", new Date(clock()).toUTCString())
    outgoing.statusCode = response.status
    outgoing.end(await response.text())
  }
}

async function answerTo(host: RealHost, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (!host.auth.owns(pathname))
    return host.pages.get(pathname)?.(request) ?? new Response("", { status: 404 })
  host.asked.push(`${request.method} ${pathname}`)
  return (await host.front(request)) ?? host.auth.handle(request, "192.0.2.1")
}

function requestOf(incoming: IncomingMessage, url: string, body: string): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const method = incoming.method ?? "GET"
  const init = body === "" ? { method, headers } : { method, headers, body }
  return new Request(url + (incoming.url ?? "/"), init)
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = ""
  for await (const chunk of incoming) body += chunk
  return body
}
