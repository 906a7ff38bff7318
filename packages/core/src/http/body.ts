import type { Awaitable } from "../awaitable.js"
import { type Outcome, type Refusal, refuse } from "../outcome.js"
import type { Incoming } from "./incoming.js"

/** What came after the headers: bytes as they arrive, or the text where somebody has read it. Null for nothing. */
export type Body = AsyncIterable<Uint8Array> | Awaitable<string> | null

/** No body of ours is larger; a password has at most 1,024 bytes. */
const bodyLimit = 16_384

/** The fields of an HTML form. */
export type FormFields = Readonly<Record<string, string>>

/** A request body taken apart, and whether it came from an HTML form (then the answer is a page). */
export type ParsedBody = Outcome<
  { readonly value: FormFields; readonly form: true } | { readonly value: unknown; readonly form: false }
>

const tooLarge = refuse("payload_too_large")

export const noBody = { ok: true, value: {}, form: false } as const

/**
 * Reads JSON or a form, at most 16 KiB. A route takes these two types only: a cross-site form cannot send JSON, and what it can send
 * passes the origin check first. Refusals: `unsupported_media_type`, `payload_too_large`, `invalid_request`.
 * @param bodyOf called only for a body that says to be small enough; what it throws is the host's fault
 */
export async function readBody(incoming: Incoming, bodyOf: () => Body): Promise<ParsedBody> {
  const type = incoming.header("content-type")?.split(";")[0]?.trim().toLowerCase()
  if (Number(incoming.header("content-length")) > bodyLimit) return tooLarge
  const body = bodyOf()
  // What breaks off on the way is the client's doing.
  const text = await readText(body).catch(() => refuse("invalid_request"))
  if (typeof text !== "string") return text
  if (type === undefined && text === "") return noBody
  if (type === "application/x-www-form-urlencoded") return parseForm(text)
  return type === "application/json" ? parseJson(text) : refuse("unsupported_media_type")
}

async function readText(body: Body): Promise<string | Refusal> {
  if (body === null || typeof body === "string" || body instanceof Promise) {
    const whole = (await body) ?? ""
    return whole.length > bodyLimit ? tooLarge : whole
  }
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > bodyLimit) return tooLarge
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
