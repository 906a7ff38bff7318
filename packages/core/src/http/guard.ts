import { type Awaitable, andThen } from "../awaitable.js"
import type { Clock } from "../clock.js"
import type { Context } from "../context.js"
import type { EventBody } from "../events.js"
import type { FlowKit } from "../flows/flow.js"
import { judge, type Rule } from "../guards/rule.js"
import { type Refusal, refuse } from "../outcome.js"
import type { Principal } from "../sessions/session.js"
import { type Answer, seeOther } from "./answer.js"
import type { Boundary } from "./boundary.js"
import { type Incoming, wantsPage } from "./incoming.js"
import type { Problems } from "./problem.js"
import { returnPath, withQuery } from "./return-path.js"
import type { Pages } from "./route.js"

/** What {@link guard} works with of an `Auth`: its own parts, of use to nobody else. */
export interface Gate {
  readonly origin: string
  readonly pages: Pages
  readonly problems: Problems
  readonly boundary: Pick<Boundary<never>, "isRedirected" | "rule"> | undefined
  /** As `Auth.contextOf`. */
  readonly contextOf: (incoming: Incoming) => Context
  /** Tells an event to the host and to the audit. */
  readonly emit: (context: Context, event: EventBody) => Promise<void>
  readonly clock: Clock
  readonly heardBy: FlowKit<never>["heardBy"]
  /** What the realm asks for after the first factor; undefined for nothing. */
  readonly secondFactor: { readonly kinds: readonly string[] } | undefined
  /** The refusal of a request that comes from another site; undefined for one that does not. */
  refuseForeign(incoming: Incoming): Promise<Answer> | undefined
  /** As `Auth.answerFault`. */
  answerFault(fault: unknown, incoming: Incoming): Answer
}

/**
 * Undefined lets pass; otherwise the answer to send (`toResponse` makes it a `Response`): for a page the way to sign in, for a script a
 * problem. The order of the checks is the order of the lines: signed in; from where, for a request that changes something or opens a WebSocket
 * (CSRF); by the realm's rule; by this one. Every refusal is an event. At once where the rules answer at once; neither throws nor rejects.
 */
export function guard<C extends object>(
  { gate }: { readonly gate: Gate },
  principal: Principal<C> | undefined,
  rule: Rule<C> | undefined,
  incoming: Incoming,
): Awaitable<Answer | undefined> {
  if (!principal && isRedirected(gate, incoming)) return signInPage(gate, incoming)
  const refused = principal
    ? // The session is the browser's, whoever makes it send a request: what the host guards is guarded against other sites as well.
      (gate.refuseForeign(incoming) ?? judged(gate, principal, rule, incoming))
    : deny(gate, refuse("not_signed_in"), { rule: rule?.name ?? "", cause: "not_signed_in" }, incoming)
  return refused instanceof Promise ? refused.catch((fault) => gate.answerFault(fault, incoming)) : refused
}

function judged<C extends object>(
  gate: Gate,
  principal: Principal<C>,
  rule: Rule<C> | undefined,
  incoming: Incoming,
): Awaitable<Answer | undefined> {
  const realms = gate.boundary?.rule as Rule<C> | undefined
  if (!realms) return judgedBy(gate, principal, rule, incoming)
  return andThen(
    judgedBy(gate, principal, realms, incoming),
    (answer) => answer ?? judgedBy(gate, principal, rule, incoming),
  )
}

function judgedBy<C extends object>(
  gate: Gate,
  principal: Principal<C>,
  rule: Rule<C> | undefined,
  incoming: Incoming,
): Awaitable<Answer | undefined> {
  if (!rule) return undefined
  const refused = judge(principal, rule, incoming)
  if (refused === undefined) return undefined
  return andThen(
    refused,
    (found) =>
      found &&
      deny(gate, found.refusal, { rule: rule.name, cause: found.cause, userId: principal.userId }, incoming),
  )
}

type Refused = Omit<Extract<EventBody, { readonly type: "guard.refused" }>, "type">

async function deny(gate: Gate, refusal: Refusal, why: Refused, incoming: Incoming): Promise<Answer> {
  await gate.emit(gate.contextOf(incoming), { type: "guard.refused", ...why })
  // Who must prove themselves again does so on a page.
  return refusal.status === 401 && isRedirected(gate, incoming)
    ? signInPage(gate, incoming, refusal.reason)
    : gate.problems.refused(refusal, incoming)
}

function isRedirected({ boundary }: Gate, incoming: Incoming): boolean {
  return boundary ? boundary.isRedirected(incoming) : wantsPage(incoming)
}

/** Only what can be repeated by following a link is worth coming back to. */
function signInPage({ origin, pages }: Gate, incoming: Incoming, error?: string): Answer {
  const target = incoming.method === "GET" ? returnPath(incoming.target, origin) : undefined
  return seeOther(withQuery(pages.signIn, { error, return_to: target }))
}
