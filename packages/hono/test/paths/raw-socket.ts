import { connect } from "node:net"

/** A request line and headers that go over the wire byte by byte: no client parses, encodes or tidies them. */
export interface RawRequest {
  readonly method?: string
  /** Each character is one byte. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The answer, as it came. */
export interface RawReply {
  /** 0 where the connection was closed without one. */
  readonly status: number
  /** Status line, headers and body. */
  readonly text: string
}

export function sendRaw(
  port: number,
  { body = "", headers = {}, method = "GET", target }: RawRequest,
): Promise<RawReply> {
  const lines = { host: "shop.test", connection: "close", "content-length": `${body.length}`, ...headers }
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(Buffer.from(`${method} ${target} HTTP/1.1\r\n${head.join("")}\r\n${body}`, "latin1"))
    })
    socket.on("data", (chunk) => chunks.push(chunk))
    socket.on("error", reject)
    socket.on("close", () => {
      const text = Buffer.concat(chunks).toString("latin1")
      resolve({ text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0) })
    })
  })
}
