import type { Context } from "../context.js"
import type { SocketRefusal } from "../events.js"
import type { Incoming } from "../http/incoming.js"
import { addressBucket } from "../limits/client-address.js"
import { countAgainst } from "../limits/rate-limit.js"
import type { Principal } from "../sessions/session.js"
import { type CloseReason, closeCodes } from "./close-codes.js"
import { ofMessage, type SocketCredential } from "./credential.js"
import type { Journal } from "./journal.js"
import type { LiveSocket, SocketHandlers } from "./live-socket.js"
import { isLonger } from "./message-size.js"
import { authenticateIn, authFailure, authSuccess } from "./messages.js"
import type { SocketSettings } from "./settings.js"
import type { SocketAuth } from "./socket-auth.js"
import type { SocketIndex } from "./socket-index.js"
import type { Look } from "./standing.js"
import { closedEvent, type Over, refusedEvent } from "./telling.js"
import type { Unauthenticated } from "./unauthenticated.js"
import { type Held, watch } from "./watch.js"
import type { Inlet, Wire } from "./wire.js"

/** One WebSocket from its opening to its end. */
export interface Life<C extends object> extends Inlet {
  readonly socket: LiveSocket<C>
  /** Once, when it can be written to, and before anything else. */
  begin(): void
  /** Closes it, whatever it is doing. */
  end(reason: CloseReason): void
  /** Reads the session again now; while that is being done, once more after it. */
  look(): void
  /** The same at some moment within so many milliseconds. */
  lookWithin(ms: number): void
}

/** What all sockets of an endpoint share. */
export interface LifeParts<C extends object> {
  readonly auth: SocketAuth<C>
  readonly settings: SocketSettings<C>
  readonly handlers: SocketHandlers<C>
  readonly look: Look<C>
  readonly journal: Journal
  readonly index: SocketIndex<Life<C>>
  readonly unauthenticated: Unauthenticated
  /** Whether one more refusal may be told: anybody can be refused any number of times. */
  readonly mayTell: () => boolean
}

/** A socket as it comes in. */
export interface Opening<C extends object> {
  readonly incoming: Incoming
  /** Who the upgrade request came from, read when the journal stood at `mark`. */
  readonly found: Found<C> | undefined
  /** Called once, when it is over. */
  onEnd(life: Life<C>): void
}

export interface Found<C extends object> extends Held<C> {
  readonly mark: number
}

/** Texts that wait while one is being looked at. */
const mostWaiting = 16
/** How often a session is read that changes each time while it is read. */
const mostRounds = 4

/**
 * Client              socket                          stores
 *   | 1 opens           |                               |
 *   |------------------>| a place among those of its address, a deadline
 *   | 2 Authenticate    |                               |
 *   |------------------>| 3 counts the attempt -------->|
 *   |                   | 4 reads session and rules --->|
 *   |                   |   the named user's? told of meanwhile? then read again
 *   |                   | 5 into the index, with the event
 *   |<- 6 AuthSuccess --|                               |
 *   | 7 messages        | to the host                   |
 *   |<----------------->|                               |
 *   |                   | 8 reads again: at the session's end, every `recheck`, when told of it,
 *   |                   |   and at most every tenth of its idle time for a message
 *   | 9 close frame     |                               |
 *   |<------------------| out of the index, with the event
 *
 * A cookie of the upgrade request begins at 5; a further `Authenticate` at 3, and what is refused then closes the socket too. Whoever is in the
 * index is closed by what is told from then on; what was told while the session was being read is in the journal. Between "closed" decided and the
 * close frame nothing is handed on in either direction.
 */
