import type { IncomingMessage } from "node:http"
import { connect } from "node:net"
import type { Duplex } from "node:stream"
import { markDown, type Upstream } from "./upstream.js"

/** Longest that a server may take to be reached. */
const patience = 2000

/**
 * Hands an upgrade on as it came, to the first server that can be reached, and from then on every byte both ways. What the client wrote about its own
 * address is worth nothing, so it goes no further.
 */
export function tunnel(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  choice: readonly Upstream[],
): void {
  const [chosen, ...others] = choice
  if (!chosen) {
    client.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
    return
  }
  const server = connect({ host: "127.0.0.1", port: chosen.port, timeout: patience })
  let reached = false
  server.once("connect", () => {
    reached = true
    server.setTimeout(0)
    server.write(requestHead(incoming))
    server.write(head)
    server.pipe(client).pipe(server)
  })
  server.once("timeout", () => server.destroy(new Error("The server took too long.")))
  server.once("error", () => {
    markDown(chosen)
    if (reached) client.destroy()
    else tunnel(incoming, client, head, others)
  })
  server.once("close", () => reached && client.destroy())
  client.once("error", () => server.destroy())
  client.once("close", () => server.destroy())
}

function requestHead({ httpVersion, method, rawHeaders, socket, url }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ""
    if (name.toLowerCase() !== "x-forwarded-for") lines.push(`${name}: ${rawHeaders[index + 1]}`)
  }
  lines.push(`x-forwarded-for: ${socket.remoteAddress ?? ""}`)
  return `${lines.join("\r\n")}\r\n\r\n`
}
