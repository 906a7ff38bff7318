import { once } from "node:events"
import { expect } from "vitest"
import { WebSocket } from "ws"

/** What the server sends. */
export type News = { readonly type: string } & Readonly<Record<string, unknown>>

/** A client with a WebSocket, and everything that it heard. */
export interface Socket {
  readonly heard: readonly News[]
  send(news: object): void
  /** The first of this type that fits, waited for. */
  hears(type: string, fits?: (news: News) => boolean): Promise<News>
  /** With what it was closed, waited for. */
  closed(): Promise<{ readonly code: number; readonly reason: string; readonly at: number }>
  close(): void
}

/** Opens `/ws` of this server. */
export async function openSocket(url: string, headers: Record<string, string> = {}): Promise<Socket> {
  const ws = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, { headers })
  const heard: News[] = []
  ws.on("message", (data) => heard.push(JSON.parse(String(data)) as News))
  const end = new Promise<{ code: number; reason: string; at: number }>((tell) => {
    ws.on("close", (code, reason) => tell({ code, reason: String(reason), at: performance.now() }))
  })
  await once(ws, "open")
  return {
    heard,
    send: (news) => ws.send(JSON.stringify(news)),
    async hears(type, fits = () => true) {
      let found: News | undefined
      await expect
        .poll(
          () => {
            found = heard.find((news) => news.type === type && fits(news))
            return found !== undefined
          },
          { timeout: 10_000, interval: 10 },
        )
        .toBe(true)
      return found as News
    },
    closed: () => end,
    close: () => ws.close(),
  }
}

/** What a program keeps that signed in for tokens. */
export interface Program {
  readonly email: string
  readonly userId: string
  readonly sessionId: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** `POST /api/auth/register` or `/login`, or `/refresh`, as a client that keeps its tokens itself. */
export async function tokensFrom(url: string, path: string, body: object, email = ""): Promise<Program> {
  const response = await postJson(`${url}/api/auth/${path}`, body)
  const answer = (await response.json()) as Record<string, never>
  expect(response.status, JSON.stringify(answer)).toBe(200)
  const { access_token, refresh_token, session, user } = answer as unknown as {
    access_token: string
    refresh_token: string
    session: { id: string }
    user: { id: string }
  }
  return {
    email,
    userId: user.id,
    sessionId: session.id,
    accessToken: access_token,
    refreshToken: refresh_token,
  }
}

export function postJson(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "mortise-session": "tokens", ...headers },
    body: JSON.stringify(body),
  })
}

/** Authenticates by the first message, as the flow has it, and waits until it is in. */
export async function enter(url: string, { accessToken, userId }: Program): Promise<Socket> {
  const socket = await openSocket(url)
  socket.send({ type: "Authenticate", user_id: userId, session_token: accessToken })
  await socket.hears("AuthSuccess")
  return socket
}
