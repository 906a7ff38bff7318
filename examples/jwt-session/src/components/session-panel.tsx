"use client"

import { useAuthClient, useSession } from "@mortise/client/react"
import { useEffect, useRef, useState } from "react"
import { kindWords } from "../session-kinds"
import type { SessionKind } from "../settings"

/** The life of the session, its grace, and its refreshes, as they happen. */
export function SessionPanel(props: {
  readonly kind: SessionKind
  readonly lifetime: number
  readonly grace: number
}) {
  const { status, user, session } = useSession()
  const client = useAuthClient()
  const now = useNow(client.serverTime)
  const { refreshes, log, say } = useHistory(session, now)
  const grace = props.kind === "jwt" ? props.grace : 0

  if (!user || !session) {
    return (
      <section className="card" id="session" aria-labelledby="session-title">
        <h2 id="session-title">Your session</h2>
        <p role="status">
          {status === "loading" ? "Looking…" : "You are not signed in, in any tab of this browser."}
        </p>
        <Log lines={log} />
      </section>
    )
  }
  const { expiresAt } = session

  async function refreshNow(): Promise<void> {
    const after = await client.renew()
    if (after.error) say(`not refreshed: ${after.error.detail}`)
    else if (after.session?.expiresAt === expiresAt)
      say("asked for a refresh: it is fresh still, so it stays")
  }

  const life = Math.max(0, session.expiresAt - now)
  const inGrace = life === 0
  const left = inGrace ? Math.max(0, session.expiresAt + grace * 1000 - now) : life
  const whole = (inGrace ? grace : props.lifetime) * 1000
  return (
    <section className="card" id="session" aria-labelledby="session-title">
      <h2 id="session-title">Your session</h2>
      <p className="clock" role="timer" data-phase={inGrace ? "grace" : "life"}>
        {minutes(left)}
      </p>
      <p className="muted">{phaseWords(inGrace, left, grace)}</p>
      <progress
        className={inGrace ? "grace" : ""}
        max={Math.max(whole, 1)}
        value={left}
        aria-label="What is left of it"
      />
      <dl>
        <dt>Kept as</dt>
        <dd>{kindWords[props.kind].name}</dd>
        <dt>Life</dt>
        <dd>{minutes(props.lifetime * 1000)}</dd>
        <dt>Grace</dt>
        <dd>{grace ? minutes(grace * 1000) : "none"}</dd>
        <dt>Refreshed</dt>
        <dd>
          <span data-testid="refreshes">{refreshes}</span> times, since this page was opened
        </dd>
        <dt>Issued</dt>
        <dd>{time(session.lastSeenAt)}</dd>
        <dt>Expires</dt>
        <dd data-testid="expires" data-at={session.expiresAt}>
          {time(session.expiresAt)}
        </dd>
        <dt>Signed in as</dt>
        <dd>{user.claims.username}</dd>
      </dl>
      <p className="row">
        <button type="button" onClick={refreshNow}>
          Refresh now
        </button>
        <button type="button" className="quiet" onClick={() => void client.refresh()}>
          Ask the server
        </button>
      </p>
      <Log lines={log} />
      <p className="muted">
        While you are active it is refreshed by itself, in one tab for all, when three quarters of its life
        are over. Leave it alone, and it ends.
      </p>
    </section>
  )
}

function phaseWords(inGrace: boolean, left: number, grace: number): string {
  if (!inGrace) return "until it expires"
  if (left > 0) return "of grace: the next request still gets a new token"
  return grace > 0
    ? "The grace is over as well. The next request has to sign in."
    : "It is over. The next request has to sign in."
}

function Log({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <ol className="log" aria-label="What happened">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ol>
  )
}

/** The server's time, a few times a second. As the page was rendered until the first tick, or server and browser would not agree. */
function useNow(serverTime: () => number): number {
  const [now, setNow] = useState(0)
  useEffect(() => {
    const tick = (): void => setNow(serverTime())
    tick()
    const timer = setInterval(tick, 250)
    return () => clearInterval(timer)
  }, [serverTime])
  return now
}

interface History {
  readonly refreshes: number
  readonly log: readonly string[]
}

const nothingYet: History = { refreshes: 0, log: [] }

type Life = { readonly id: string; readonly expiresAt: number } | null

/** What became of the session since the page was opened, newest first. */
function useHistory(session: Life, now: number): History & { say(what: string): void } {
  const [history, setHistory] = useState<History>(nothingYet)
  const last = useRef<Life | undefined>(undefined)
  useEffect(() => {
    const former = last.current
    if (
      former === undefined
        ? session === null
        : former?.id === session?.id && former?.expiresAt === session?.expiresAt
    )
      return
    last.current = session
    const refreshed = former && session && former.id === session.id
    const what = !session
      ? "signed out"
      : refreshed
        ? `refreshed, until ${time(session.expiresAt)}`
        : "signed in"
    setHistory(({ refreshes, log }) => ({
      refreshes: refreshed ? refreshes + 1 : refreshes,
      log: [line(what), ...log].slice(0, 20),
    }))
  }, [session])
  return {
    ...(now === 0 ? nothingYet : history),
    say: (what) =>
      setHistory(({ refreshes, log }) => ({ refreshes, log: [line(what), ...log].slice(0, 20) })),
  }
}

function line(what: string): string {
  return `${time(Date.now())}  ${what}`
}

function minutes(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`
}

/** Time of day in UTC, the same on server and browser. */
function time(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`
}
