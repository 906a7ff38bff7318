import { type Agent, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"
import type { Reply, RunningHost, Sent } from "./host.js"

/** Sends exactly what it is given, which `fetch` would not: it resolves dot segments and refuses some headers. */
export function sendOverHttp(port: number, sent: Sent, agent?: Agent): Promise<Reply> {
  const { method = "GET", target, body } = sent
  const headers = { ...lengthOf(sent), ...sent.headers }
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: "127.0.0.1",
      method,
      path: target,
      headers,
      ...(agent && { agent }),
    }
    const outgoing = request(options, (incoming) => {
      const chunks: Uint8Array[] = []
      incoming.on("data", (chunk) => chunks.push(chunk))
      incoming.on("error", reject)
      incoming.on("end", () => {
        const received = new Headers()
        for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
          received.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "")
        }
        resolve({
          status: incoming.statusCode ?? 0,
          headers: received,
          text: Buffer.concat(chunks).toString(),
        })
      })
    })
    outgoing.on("error", reject)
    outgoing.end(body)
  })
}

/** Node leaves it out for methods that seldom have a body, and the body would be taken for the next request. */
function lengthOf({ body, headers = {} }: Sent): Record<string, number> {
  return body === undefined || "transfer-encoding" in headers
    ? {}
    : { "content-length": Buffer.byteLength(body) }
}

/** A listening server as the tests see it, stopped when the test is over. */
export async function runningHost(server: Server, errors: readonly Error[]): Promise<RunningHost> {
  onTestFinished(function stop() {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => (server.listening ? resolve() : server.once("listening", resolve)))
  const { port } = server.address() as AddressInfo
  return {
    port,
    errors,
    send: (sent) => sendOverHttp(port, sent),
  }
}
