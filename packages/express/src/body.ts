import type { Body } from "@mortise/core"
import type { Request } from "express"

/**
 * What nobody has read yet as it comes in, so that the library's own limit holds; what a parser has read is written out again.
 * @throws Error if it was read and is not in `req.body`
 */
export function bodyOf(req: Request): Body {
  // Not destroyed when the library stops reading: that would take the connection away from under the answer.
  if (!req.readableDidRead) return req.iterator({ destroyOnReturn: false })
  if (!req.headers["transfer-encoding"] && !Number(req.headers["content-length"])) return null
  const body: unknown = req.body
  if (typeof body === "string") return body
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  if (typeof body !== "object" || body === null) {
    throw new Error("The body was read and is not in req.body. Mount mortise(auth) above what reads it.")
  }
  // What is nested too deeply to be written out throws. In a promise, that is the client's doing; here it would be the host's fault.
  if (!req.is("urlencoded")) return Promise.resolve(body).then((value) => JSON.stringify(value))
  return new URLSearchParams(fieldsOf(body)).toString()
}

/** A field that was doubled stays doubled, for the library to refuse; what was nested is no field of ours. */
function fieldsOf(body: object): string[][] {
  const fields = Object.entries(body).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
  return fields.filter(([, value]) => typeof value === "string")
}