export function live<C extends object>(parts: LifeParts<C>, wire: Wire, opening: Opening<C>): Life<C> {
  const { auth, handlers, index, journal, look: read, settings } = parts
  const { clock, emit } = auth.gate
  const { found, incoming } = opening
  const { address, userAgent } = auth.contextOf(incoming)
  // Of events: without the token.
  const context: Context = { address, userAgent }
  const bucket = addressBucket(address)

  let phase: "waiting" | "open" | "closed" = "waiting"
  let held: Held<C> | undefined
  /** As a host reads it, also when it is closed. */
  let principal: Principal<C> | undefined
  let deadline: ReturnType<typeof setTimeout> | undefined
  let giveBack: (() => void) | undefined
  let inbox: string[] = []
  let isReading = false
  let activeAt = 0

  const session = watch<C>({
    ...{ clock, settings, read, end },
    held: () => held,
    goesOn(next) {
      held = next
      principal = next.principal
    },
  })
  const socket: LiveSocket<C> = {
    get principal() {
      // A host has it only after `onOpen`.
      return principal as Principal<C>
    },
    request: incoming,
    get isOpen() {
      return phase === "open"
    },
    send,
    close: (code = 1000, reason = "") => later(() => finish({ code, reason }, "closed_by_host")),
  }
  const life: Life<C> = {
    ...{ socket, begin, receive, left },
    end: (reason) => later(() => end(reason)),
    look: () => later(look),
    lookWithin: (ms) => later(() => session.lookWithin(ms)),
  }

  /** What comes from outside of the socket's own events and timers. */
  function later(work: () => void): void {
    if (wire.later) wire.later(work)
    else work()
  }

  // 1
  function begin(): void {
    deadline = setTimeout(() => end("not_authenticated_in_time"), settings.authenticateWithinMs)
    if (!found) giveBack = parts.unauthenticated.take(bucket)
    if (found) void work(enter(found.credential, undefined, found))
    else if (!giveBack) end("rate_limited")
  }

  function receive(data: unknown): void {
    if (phase === "closed") return
    const most = found || phase === "open" ? settings.maxBytes : settings.maxBytesBefore
    if (typeof data !== "string") end("binary")
    else if (isLonger(data, most)) (phase === "open" ? end : refuse)("payload_too_large")
    // What is the host's never waits for an authentication that is under way.
    else if (phase === "open" && authenticateIn(data) === undefined) take(data)
    else queue(data)
  }

  function queue(text: string): void {
    inbox.push(text)
    if (inbox.length > mostWaiting) refuse("rate_limited")
    else if (!isReading) void work()
  }

  /** One after the other, whatever arrives meanwhile. Never rejects. */
  async function work(first?: Promise<void>): Promise<void> {
    isReading = true
    // Not a turn later than it has to be: what comes next is to be judged by what this one was.
    if (first) await first
    for (let text = inbox.shift(); text !== undefined; text = inbox.shift()) {
      const asked = authenticateIn(text)
      if (asked === undefined && phase === "open") take(text)
      else if (typeof asked === "object") await authenticate(asked.userId, ofMessage(incoming, asked.token))
      else refuse("invalid_request")
    }
    isReading = false
  }

  // 2
  async function authenticate(userId: string, credential: SocketCredential): Promise<void> {
    try {
      const { attempts, counters } = settings
      // Who is known is counted apart: what a neighbour does must not keep them from staying.
      const whose = held ? `session:${held.principal.session.id}` : bucket
      const counted = await countAgainst(counters, clock, `socket:${whose}`, attempts) // 3
      if (!counted.allowed) return refuse("rate_limited", "rate_limited", counted.retryAfter)
    } catch (fault) {
      auth.answerFault(fault, incoming)
      return refuse("unavailable")
    }
    await enter(credential, userId)
  }

  async function enter(credential: SocketCredential, userId?: string, known?: Found<C>): Promise<void> {
    let mark = known?.mark ?? journal.mark()
    let standing = known ?? (await read(credential, false)) // 4
    for (let round = 1; "principal" in standing && journal.hasSince(mark, standing.principal); round++) {
      if (round === mostRounds) return refuse("unavailable")
      mark = journal.mark()
      standing = await read(credential, false)
    }
    if ("refused" in standing) {
      return refuse(standing.refused, standing.refused === "not_signed_in" ? "token_refused" : undefined)
    }
    const { endsAt, principal: now } = standing
    // Somebody else's token is told apart from none by the event alone.
    if (
      now.userId !== (userId ?? now.userId) ||
      now.userId !== (held ?? { principal: now }).principal.userId
    ) {
      return refuse("not_signed_in", "wrong_user")
    }
    if (phase !== "closed") await settle({ credential, principal: now, endsAt })
  }

  /** Nothing is waited for before it is in the index: what is told from here on finds it there. */
  async function settle(next: Held<C>): Promise<void> {
    const before = held?.principal
    if (before) index.remove(life, before)
    const { principal: now } = next
    held = next
    principal = now
    index.add(life, now) // 5
    const { userId } = now
    const sessionId = now.session.id
    try {
      if (before && before.session.id !== sessionId) await emit(context, closedEvent(before, "replaced"))
      if (before?.session.id !== sessionId) {
        await emit(context, { type: "socket.opened", userId, sessionId })
      }
    } catch (fault) {
      auth.answerFault(fault, incoming)
      return refuse("unavailable")
    }
    // Again `held`: a look that came in between may have moved the session's end.
    if (!isLive() || !held) return
    phase = "open"
    clearTimeout(deadline)
    giveBack?.()
    write(authSuccess(held.principal, held.endsAt)) // 6
    session.plan()
    if (!before) hand(() => handlers.onOpen?.(socket))
  }

  /** As a call, since it changes while others are waited for. */
  function isLive(): boolean {
    return phase !== "closed"
  }

  // 7
  function take(text: string): void {
    if (session.isOver()) return void session.look(true).then(() => deliver(text))
    noteActivity()
    deliver(text)
  }

  /** The idle time is not known here, but what was left of it when the session was last renewed is. */
  function noteActivity(): void {
    if (!held) return
    const now = clock()
    const { expiresAt, lastSeenAt } = held.principal.session
    if (now - Math.max(lastSeenAt, activeAt) < (expiresAt - lastSeenAt) / 10) return
    activeAt = now
    void session.look(true)
  }

  function deliver(text: string): void {
    if (phase === "open" && held) {
      const { principal: from } = held
      hand(() => handlers.onMessage?.(from, text, socket))
    }
  }

  /** To the host's own code. */
  function hand(call: () => void | Promise<void>): void {
    try {
      const done: unknown = call()
      if (done instanceof Promise) done.catch(failed)
    } catch (fault) {
      failed(fault)
    }
  }

  function failed(fault: unknown): void {
    auth.answerFault(fault, incoming)
    end("unavailable")
  }

  function send(text: string): boolean {
    if (phase !== "open") return false
    if (session.isOver()) {
      look()
      return false
    }
    if ((wire.bufferedAmount ?? 0) > settings.maxBuffered) {
      end("too_slow")
      return false
    }
    return write(text)
  }

  function write(text: string): boolean {
    try {
      wire.send(text)
      return true
    } catch {
      return false
    }
  }

  // 8
  function look(): void {
    void session.look(false)
  }

  /** With an answer to `Authenticate` before the close frame. */
  function refuse(reason: CloseReason, cause?: SocketRefusal, retryAfter?: number): void {
    if (phase === "closed") return
    write(authFailure(reason, retryAfter))
    finish({ code: closeCodes[reason], reason }, reason, cause)
  }

  function end(reason: CloseReason): void {
    finish({ code: closeCodes[reason], reason }, reason)
  }

  function left(): void {
    finish(undefined, "left")
  }

  // 9
  function finish(
    frame: { readonly code: number; readonly reason: string } | undefined,
    why: Over,
    exactly?: SocketRefusal,
  ): void {
    if (phase === "closed") return
    const wasOpen = phase === "open"
    const last = held?.principal
    phase = "closed"
    held = undefined
    inbox = []
    clearTimeout(deadline)
    session.stop()
    giveBack?.()
    if (last) index.remove(life, last)
    opening.onEnd(life)
    if (frame) closeWire(frame.code, frame.reason)
    tell(last, why, exactly)
    if (wasOpen) hand(() => handlers.onClose?.(socket, frame ?? { code: undefined, reason: "" }))
  }

  function closeWire(code: number, reason: string): void {
    try {
      wire.close(code, reason)
    } catch {
      // A code or a reason of the host's that no frame can carry must not leave it open.
      if (code !== closeCodes.unavailable) closeWire(closeCodes.unavailable, "")
    }
  }

  function tell(last: Principal<C> | undefined, why: Over, exactly?: SocketRefusal): void {
    const event = last ? closedEvent(last, why) : refusedEvent(why, exactly)
    if (!event || (!last && !parts.mayTell())) return
    emit(context, event).catch((fault: unknown) => auth.answerFault(fault, incoming))
  }

  return life
}
