import type { EpochMs } from "../clock.js"
import type { Rule } from "../guards/rule.js"
import type { Answer } from "../http/answer.js"
import { guard } from "../http/guard.js"
import type { Principal } from "../sessions/session.js"
import { peeking, type SocketCredential } from "./credential.js"
import type { SocketAuth } from "./socket-auth.js"

/** Whose a credential is as of now, or why it is nobody's. */
export type Standing<C extends object> =
  | { readonly principal: Principal<C>; readonly endsAt: EpochMs }
  | { readonly refused: "not_signed_in" | "forbidden" | "unavailable" }

/** Reads a credential's session. With `touch` that counts as activity of its user, at the strategy's own pace. Never rejects. */
export type Look<C extends object> = (credential: SocketCredential, touch: boolean) => Promise<Standing<C>>

/**
 * In this order: the session, by one read of the strategy (realm, expiry, revocation, the realm's rule), its end by this clock, since a strategy
 * may read a token that is in its grace period, then where the socket comes from, the realm's rule and the endpoint's. A fault is in the host's
 * log, and nobody's session.
 */
export function looker<C extends object>(auth: SocketAuth<C>, rule: Rule<C> | undefined): Look<C> {
  const { clock } = auth.gate
  return async function look(credential, touch) {
    const { token } = credential
    // Another each time: rules keep what they have loaded by the request.
    const request = { ...credential.request }
    try {
      const principal = await auth.sessions.read(token, touch ? request : peeking(request))
      const endsAt = Math.min(principal?.session.expiresAt ?? 0, credential.endsAt)
      if (!principal || clock() >= endsAt) return { refused: "not_signed_in" }
      const answer = await guard(auth, principal, rule, request)
      return answer ? { refused: reasonOf(answer) } : { principal, endsAt }
    } catch (fault) {
      auth.answerFault(fault, credential.request)
      return { refused: "unavailable" }
    }
  }
}

/** A page to sign in at, or 401, asks for the user again. */
function reasonOf({ status }: Answer): "not_signed_in" | "forbidden" | "unavailable" {
  if (status >= 500) return "unavailable"
  return status === 401 || status < 400 ? "not_signed_in" : "forbidden"
}
