import { AuthError } from "../errors.js"
import { escapeHtml } from "../escape-html.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { NextStep, Reason, Refusal } from "../outcome.js"
import { type Answer, noStore } from "./answer.js"
import { type Incoming, wantsPage } from "./incoming.js"
import { cookieHeaders } from "./next-step.js"

/**
 * HTTP status of reasons (docs/reasons.md explains them; a test compares), and a sentence where the reason itself, read as words, would not
 * tell a person enough.
 */
export type Reasons = { readonly [R in Reason]?: readonly [status: number, detail?: string] }

/** The reasons that no flow has for itself. */
export const reasons: Reasons = {
  not_signed_in: [401, "Sign in first."],
  forbidden: [403],
  cross_origin: [403],
  registration_closed: [403],
  not_found: [404],
  method_not_allowed: [405],
  conflict: [409, "This changed at the same moment. Try again."],
  payload_too_large: [413],
  unsupported_media_type: [415],
  invalid_request: [400, "A field is missing or wrong."],
  rate_limited: [429, "Too many attempts. Wait a while."],
}

/** A "no" for a visitor, as problem details have it (RFC 9457). */
export interface Problem {
  readonly status: number
  /** A {@link Reason}, or for faults `unavailable` or `internal`. */
  readonly reason: string
  /** A sentence for people. */
  readonly detail: string
  /** Whole seconds. */
  readonly retryAfter?: number | undefined
}

/**
 * A host's page for people whom the library must refuse. `detail` may be what a guard's rule said: escape it. The answer is sent as it is.
 * The request says where they are and in which language; none of it is verified.
 */
export type ProblemPage = (problem: Problem, request: GuardedRequest) => string

/** A host's own sentences, by reason. */
export type Messages = { readonly [R in Reason]?: string }

/** What a host says of the words in which it refuses. */
interface Wording {
  readonly problemPage?: ProblemPage
  readonly messages?: Messages
}

/** Makes answers of refusals and faults: JSON, or a page where a person is looking. */
export interface Problems {
  refused(refusal: Refusal, incoming: Incoming): Answer
  /** What broke is for the host's log: the visitor hears 503 if it may be over in a moment, else 500. */
  failed(fault: unknown, incoming: Incoming): Answer
}

/**
 * @param known the reasons of every flow, and those of all
 * @param challenge what would be taken, as `WWW-Authenticate` says it
 */
export function problems(
  known: Reasons,
  challenge: (incoming: Incoming) => string,
  { messages, problemPage = plainPage }: Wording,
): Problems {
  // A rule's own reason may be any word, and finds nothing here that no host has written.
  const own: Messages = Object.assign({ __proto__: null }, messages)

  function respond(problem: Problem, incoming: Incoming, next?: NextStep): Answer {
    const { status, retryAfter } = problem
    const page = wantsPage(incoming)
    const headers: (readonly [string, string])[] = [
      noStore,
      ["content-type", page ? "text/html; charset=utf-8" : "application/problem+json"],
      ...cookieHeaders(next?.setCookie ?? []),
    ]
    if (retryAfter !== undefined) headers.push(["retry-after", `${retryAfter}`])
    // RFC 9110 §11.6.1 wants a challenge with every 401; no scheme is registered for cookies.
    if (status === 401) headers.push(["www-authenticate", challenge(incoming)])
    // Without `type` it is about:blank (RFC 9457 §3.1.1); JSON leaves out what is undefined.
    return {
      status,
      headers,
      body: page ? pageOf(problem, incoming) : JSON.stringify({ ...problem, ...next?.json }),
    }
  }

  function pageOf(problem: Problem, incoming: Incoming): string {
    try {
      return problemPage(problem, incoming)
    } catch {
      return plainPage(problem)
    }
  }

  return {
    refused({ reason, message, next, retryAfter, status }, incoming) {
      const [usual = 500, said = reason.replaceAll("_", " ")] = known[reason] ?? []
      const detail = message ?? own[reason] ?? said
      return respond({ status: status ?? usual, reason, detail, retryAfter }, incoming, next)
    },
    failed(fault, incoming) {
      const problem =
        fault instanceof AuthError && fault.status === 503
          ? {
              status: 503,
              reason: "unavailable",
              detail: "Try again in a moment.",
              retryAfter: fault.retryAfter,
            }
          : { status: 500, reason: "internal", detail: "Something went wrong." }
      return respond(problem, incoming)
    },
  }
}

function plainPage({ detail }: Problem): string {
  const text = escapeHtml(detail)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${text}</title><p>${text}</p>`
}
