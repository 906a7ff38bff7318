import type { EventBody } from "../events.js"
import type { Answer } from "../http/answer.js"
import type { Incoming } from "../http/incoming.js"
import { refuse } from "../outcome.js"
import { judgeUpgrade } from "./admission.js"
import type { CloseReason } from "./close-codes.js"
import { journal as newJournal } from "./journal.js"
import { type Found, type Life, live } from "./life.js"
import type { LiveSocket, SocketHandlers } from "./live-socket.js"
import { type SocketOptions, settledOptions } from "./settings.js"
import type { SocketAuth } from "./socket-auth.js"
import { socketIndex } from "./socket-index.js"
import { looker } from "./standing.js"
import { tellingBudget } from "./telling.js"
import { unauthenticated as newUnauthenticated } from "./unauthenticated.js"
import type { Inlet, Wire } from "./wire.js"

/** What an upgrade request gets: the answer that refuses it, or the way in, once the handshake is done. */
export type Admission =
  | { readonly answer: Answer }
  | {
      readonly answer: undefined
      /** To be called once, when the handshake is done, in the same turn as listeners are attached. */
      readonly open: (wire: Wire) => Inlet
    }

/** Whose sockets are meant. */
export type SocketsOf = { readonly userId: string } | { readonly sessionId: string }

/** All WebSockets of one endpoint in this process. */
export interface LiveSockets<C extends object> extends Iterable<LiveSocket<C>> {
  /** The longest message, for what reads frames: `new WebSocketServer({ noServer: true, maxPayload: sockets.maxBytes })`. */
  readonly maxBytes: number
  /** How many are authenticated. */
  readonly size: number
  /** The user's authenticated sockets in this process. */
  ofUser(userId: string): readonly LiveSocket<C>[]
  /** The same of one session. */
  ofSession(sessionId: string): readonly LiveSocket<C>[]
  /** Sends a text to all of them in this process, and answers how many took it. */
  send(to: SocketsOf, text: string): number
  /**
   * Closes all of the user's, without reading anything, with `session_ended`; what is being authenticated is read again. The other servers are told
   * to read theirs again, where there are `messages`. Answers how many were closed here. @throws whatever `messages` rejects with, after that
   */
  endUser(userId: string): Promise<number>
  /** Closes all with `going_away`, opens no more, and hears no more. */
  close(): Promise<void>
  /** For bindings: what an upgrade request gets. Never rejects; `open` and what it answers never throw. */
  admit(incoming: Incoming): Promise<Admission>
}

/** How long sockets take, all together, to read their sessions again after messages were lost. */
const gapMs = 10_000
/** Within which a store that remembers answers has heard what was told. */
const againMs = 500
/** Until it is tried again to listen. */
const listenAgainMs = 5_000

/**
 * WebSockets behind an `Auth`: opened by cookie or header, or by a first message, and closed when their session ends, expires or no longer passes
 * the rule. What ends a session in this process closes its sockets at once; what `messages` tells, after one read; what nobody told, after
 * `recheck`. A store that does not answer closes them as well: there is no authenticated socket whose session was not read within `recheck`.
 * @throws ConfigError `ERR_CONFIG_LIMIT`, `ERR_CONFIG_DURATION`, `ERR_CONFIG_POLICY`
 */
