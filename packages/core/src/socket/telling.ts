import type { Clock, EpochMs } from "../clock.js"
import type { EventBody, SocketEnd, SocketRefusal } from "../events.js"
import type { Principal } from "../sessions/session.js"
import type { CloseReason } from "./close-codes.js"

/** Why a socket is over, in the words of its close frame or in the events' own. */
export type Over = CloseReason | SocketEnd

/** The event of a socket that was somebody's. */
export function closedEvent({ session, userId }: Principal<object>, why: Over): EventBody {
  // Somebody was found, but not recorded in time.
  const cause = why === "not_authenticated_in_time" ? "unavailable" : why
  return { type: "socket.closed", userId, sessionId: session.id, cause }
}

/** The event of one that was nobody's. Who leaves, or is sent away when the server stops, was not refused: undefined. */
export function refusedEvent(why: Over, exactly: SocketRefusal | undefined): EventBody | undefined {
  const cause = exactly ?? (isRefusal(why) ? why : undefined)
  return cause && { type: "socket.refused", cause }
}

const refusals: ReadonlySet<string> = new Set<SocketRefusal>([
  "binary",
  "payload_too_large",
  "invalid_request",
  "rate_limited",
  "not_authenticated_in_time",
  "forbidden",
  "unavailable",
])

function isRefusal(why: string): why is SocketRefusal {
  return refusals.has(why)
}

const most = 60
const perMs = 60_000

/** Sixty a minute in this process: a flood of sockets that are refused fills no log, and costs no write for each. */
export function tellingBudget(clock: Clock): () => boolean {
  let begunAt: EpochMs = clock()
  let told = 0
  return function mayTell() {
    const age = clock() - begunAt
    if (age < 0 || age >= perMs) [begunAt, told] = [clock(), 0]
    told++
    return told <= most
  }
}
