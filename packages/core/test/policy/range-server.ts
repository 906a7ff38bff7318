import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** How the server answers a well-formed question. */
export type Answer = (response: ServerResponse, prefix: string) => void

/** A server that speaks the range protocol of Pwned Passwords over a socket. */
export interface RangeServer {
  readonly endpoint: string
  /** What was asked, as it came over the line. */
  readonly requests: readonly { readonly line: string; readonly headers: IncomingMessage["headers"] }[]
  /** Changes how questions are answered from now on. */
  answer(answer: Answer): void
  stop(): Promise<void>
}

/** Knows the given passwords, each leaked so often, and pads every answer as asked. */
export async function startRangeServer(leaked: Readonly<Record<string, number>>): Promise<RangeServer> {
  const requests: { line: string; headers: IncomingMessage["headers"] }[] = []
  let current: Answer = (response, prefix) => {
    response.writeHead(200, { "content-type": "text/plain" }).end(range(leaked, prefix))
  }
  const server = createServer((request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    const prefix = /^\/range\/([0-9A-F]{5})$/.exec(request.url ?? "")?.[1]
    if (request.method === "GET" && prefix) current(response, prefix)
    else response.writeHead(400).end("The hash prefix was not in a valid format")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(answer) {
      current = answer
    },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** The lines of a range, sorted, with the real ones among strangers and padding. */
export function range(leaked: Readonly<Record<string, number>>, prefix: string): string {
  const known = Object.entries(leaked)
    .map(([password, count]) => ({ digest: sha1(password), count }))
    .filter(({ digest }) => digest.startsWith(prefix))
    .map(({ digest, count }) => `${digest.slice(5)}:${count}`)
  const strangers = Array.from({ length: 800 }, (_, at) => `${sha1(`${prefix}${at}`).slice(5)}:${at + 1}`)
  const padding = Array.from({ length: 200 }, (_, at) => `${sha1(`pad${prefix}${at}`).slice(5)}:0`)
  return [...known, ...strangers, ...padding].sort().join("\r\n")
}

export function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex").toUpperCase()
}
