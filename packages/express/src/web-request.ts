import type { Auth } from "@mortise/core"
import type { Request } from "express"

/** Never the Host header, which the client writes. Nothing reads it; RFC 6761 keeps this name from ever being somebody's. */
const noHost = "http://mortise.invalid"

/**
 * The request as the library takes it, if it is the library's to answer: judged by the path as the client wrote it, whatever Express has
 * rewritten since. A path that a URL parser would change (dot segments, backslashes) is not ours, since the host's own router and limits
 * saw another one; neither is TRACE, which no web request can carry.
 */
export function webRequest(req: Request, auth: Pick<Auth, "owns">): globalThis.Request | undefined {
  const { method, originalUrl: target } = req
  const query = target.indexOf("?")
  const path = query === -1 ? target : target.slice(0, query)
  if (!auth.owns(path) || method === "TRACE") return undefined
  const url = new URL(noHost + target)
  if (url.pathname !== path) return undefined
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(req)
  return new globalThis.Request(url, { method, headers: headersOf(req), body, duplex: "half" } as RequestInit)
}

function headersOf(req: Request): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined && !name.startsWith(":")) headers.set(name, String(value))
  }
  return headers
}

/** What nobody has read yet is streamed, so that the library's own limit holds; what a parser has read is written out again. */
function bodyOf(req: Request): BodyInit | null {
  if (!req.readableDidRead) return streamOf(req)
  if (!req.headers["transfer-encoding"] && !Number(req.headers["content-length"])) return null
  const body: unknown = req.body
  if (typeof body === "string" || body instanceof Uint8Array) return body as BodyInit
  if (typeof body !== "object" || body === null) {
    throw new Error(
      "The body was read before mortise(), and req.body has none. Mount mortise(auth) above what reads it.",
    )
  }
  return req.is("urlencoded") ? new URLSearchParams(fieldsOf(body)) : JSON.stringify(body)
}

/** A field that was doubled stays doubled, for the library to refuse; what was nested is no field of ours. */
function fieldsOf(body: object): string[][] {
  return Object.entries(body).flatMap(([name, value]) =>
    [value].flat().flatMap((one: unknown) => (typeof one === "string" ? [[name, one]] : [])),
  )
}

function streamOf(req: Request): ReadableStream<Uint8Array> {
  // Destroying the request would take the connection away from under the answer.
  const chunks = req.iterator({ destroyOnReturn: false })
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return?.()
        // What is beyond the limit is dropped as it comes in, or the next request on this connection would wait behind it.
        req.resume()
      },
    },
    { highWaterMark: 0 },
  )
}
