import type { Context } from "hono"

/** The request with a body that can be read: where an earlier middleware has read it, written out again from what Hono kept. */
export async function readableRequest(c: Context): Promise<Request> {
  const { bodyCache, raw } = c.req
  if (!raw.bodyUsed) return raw
  if (Object.keys(bodyCache).length === 0) {
    throw new Error(
      "The body was read from c.req.raw before mortise(), and is gone. Read it with c.req.json() or c.req.parseBody().",
    )
  }
  const body = bodyCache.formData ? fieldsOf(await c.req.formData()) : await c.req.text()
  return new Request(raw.url, { method: raw.method, headers: raw.headers, body })
}

/** Hono's copy of a form would be written out as multipart, which is not what the content type says. */
function fieldsOf(form: FormData): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [name, value] of form) if (typeof value === "string") fields.append(name, value)
  return fields
}