export function liveSockets<C extends object>(
  auth: SocketAuth<C>,
  options: SocketOptions<C> & SocketHandlers<C> = {},
): LiveSockets<C> {
  const { gate } = auth
  const settings = settledOptions(options, gate.clock)
  const { messages } = settings
  const journal = newJournal()
  const index = socketIndex<Life<C>>()
  const unauthenticated = newUnauthenticated(settings.unauthenticatedPerAddress)
  const parts = {
    ...{ auth, settings, journal, index, unauthenticated },
    handlers: options,
    look: looker(auth, settings.rule),
    mayTell: tellingBudget(gate.clock),
  }
  /** Authenticated or not. */
  const everyone = new Set<Life<C>>()
  let isClosed = false
  let listening: Promise<(() => Promise<void>) | undefined> | undefined
  let listenAgain: ReturnType<typeof setTimeout> | undefined

  gate.heardBy.add(hear)

  async function admit(incoming: Incoming): Promise<Admission> {
    if (isClosed) return { answer: gate.problems.refused(refuse("not_found"), incoming) }
    const verdict = await judgeUpgrade(parts, incoming)
    if (verdict.answer) return verdict
    return { answer: undefined, open: (wire) => open(wire, incoming, verdict.found) }
  }

  function open(wire: Wire, incoming: Incoming, found: Found<C> | undefined): Inlet {
    listen()
    const life = live(parts, wire, { incoming, found, onEnd: (ended) => everyone.delete(ended) })
    everyone.add(life)
    life.begin()
    if (isClosed) life.end("going_away")
    return life
  }

  /** Not before there is a socket: where a process begins, some runtimes let nobody reach anything. */
  function listen(): void {
    if (!messages || listening || isClosed) return
    listening = messages.subscribe({ changed, gap }).then(
      (stop) => {
        // What was told before was told to nobody.
        gap()
        return stop
      },
      (fault: unknown) => {
        report(fault)
        listenAgain = setTimeout(() => {
          listening = undefined
          listen()
        }, listenAgainMs)
        return undefined
      },
    )
  }

  /**
   * An id may be a session's or a user's: a strategy that keeps no records has no other name for what ended. Read again a moment later as well: a
   * store that remembers answers may hear of it after this.
   */
  function changed(ids: readonly string[]): void {
    for (const id of ids) {
      journal.note(id)
      for (const life of [...index.ofSession(id), ...index.ofUser(id)]) {
        life.look()
        life.lookWithin(againMs)
      }
    }
  }

  function gap(): void {
    journal.noteAll()
    for (const life of index.all) life.lookWithin(Math.min(gapMs, settings.recheckMs))
  }

  /** What this realm has done in this process is so: nothing needs to be read. */
  function hear(event: EventBody): void {
    if (event.type !== "session.ended" && event.type !== "session.rotated") return
    const { sessionId, userId } = event
    if (sessionId !== "") {
      journal.note(sessionId)
      endAll(index.ofSession(sessionId), "session_ended")
    } else {
      changed([userId])
      void tellOthers(userId).catch(report)
    }
  }

  async function tellOthers(userId: string): Promise<void> {
    await messages?.publish([userId])
  }

  function report(fault: unknown): void {
    auth.answerFault(fault, nowhere)
  }

  function endAll(lives: Iterable<Life<C>>, reason: CloseReason): number {
    let ended = 0
    for (const life of lives) {
      life.end(reason)
      ended++
    }
    return ended
  }

  function socketsIn(lives: Iterable<Life<C>>): LiveSocket<C>[] {
    return [...lives].map(({ socket }) => socket).filter(({ isOpen }) => isOpen)
  }

  const ofUser = (userId: string): LiveSocket<C>[] => socketsIn(index.ofUser(userId))
  const ofSession = (sessionId: string): LiveSocket<C>[] => socketsIn(index.ofSession(sessionId))

  return Object.freeze<LiveSockets<C>>({
    maxBytes: settings.maxBytes,
    get size() {
      return index.all.size
    },
    ofUser,
    ofSession,
    [Symbol.iterator]: () => socketsIn(index.all)[Symbol.iterator](),
    send(to, text) {
      const sockets = "userId" in to ? ofUser(to.userId) : ofSession(to.sessionId)
      return sockets.filter((socket) => socket.send(text)).length
    },
    async endUser(userId) {
      journal.note(userId)
      const ended = endAll(index.ofUser(userId), "session_ended")
      await tellOthers(userId)
      return ended
    },
    async close() {
      isClosed = true
      gate.heardBy.delete(hear)
      clearTimeout(listenAgain)
      endAll([...everyone], "going_away")
      const stop = await listening
      await stop?.()
    },
    admit,
  })
}

/** Where a fault comes from that no request has caused. */
const nowhere: Incoming = { method: "", target: "", header: () => undefined }
