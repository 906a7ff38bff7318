import { type Outcome, refuse } from "../outcome.js"

/** No body of ours is larger; a password has at most 1,024 bytes. */
const bodyLimit = 16_384

/** A request body taken apart, and whether it came from an HTML form (then the answer is a page). */
export type ParsedBody = Outcome<{ readonly value: unknown; readonly form: boolean }>

/**
 * Reads JSON or a form, at most 16 KiB. A route takes these two types only: a cross-site form cannot send JSON, and what it can send
 * passes the origin check first. Refusals: `unsupported_media_type`, `payload_too_large`, `invalid_request`.
 */
export async function readBody(request: Request): Promise<ParsedBody> {
  const type = mediaType(request.headers.get("content-type"))
  const form = type === "application/x-www-form-urlencoded"
  // What breaks off on the way is the client's doing.
  const text = await readText(request).catch(() => null)
  if (text === null) return refuse("invalid_request")
  if (text === undefined) return refuse("payload_too_large")
  if (type === undefined && text === "") return { ok: true, value: {}, form: false }
  if (form) return parseForm(text)
  return type === "application/json" ? parseJson(text) : refuse("unsupported_media_type")
}

function mediaType(header: string | null): string | undefined {
  return header?.split(";", 1)[0]?.trim().toLowerCase()
}

async function readText(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > bodyLimit) return undefined
  if (!request.body) return ""
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > bodyLimit) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parseJson(text: string): ParsedBody {
  try {
    return { ok: true, value: JSON.parse(text || "{}"), form: false }
  } catch {
    return refuse("invalid_request")
  }
}

/** A field that stands there twice means two things at once, so it means nothing. */
function parseForm(text: string): ParsedBody {
  const fields = [...new URLSearchParams(text)]
  const value = Object.fromEntries(fields)
  return Object.keys(value).length === fields.length
    ? { ok: true, value, form: true }
    : refuse("invalid_request")
}
