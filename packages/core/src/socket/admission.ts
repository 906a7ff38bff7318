import type { Answer } from "../http/answer.js"
import { guard } from "../http/guard.js"
import type { Incoming } from "../http/incoming.js"
import { addressBucket } from "../limits/client-address.js"
import { refuse } from "../outcome.js"
import { isBoundToKey, ofUpgrade, peeking } from "./credential.js"
import type { Journal } from "./journal.js"
import type { Found } from "./life.js"
import type { SocketSettings } from "./settings.js"
import type { SocketAuth } from "./socket-auth.js"
import type { Unauthenticated } from "./unauthenticated.js"
import type { Held } from "./watch.js"

/** What an upgrade request gets: an answer of HTTP's, or a WebSocket; then with whom, where the request itself said so. */
export type Verdict<C extends object> =
  | { readonly answer: Answer }
  | { readonly answer: undefined; readonly found: Found<C> | undefined }

/** What {@link judgeUpgrade} works with. */
export interface AdmissionParts<C extends object> {
  readonly auth: SocketAuth<C>
  readonly settings: SocketSettings<C>
  readonly journal: Journal
  readonly unauthenticated: Unauthenticated
}

/**
 * Whether a WebSocket may be opened, before it is: the order of the checks is the order of the lines. A browser lets any page of any site open
 * one, with the cookies of this host (RFC 6455 §10.2), so where it comes from is checked first, also of those who are not known yet. Never rejects.
 */
export async function judgeUpgrade<C extends object>(
  { auth, journal, settings, unauthenticated }: AdmissionParts<C>,
  incoming: Incoming,
): Promise<Verdict<C>> {
  const { boundary, gate } = auth
  try {
    if (incoming.header("upgrade")?.toLowerCase() !== "websocket") return { answer: upgradeRequired }
    const place = boundary?.at(incoming.target)
    if (boundary && !place) return { answer: gate.problems.refused(refuse("not_found"), incoming) }
    if (boundary && place?.standing === "misspelt") return { answer: boundary.notFound(incoming) }
    const foreign = await gate.refuseForeign(incoming)
    if (foreign) return { answer: foreign }

    const mark = journal.mark()
    const presented = settings.ways.has("upgrade") ? await presentedBy(auth, incoming) : undefined
    if (presented) {
      const answer = await guard(auth, presented.principal, settings.rule, incoming)
      return answer ? { answer } : { answer: undefined, found: { ...presented, mark } }
    }
    if (!settings.ways.has("message")) {
      return { answer: (await guard(auth, undefined, settings.rule, incoming)) ?? upgradeRequired }
    }
    if (!unauthenticated.admits(addressBucket(auth.contextOf(incoming).address))) {
      return { answer: gate.problems.refused(refuse("rate_limited", { retryAfter }), incoming) }
    }
    return { answer: undefined, found: undefined }
  } catch (fault) {
    return { answer: auth.answerFault(fault, incoming) }
  }
}

/**
 * Opening a socket is no activity: a page that nobody looks at opens one whenever it lost the last. Nor does an upgrade's answer bring a new
 * cookie: a token in its grace period is over here, and is exchanged by any other request.
 */
async function presentedBy<C extends object>(
  auth: SocketAuth<C>,
  incoming: Incoming,
): Promise<Held<C> | undefined> {
  if (isBoundToKey(incoming)) return undefined
  const { principal } = await auth.authenticate(peeking(incoming))
  if (!principal) return undefined
  const credential = ofUpgrade(incoming, auth.contextOf(incoming).token)
  const endsAt = Math.min(principal.session.expiresAt, credential.endsAt)
  return auth.gate.clock() < endsAt ? { principal, credential, endsAt } : undefined
}

/** RFC 9110 §15.5.22. */
const upgradeRequired: Answer = {
  status: 426,
  headers: [["upgrade", "websocket"]],
  body: null,
}

/** Seconds; places are given back when somebody is authenticated, or the deadline is over. */
const retryAfter = 10
