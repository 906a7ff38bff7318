import { StoreError } from "../errors.js"
import type { GuardedRequest } from "../guarded-request.js"
import { type Refusal, refuse } from "../outcome.js"
import type { Claims, Principal } from "../sessions/session.js"

/** A rule's answer: `true` lets pass; everything else refuses. A text is the message that the visitor reads. */
export type Verdict = boolean | { readonly message: string }

/** The host's own condition on who may pass. It runs after the session was checked. */
export type Rule<C extends object = Claims> = (
  principal: Principal<C>,
  request: GuardedRequest,
) => Verdict | Promise<Verdict>

/** A rule that failed, for the event; the refusal is for the visitor. */
export interface GuardRefusal {
  readonly refusal: Refusal
  readonly cause?: string
}

/**
 * Whether the rule lets the principal pass. Deny by default: an answer that is not exactly `true`, and a rule that throws, are refusals
 * (promise 6). Only a store that is down stays a fault, so that it is answered with 503 and not blamed on the visitor.
 */
export async function judge<C extends object>(
  principal: Principal<C>,
  rule: Rule<C>,
  request: GuardedRequest,
): Promise<GuardRefusal | undefined> {
  try {
    const verdict = await rule(principal, request)
    if (verdict === true) return undefined
    return {
      refusal: refuse(
        "forbidden",
        verdict && typeof verdict.message === "string" ? { message: verdict.message } : {},
      ),
    }
  } catch (thrown) {
    if (thrown instanceof StoreError) throw thrown
    return { refusal: refuse("forbidden"), cause: thrown instanceof Error ? thrown.name : typeof thrown }
  }
}
