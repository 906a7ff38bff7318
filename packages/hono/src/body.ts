import type { Body } from "@mortise/core"
import type { Context } from "hono"

/**
 * What nobody has read yet as it comes in, so that the library's own limit holds, or whole where its length was said before; what an earlier
 * middleware has read is written out again from what Hono kept.
 * @throws Error if it was read and Hono does not have it
 */
export function bodyOf({ req }: Context): Body {
  const { bodyCache, raw } = req
  if (!raw.bodyUsed) return req.header("content-length") ? req.text() : (raw.body as Body)
  if (Object.keys(bodyCache).length === 0) {
    throw new Error(
      "The body was read from c.req.raw before mortise(), and is gone. Read it with c.req.json() or c.req.parseBody().",
    )
  }
  // Hono's validator of forms leaves the form itself there, no promise of it.
  return bodyCache.formData ? Promise.resolve(req.formData()).then(fieldsOf) : req.text()
}

/** Hono's copy of a form would be written out as multipart, which is not what the content type says. */
function fieldsOf(form: FormData): string {
  const fields = new URLSearchParams()
  for (const [name, value] of form) if (typeof value === "string") fields.append(name, value)
  return fields.toString()
}
