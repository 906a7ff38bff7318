/** @import { Mailbox } from "./mailbox.mjs" */

/**
 * `POST /emails` as Resend documents it, as far as a sender can tell: keys, fields, idempotency, errors.
 *
 * @param {Mailbox} mails
 * @param {Headers} headers
 * @param {string} body
 * @returns {{ status: number, json: object }}
 */
export function sendEmail(mails, headers, body) {
  const authorization = headers.get("authorization")
  if (!authorization) return problem(401, "missing_api_key", "Missing API key in the authorization header")
  if (!/^Bearer re_\w+$/.test(authorization)) return problem(403, "invalid_api_key", "API key is invalid")
  const key = headers.get("idempotency-key") ?? undefined
  if (key !== undefined && (key === "" || key.length > 256)) {
    return problem(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
  }
  const given = parsed(body)
  if (!given) return problem(400, "validation_error", "The request body is no JSON object.")
  const { from, subject, html, text } = given
  const to = typeof given["to"] === "string" ? [given["to"]] : given["to"]
  for (const [field, value] of Object.entries({ from, to, subject })) {
    if (value === undefined) return problem(422, "missing_required_field", `Missing \`${field}\` field.`)
  }
  if (html === undefined && text === undefined) {
    return problem(422, "missing_required_field", "Missing `html` or `text` field.")
  }
  if (!Array.isArray(to) || to.length === 0 || to.length > 50 || !to.every(isAddress)) {
    return problem(422, "validation_error", "Invalid `to` field.")
  }
  if (!isAddress(from)) return problem(422, "validation_error", "Invalid `from` field.")
  const texts = { subject, html: html ?? "", text: text ?? "" }
  if (!Object.values(texts).every((value) => typeof value === "string")) {
    return problem(422, "validation_error", "`subject`, `html` and `text` are texts.")
  }
  const accepted = mails.accept(
    { from, to, .../** @type {Record<keyof typeof texts, string>} */ (texts) },
    key,
  )
  return accepted.ok
    ? { status: 200, json: { id: accepted.id } }
    : problem(
        409,
        "invalid_idempotent_request",
        "Same idempotency key used with a different request payload.",
      )
}

/**
 * @param {number} statusCode
 * @param {string} name
 * @param {string} message
 */
function problem(statusCode, name, message) {
  return { status: statusCode, json: { statusCode, name, message } }
}

/**
 * @param {string} body
 * @returns {Record<string, unknown> | undefined}
 */
function parsed(body) {
  try {
    const value = JSON.parse(body)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * `ada@example.com` or `Ada <ada@example.com>`.
 *
 * @param {unknown} value
 * @returns {value is string}
 */
function isAddress(value) {
  return typeof value === "string" && /^(?:[^<>\r\n]+ <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(value)
}
