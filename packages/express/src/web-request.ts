import { ReadableStream } from "node:stream/web"
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
  const [path = ""] = target.split("?", 1)
  if (!auth.owns(path) || method === "TRACE") return undefined
  const url = new URL(noHost + target)
  if (url.pathname !== path) return undefined
  const headers = req.headers as Record<string, string>
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(req)
  return new globalThis.Request(url, { method, headers, body, duplex: "half" } as RequestInit)
}

/** What nobody has read yet is streamed, so that the library's own limit holds; what a parser has read is written out again. */
function bodyOf(req: Request): BodyInit | null {
  // Not destroyed when the library stops reading: that would take the connection away from under the answer.
  if (!req.readableDidRead) return ReadableStream.from(req.iterator({ destroyOnReturn: false })) as BodyInit
  if (!req.headers["transfer-encoding"] && !Number(req.headers["content-length"])) return null
  const body: unknown = req.body
  if (typeof body === "string" || body instanceof Uint8Array) return body as BodyInit
  if (typeof body !== "object" || body === null) {
    throw new Error("The body was read and is not in req.body. Mount mortise(auth) above what reads it.")
  }
  return req.is("urlencoded") ? new URLSearchParams(fieldsOf(body)) : JSON.stringify(body)
}

/** A field that was doubled stays doubled, for the library to refuse; what was nested is no field of ours. */
function fieldsOf(body: object): string[][] {
  const fields = Object.entries(body).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
  return fields.filter(([, value]) => typeof value === "string")
}
