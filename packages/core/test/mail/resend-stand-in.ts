import type { IncomingHttpHeaders, ServerResponse } from "node:http"
import { startLoopbackServer } from "../oauth/hostile-provider/loopback-server.js"

/** A request as it came over the line. */
export interface ReceivedMail {
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
}

/** How a request is answered in place of Resend's own way. */
export type Answer = (response: ServerResponse, received: ReceivedMail) => void

/** Plays Resend's API (resend.com/docs/api-reference) over a socket. */
export interface ResendStandIn {
  readonly origin: string
  readonly requests: ReceivedMail[]
  /** What really left: one for each idempotency key. */
  readonly delivered: ReadonlyMap<string, ReceivedMail>
  /** Takes the mail, and hangs up before it says so. */
  readonly takeInSilence: Answer
  /** The next requests are answered so, one each; all later ones as Resend does. */
  next(...answers: readonly Answer[]): void
  /** Forgets all requests, and what was said of the next ones. */
  reset(): void
  stop(): Promise<void>
}

export async function startResendStandIn(): Promise<ResendStandIn> {
  const requests: ReceivedMail[] = []
  const delivered = new Map<string, ReceivedMail>()
  const queue: Answer[] = []

  function properly(response: ServerResponse, received: ReceivedMail): void {
    const refusal = refusalOf(received)
    if (!refusal) delivered.set(keyOf(received), received)
    const [status, name] = refusal ?? [200]
    const json = name ? { statusCode: status, name, message: "No." } : { id: crypto.randomUUID() }
    send(response, status, json)
  }

  function refusalOf(received: ReceivedMail): readonly [status: number, name: string] | undefined {
    const { authorization, "user-agent": agent } = received.headers
    if (!authorization?.startsWith("Bearer re_")) return [401, "missing_api_key"]
    if (!agent) return [403, "invalid_access"]
    const earlier = delivered.get(keyOf(received))
    const differs = earlier && JSON.stringify(earlier.body) !== JSON.stringify(received.body)
    return differs ? [409, "invalid_idempotent_request"] : undefined
  }

  const server = await startLoopbackServer("127.0.0.1", async ({ body, message, url }, response) => {
    const line = `${message.method} ${url.pathname}${url.search}`
    const received = { line, headers: message.headers, body: JSON.parse(body) as ReceivedMail["body"] }
    requests.push(received)
    const answer = queue.shift() ?? properly
    answer(response, received)
  })
  return {
    origin: server.origin,
    requests,
    delivered,
    takeInSilence(response, received) {
      delivered.set(keyOf(received), received)
      response.destroy()
    },
    next: (...answers) => void queue.push(...answers),
    reset() {
      requests.length = 0
      queue.length = 0
      delivered.clear()
    },
    stop: server.stop,
  }
}

/** Answers with an error, as Resend writes them. The message repeats what was sent. */
export function failing(status: number, name: string): Answer {
  return (response, { body, headers }) =>
    send(response, status, { statusCode: status, name, message: JSON.stringify({ body, headers }) })
}

function keyOf({ headers }: ReceivedMail): string {
  return `${headers["idempotency-key"]}`
}

function send(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json))
}
