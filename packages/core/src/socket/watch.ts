import type { Clock, EpochMs } from "../clock.js"
import type { Principal } from "../sessions/session.js"
import type { CloseReason } from "./close-codes.js"
import type { SocketCredential } from "./credential.js"
import type { SocketSettings } from "./settings.js"
import type { Look } from "./standing.js"

/** Whose a socket is, what says so, and until when. */
export interface Held<C extends object> {
  readonly credential: SocketCredential
  readonly principal: Principal<C>
  /** The end of its session or of its token, whichever is first. */
  readonly endsAt: EpochMs
}

/** Reads a socket's session again, for as long as the socket is somebody's. */
export interface Watch {
  /** Now, and once more after that if it is being read. With `touch` as activity. Never rejects. */
  look(touch: boolean): Promise<void>
  /** At some moment within so many milliseconds, if it is not planned before. */
  lookWithin(ms: number): void
  /** At its end, or some time in the second half of `recheck`: sockets that were opened together are not read together for ever. */
  plan(): void
  /** Whether what is held is over by the clock. */
  isOver(): boolean
  stop(): void
}

/** What a watch works with. */
export interface WatchParts<C extends object> {
  readonly clock: Clock
  readonly settings: SocketSettings<C>
  readonly read: Look<C>
  /** Undefined before it is somebody's, and once it is closed. */
  held(): Held<C> | undefined
  /** It goes on, as of this read. */
  goesOn(held: Held<C>): void
  end(reason: CloseReason): void
}

/** One read at a time. What a socket has got meanwhile, by being authenticated again, is not judged by a read of what it had before. */
export function watch<C extends object>(parts: WatchParts<C>): Watch {
  const { clock, end, goesOn, held, read, settings } = parts
  let wanted: { readonly touch: boolean } | undefined
  let running: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let timerAt = Infinity

  function look(touch: boolean): Promise<void> {
    if (!held()) return Promise.resolve()
    wanted = { touch: touch || (wanted?.touch ?? false) }
    running ??= readAgain()
    return running
  }

  async function readAgain(): Promise<void> {
    for (let asked = held(); wanted && asked; asked = held()) {
      const { touch } = wanted
      const wasOver = isOver()
      wanted = undefined
      const standing = await inTime(read(asked.credential, touch))
      // Closed, or authenticated again, which has read by itself.
      if (held() !== asked) continue
      if (!("refused" in standing)) goesOn({ ...asked, ...standing })
      else if (standing.refused !== "not_signed_in") end(standing.refused)
      else end(wasOver ? "session_expired" : "session_ended")
    }
    running = undefined
    plan()
  }

  /** A store that never answers must not keep a socket open. */
  async function inTime<T>(reading: Promise<T>): Promise<T | { readonly refused: "unavailable" }> {
    let late: ReturnType<typeof setTimeout> | undefined
    const patience = new Promise<{ refused: "unavailable" }>((resolve) => {
      late = setTimeout(() => resolve({ refused: "unavailable" }), settings.authenticateWithinMs)
    })
    try {
      return await Promise.race([reading, patience])
    } finally {
      clearTimeout(late)
    }
  }

  function isOver(): boolean {
    return clock() >= (held()?.endsAt ?? 0)
  }

  function plan(): void {
    const recheckAt = clock() + settings.recheckMs * (1 - Math.random() / 2)
    lookBy(Math.min(held()?.endsAt ?? Infinity, recheckAt))
  }

  /** What is planned before stays planned. */
  function lookBy(at: EpochMs): void {
    if (at >= timerAt || !held()) return
    stop()
    timerAt = at
    timer = setTimeout(
      () => {
        timerAt = Infinity
        void look(false)
      },
      Math.max(0, at - clock()),
    )
  }

  function stop(): void {
    clearTimeout(timer)
    timerAt = Infinity
  }

  return {
    ...{ look, plan, isOver, stop },
    lookWithin: (ms) => lookBy(clock() + Math.random() * ms),
  }
}
