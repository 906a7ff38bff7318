import type { Inlet, Wire } from "@mortise/core/socket"

/** The server's end of a pair, on Cloudflare Workers. */
interface WorkerSocket {
  accept(): void
  send(text: string): void
  close(code: number, reason: string): void
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: "close" | "error", listener: () => void): void
}

/** How long what another request asks of a socket may wait. */
const turnMs = 250

type Pair = new () => { readonly 0: object; readonly 1: WorkerSocket }

/**
 * Opens it and says so at once: Hono's own helper has no such moment. There is no `bufferedAmount` on Workers.
 * @throws Error where the runtime is none of Cloudflare's
 */
export function openOnWorkers(open: (wire: Wire) => Inlet): Response {
  const WebSocketPair: Pair | undefined = Reflect.get(globalThis, "WebSocketPair")
  if (!WebSocketPair) {
    throw new Error("serveSockets: hand it the runtime's own, serveSockets(sockets, { upgradeWebSocket }).")
  }
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  const asked: (() => void)[] = []
  // Of the request that the socket belongs to, and so the only one that may touch it.
  const turn = setInterval(() => {
    for (const work of asked.splice(0)) work()
  }, turnMs)
  const stop = (): void => clearInterval(turn)
  const inlet = open({
    send: (text) => server.send(text),
    close(code, reason) {
      stop()
      server.close(code, reason)
    },
    later: (work) => void asked.push(work),
  })
  const left = (): void => {
    stop()
    inlet.left()
  }
  server.addEventListener("message", ({ data }) => inlet.receive(data))
  server.addEventListener("close", left)
  server.addEventListener("error", left)
  return new Response(null, { status: 101, webSocket: client } as ResponseInit)
}
