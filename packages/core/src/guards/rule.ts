import type { Awaitable } from "../awaitable.js"
import { StoreError } from "../errors.js"
import type { GuardedRequest } from "../guarded-request.js"
import { type Reason, type Refusal, refuse } from "../outcome.js"
import type { Claims, Principal } from "../sessions/session.js"

/** A rule's answer: `true` lets pass; everything else refuses. */
export type Verdict = boolean | RuleRefusal

/** A "no" in the host's own words. */
export interface RuleRefusal {
  /** What the visitor reads. Default: the realm's words for `forbidden`. */
  readonly message?: string
  /** What a script reads, in the place of `forbidden`: a word of the host's own, as `plan_required`. */
  readonly reason?: string
  /** Default 403. 401 asks to sign in again, 404 says nothing of what is there. */
  readonly status?: 401 | 403 | 404
}

/** The host's own condition on who may pass. It runs after the session was checked. Its function name stands for it in events and tables. */
export type Rule<C extends object = Claims> = (
  principal: Principal<C>,
  request: GuardedRequest,
) => Awaitable<Verdict>

/** A rule that failed, for the event; the refusal is for the visitor. */
export interface GuardRefusal {
  readonly refusal: Refusal
  readonly cause?: string
}

/**
 * Whether the rule lets the principal pass; at once where the rule answers at once. Deny by default: an answer that is not exactly `true`, and a
 * rule that throws, are refusals (promise 6). Only a store that is down stays a fault, so that it is answered with 503 and not blamed on the
 * visitor: then the promise rejects. Nothing is ever thrown.
 */
export function judge<C extends object>(
  principal: Principal<C>,
  rule: Rule<C>,
  request: GuardedRequest,
): Awaitable<GuardRefusal | undefined> {
  try {
    const verdict = rule(principal, request)
    return isPromise(verdict) ? settled(verdict) : refusalOf(verdict)
  } catch (thrown) {
    return settled(Promise.reject(thrown))
  }
}

async function settled(verdict: PromiseLike<Verdict>): Promise<GuardRefusal | undefined> {
  try {
    return refusalOf(await verdict)
  } catch (thrown) {
    if (thrown instanceof StoreError) throw thrown
    return { refusal: refuse("forbidden"), cause: thrown instanceof Error ? thrown.name : typeof thrown }
  }
}

function refusalOf(verdict: unknown): GuardRefusal | undefined {
  if (verdict === true) return undefined
  const { message, reason, status } = Object(verdict)
  const word = (text(reason) ?? "forbidden") as Reason
  // Nothing that a rule says makes another answer of it than a refusal.
  const wanted = status === 401 || status === 404 ? status : 403
  return { refusal: refuse(word, { message: text(message), status: wanted }) }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}

/** Whatever can be awaited, as a database driver's own promises. */
function isPromise(verdict: unknown): verdict is PromiseLike<Verdict> {
  return typeof Object(verdict).then === "function"
}
