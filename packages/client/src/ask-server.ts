import { type Failure, failure, type SecondFactorAsked } from "./outcome.js"

/** What the server granted, and its clock where it told it. */
export interface Granted {
  readonly ok: true
  readonly json: object
  /** From the `Date` header, which has whole seconds; NaN without one. */
  readonly serverTime: number
}

/** One request to one of the library's routes. */
export interface Question {
  readonly method: string
  readonly path: string
  /** Sent as JSON. */
  readonly body?: object | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Ends it before its time. */
  readonly controller?: AbortController
}

/** Sends a request and reads its answer. Never rejects. */
export type AskServer = (question: Question) => Promise<Granted | Failure>

/** @param addressOf makes an address of a route's path */
export function askServer(
  addressOf: (path: string) => string,
  timeoutMs: number,
  send: typeof fetch = (input, init) => fetch(input, init),
): AskServer {
  return async function ask({ body, controller = new AbortController(), headers, method, path }) {
    const timer = setTimeout(() => controller.abort(), timeoutMs)
    const type = body && { "content-type": "application/json" }
    try {
      const response = await send(addressOf(path), {
        method,
        credentials: "include",
        cache: "no-store",
        headers: { accept: "application/json", ...type, ...headers },
        body: body ? JSON.stringify(body) : null,
        signal: controller.signal,
      })
      return heard(response, parsed(await response.text()))
    } catch (cause) {
      return failure("network", 0, `The server did not answer: ${cause}`)
    } finally {
      clearTimeout(timer)
    }
  }
}

function heard({ headers, ok, status }: Response, json: unknown): Granted | Failure {
  const object = typeof json === "object" && json
  if (ok && object) return { ok, json: object, serverTime: Date.parse(headers.get("date") ?? "") }
  // A problem of ours (RFC 9457), or a page of whatever stands before the server.
  const otherwise = status === 429 ? "rate_limited" : status > 499 ? "unavailable" : "unexpected_answer"
  const { detail, reason, retryAfter, ...more } = ((!ok && object) || {}) as Partial<
    Failure & SecondFactorAsked
  >
  const wait = retryAfter ?? Number(headers.get("retry-after"))
  return {
    ...failure(reason ?? otherwise, status, detail ?? `The answer was ${status}, and not the library's.`),
    ...(wait > 0 && { retryAfter: wait }),
    ...(reason === "mfa_required" && { secondFactor: askedIn(more) }),
  }
}

function askedIn({ canRemember, enrol, expiresAt, factors }: Partial<SecondFactorAsked>): SecondFactorAsked {
  return { factors, enrol, expiresAt, canRemember } as SecondFactorAsked
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
