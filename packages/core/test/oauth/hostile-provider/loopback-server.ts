import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** An HTTP server on this machine. */
export interface LoopbackServer {
  readonly origin: string
  /** Asks this server whatever host an address names: path, query and the rest of the request stay. */
  readonly fetch: typeof fetch
  stop(): Promise<void>
}

/** A request with its body, and the address that the client meant. */
export interface ReceivedRequest {
  readonly message: IncomingMessage
  readonly url: URL
  readonly body: string
}

/** Tells the server which host was meant; no part of the request otherwise. */
const meantOrigin = "x-meant-origin"

/** Starts a server at a free port of `hostname`. Stopping it cuts every connection, answers under way too. */
export async function startLoopbackServer(
  hostname: string,
  answer: (request: ReceivedRequest, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
  const server = createServer((message, response) => {
    receive(message, origin)
      .then((request) => answer(request, response))
      .catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" })
        response.end(String(error))
      })
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, hostname, resolve)
  })
  const origin = `http://${hostname}:${(server.address() as AddressInfo).port}`
  return {
    origin,
    fetch: (input, init) => {
      const meant = new URL(input instanceof Request ? input.url : input)
      const request = new Request(input, init)
      const here = new Request(origin + meant.pathname + meant.search, request)
      here.headers.set(meantOrigin, meant.origin)
      return fetch(here)
    },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function receive(message: IncomingMessage, origin: string): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  const meant = message.headers[meantOrigin]
  delete message.headers[meantOrigin]
  const url = new URL((typeof meant === "string" ? meant : origin) + (message.url ?? "/"))
  return { message, url, body: Buffer.concat(chunks).toString("utf8") }
}
