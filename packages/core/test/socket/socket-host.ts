/** A host with WebSockets over wires that only a test holds, under a clock that moves the timers too. */
import { onTestFinished, vi } from "vitest"
import { incomingOf } from "../../src/http/incoming.js"
import type { SessionStrategy } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { type LiveSockets, liveSockets, type SocketHandlers, type SocketOptions } from "../../src/socket.js"
import type { AdjustableClock } from "../../src/testing/adjustable-clock.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { type AppOptions, ada, app, type Host, origin } from "../app.js"

export type Claimed = { email: string }

export interface SocketHostOptions extends AppOptions {
  readonly sockets?: SocketOptions<Claimed> & SocketHandlers<Claimed>
  readonly sessions?: SessionStrategy
}

/** What one client has got, and how it was closed. */
export interface TestSocket {
  readonly got: Readonly<Record<string, unknown>>[]
  readonly closed: { readonly code: number; readonly reason: string } | undefined
  bufferedAmount: number
  say(message: unknown): void
  leave(): void
}

export interface SocketHost extends Host {
  readonly sockets: LiveSockets<Claimed>
  /** What reached the host's own code. */
  readonly heard: string[]
  connect(
    headers?: Readonly<Record<string, string>>,
    options?: { peer?: string; path?: string },
  ): Promise<TestSocket>
}

/** Real time stands still until a test moves it, for timers as well. */
export function fakeTime(): AdjustableClock {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.UTC(2026, 10, 20) })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  return Object.assign(() => Date.now(), {
    advance: (ms: number) => void vi.advanceTimersByTime(ms),
    set: (at: number) => void vi.setSystemTime(at),
  })
}

/** Goes on so many milliseconds, timers and all that they have begun. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

/** Lets everything come to its end that waits for no timer and no other thread. */
export async function calm(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const realTimeout = setTimeout

/** The same as {@link pass}, with real time in between for what is computed elsewhere: nothing that takes as long is taken for hung. */
export async function passSlowly(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 2_500) {
    await pass(Math.min(left, 2_500))
    await new Promise((resolve) => realTimeout(resolve, 5))
  }
}

/** Waits in real time, for what is computed elsewhere, as signatures are; then the assertions tell. */
export async function until(isSo: () => unknown): Promise<void> {
  for (const giveUpAt = performance.now() + 5_000; !isSo() && performance.now() < giveUpAt; ) await calm()
  await calm()
}

export function socketHost(options: SocketHostOptions = {}): SocketHost {
  const clock = options.clock ?? fakeTime()
  const host = app({ ...options, clock, stores: options.stores ?? memoryStores({ clock }) })
  const heard: string[] = []
  const sockets = liveSockets<Claimed>(host.auth, {
    onMessage: (_, data) => void heard.push(data),
    ...options.sockets,
  })
  onTestFinished(() => sockets.close())
  return {
    ...host,
    sockets,
    heard,
    async connect(headers = {}, { path = "/ws", peer = "192.0.2.1" } = {}) {
      const request = new Request(`${origin}${path}`, {
        headers: { upgrade: "websocket", origin, ...headers },
      })
      const admission = await sockets.admit(incomingOf(request, peer))
      if (admission.answer)
        throw Object.assign(new Error(`refused ${admission.answer.status}`), admission.answer)
      const socket = testSocket()
      socket.inlet = admission.open(socket.wire)
      await calm()
      return socket
    },
  }
}

function testSocket() {
  const socket = {
    got: [] as Record<string, unknown>[],
    closed: undefined as { code: number; reason: string } | undefined,
    bufferedAmount: 0,
    inlet: undefined as { receive(data: unknown): void; left(): void } | undefined,
    wire: {
      get bufferedAmount() {
        return socket.bufferedAmount
      },
      send(text: string) {
        if (socket.closed) throw new Error("sent to a closed socket")
        socket.got.push(text.startsWith("{") ? JSON.parse(text) : { text })
      },
      close(code: number, reason: string) {
        if (socket.closed) throw new Error("closed twice")
        socket.closed = { code, reason }
        socket.inlet?.left()
      },
    },
    say: (message: unknown) =>
      socket.inlet?.receive(
        typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message),
      ),
    leave: () => socket.inlet?.left(),
  }
  return socket
}

/** Somebody, signed in. */
export interface SignedIn {
  readonly userId: string
  readonly token: string
  readonly cookie: string
  readonly browser: TestClient
}

/** An account of the tests, signed in once more; registered where it is not yet. */
export async function signIn(host: Host, who: typeof ada = ada): Promise<SignedIn> {
  if (!(await host.stores.users.findByEmail(who.email))) {
    const registered = host.auth.flows.password.register(who)
    // It takes the same time whoever is registered.
    await pass(300)
    await registered
  }
  const browser = host.browser()
  const answer = await browser.post("/auth/login", { json: who })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  const cookie = browser.cookieHeader()
  const user = await host.stores.users.findByEmail(who.email)
  return { userId: user?.id ?? "", token: cookie.slice(cookie.indexOf("=") + 1), cookie, browser }
}

export function authenticate(userId: string, token: string): object {
  return { type: "Authenticate", user_id: userId, session_token: token }
}
