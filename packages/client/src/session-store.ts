import { guessedSkew, type Life, lifeOf } from "./life.js"
import { inOneTab } from "./one-tab.js"
import { type Failure, failure } from "./outcome.js"
import { watchPresence } from "./presence.js"
import {
  isSessionJson,
  loading,
  nobody,
  type SessionJson,
  type SessionState,
  sessionJson,
  stateOf,
} from "./session-state.js"
import type { StoreParts, WrittenStore } from "./store-contract.js"
import { openTabs } from "./tabs.js"

/** Timers are late when a machine has slept, and fire at once beyond 2^31 ms: so the clock is looked at every minute. */
const longestSleepMs = 60_000
const longestRetryMs = 60_000
/** After which a tab looks again whether another has renewed for all, or whether a session in its grace period is over. */
const secondLookMs = 5_000

/** Makes the store. Without a document (on a server) it asks nothing by itself and knows no other tabs. */
export function sessionStore<C extends object>(parts: StoreParts): WrittenStore<C> {
  const { ask, clock, name, paths, random, staleAfterMs } = parts
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  const inBrowser = typeof document === "object"

  let state: SessionState<C> = loading
  /** As of when that is known, on our clock: the start of the question, the end of a call. */
  let asOf = 0
  /** How far the server's clock is before ours. */
  let skew = 0
  let stale = false
  /** Somebody did something since the session was made or renewed. */
  let acted = false
  /** Of its life, after which a session is renewed: another in every tab. */
  let share = 0
  /** An end of life that renewing did not move. */
  let fixedEnd = 0
  let asking: Promise<void> | undefined
  let current: AbortController | undefined
  /** Calls that sign in or out: so far, and now. */
  let calls = 0
  let calling = 0
  let electing = false
  let failures = 0
  let notBefore = 0
  /** When to look next whether a session that nobody uses is over. */
  let lookAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let tell: ((message: object) => void) | undefined

  function become(next: SessionState<C>): void {
    const changed = JSON.stringify(next) !== JSON.stringify(state)
    if (changed) state = next
    plan()
    if (changed) for (const listener of [...listeners]) listener()
  }

  function accept(json: SessionJson<C>, at: number, nextSkew: number): void {
    asOf = at
    skew = nextSkew
    stale = false
    failures = notBefore = 0
    if (json.session?.expiresAt !== state.session?.expiresAt) {
      acted = false
      share = 0.75 + random() * 0.15
    }
    // A server may grant more than it said: the longer that has been so, the later it is asked again.
    lookAt = clock() + Math.max(secondLook(), clock() + skew - (json.session?.expiresAt ?? 0))
    become(stateOf(json))
  }

  /** Accepts what the server said to us, and the other tabs hear of it. */
  function learn(json: SessionJson<C>, at: number, serverTime = Number.NaN): void {
    start()
    const known = json.session?.expiresAt === state.session?.expiresAt
    const guess = known ? skew : guessedSkew(json.session, skew, clock())
    accept(json, at, Number.isNaN(serverTime) ? guess : serverTime - clock())
    tell?.({ ...json, at, skew })
  }

  function hear(message: unknown): void {
    const { at, id, skew: told, ...json } = (message ?? {}) as Partial<Message<C>>
    if (typeof at !== "number" || isOld(at)) return
    if (isSessionJson<C>(json)) accept(json, at, told ?? 0)
    else if (id !== idOf(state)) doubt()
  }

  /** A clock that was set back makes nothing older. */
  function isOld(at: number): boolean {
    return at < asOf && asOf <= clock()
  }

  /** Answers whether the server said something to the question. */
  async function question(
    method: "GET" | "POST",
    path: string,
    headers?: Record<string, string>,
  ): Promise<boolean> {
    const controller = new AbortController()
    current = controller
    const before = calls
    const at = clock()
    const body = method === "POST" ? {} : undefined
    const answer = await ask({ method, path, body, headers, controller })
    // Too late: something newer is known, or is just becoming known.
    if (before !== calls || isOld(at) || (controller.signal.aborted && calling > 0)) return false
    if (answer.ok && isSessionJson<C>(answer.json)) learn(answer.json, at, answer.serverTime)
    else if (!answer.ok && answer.reason === "not_signed_in") learn(nobody, at)
    else fail(answer.ok ? failure("unexpected_answer", 200, "The answer is no session.") : answer)
    return !state.error
  }

  /** The session stays as it was last known: a server that is down signs nobody out. */
  function fail(error: Failure): void {
    stale = true
    const wait = error.retryAfter ? error.retryAfter * 1000 : Math.min(1000 * 2 ** failures++, longestRetryMs)
    notBefore = clock() + wait * (1 + random() / 2)
    become({ ...state, error })
  }

  function once(work: () => Promise<unknown>): Promise<void> {
    if (asking) return asking
    const mine = work().then(done, done)
    asking = mine
    function done(): void {
      if (asking === mine) asking = undefined
      plan()
    }
    return mine
  }

  const secondLook = (): number => secondLookMs * (1 + random())
  const read = (): Promise<boolean> => question("GET", paths.session)
  /** Does not prolong a session that is in its grace period. */
  const peek = (): Promise<boolean> => question("GET", paths.session, { "mortise-session": "peek" })
  const prolong = (): Promise<boolean> => question("POST", paths.refresh)

  /** In one tab of all. What another has found out meanwhile need not be found out again. */
  async function elect(kind: "look" | "renew", work: () => Promise<boolean>): Promise<void> {
    const end = state.session?.expiresAt ?? 0
    const moved = (): boolean => state.session?.expiresAt !== end
    electing = true
    await inOneTab(
      `${name} ${kind} ${idOf(state)} ${end}`,
      async () => {
        let done = false
        if (!moved()) await once(async () => (done = await work()))
        if (done && !moved()) fixedEnd = end
        return moved()
      },
      random,
    )
    electing = false
    // Another tab does it, which may be closed before it is done; or it failed.
    const next = clock() + secondLook()
    if (kind === "look") lookAt = Math.max(lookAt, next)
    else if (!moved()) notBefore = Math.max(notBefore, next)
    plan()
  }

  /** Something may have changed: the server is asked, as soon as it may be. */
  function doubt(): void {
    stale = true
    tick()
  }

  function life(): Life | undefined {
    return state.session ? lifeOf(state.session, clock() + skew, share) : undefined
  }

  /** What is to be done now. */
  function task(): (() => Promise<unknown>) | undefined {
    const { due, over } = life() ?? {}
    if (over && !acted) return clock() < lookAt ? undefined : () => elect("look", peek)
    if (over || (due && acted && state.session?.expiresAt !== fixedEnd)) return () => elect("renew", prolong)
    return stale || state.status === "loading" ? () => once(read) : undefined
  }

  /** Nothing is asked by itself but while somebody listens and looks, and one thing at a time. */
  function mayAsk(): boolean {
    const busy = asking || electing || calling > 0 || closing.signal.aborted
    return inBrowser && !busy && listeners.size > 0 && !document.hidden
  }

  function tick(): void {
    if (mayAsk() && clock() >= notBefore) void task()?.()
    plan()
  }

  function plan(): void {
    clearTimeout(timer)
    if (!mayAsk()) return
    const { over, rest = longestSleepMs } = life() ?? {}
    const wait = (task() ? notBefore : over ? lookAt : clock() + rest) - clock()
    timer = setTimeout(tick, Math.max(0, Math.min(wait, longestSleepMs)))
  }

  function start(): void {
    if (!inBrowser || tell || closing.signal.aborted) return
    tell = openTabs(name, hear, closing.signal)
    watchPresence(
      {
        turned() {
          // To come back is a deed too.
          if (!document.hidden) acted = true
          if (clock() - asOf >= staleAfterMs) stale = true
          tick()
        },
        acted() {
          if (acted) return
          acted = true
          tick()
        },
        online() {
          notBefore = 0
          tick()
        },
      },
      closing.signal,
    )
  }

  return {
    get: () => state,
    serverTime: () => clock() + skew,
    subscribe(listener) {
      // Each its own, though the same function may be given twice.
      const own = (): void => listener()
      listeners.add(own)
      start()
      tick()
      return () => void listeners.delete(own)
    },
    async refresh() {
      start()
      await once(read)
      return state
    },
    async renew() {
      start()
      await asking
      await once(prolong)
      return state
    },
    handIn(handed) {
      const json = sessionJson(handed)
      const known = json.session?.id ?? null
      if (state.status !== "loading") return known === idOf(state) ? undefined : doubt()
      const guess = guessedSkew(json.session, 0, clock())
      accept(json, clock(), guess)
      // Nobody knows when the page was made; it may come out of a cache.
      stale = guess !== 0
      start()
      tell?.({ at: asOf, id: known })
    },
    close() {
      closing.abort()
      clearTimeout(timer)
    },
    async alone(call) {
      calling++
      current?.abort()
      try {
        return await call()
      } finally {
        calling--
        plan()
      }
    },
    async signedIn(granted) {
      calls++
      const at = clock()
      await asking
      await once(read)
      if (state.error || asOf < at) learn(granted, at)
      return idOf(state) === granted.session?.id
    },
    signedOut() {
      calls++
      learn(nobody, clock())
    },
  }
}

/** What tabs tell each other: all that is known, or only which session was handed in. */
type Message<C extends object> = SessionJson<C> & {
  readonly at: number
  readonly skew: number
  readonly id: string | null
}

function idOf({ session }: SessionState<object>): string | null {
  return session?.id ?? null
}
