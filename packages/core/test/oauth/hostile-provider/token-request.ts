import type { RegisteredClient } from "./authorization.js"
import { type Grant, type GrantBook, TokenRefusal } from "./grant-book.js"
import type { RecordedRequest } from "./recorded-request.js"

/** What a token request asks for, after every check. */
export interface RedeemedRequest {
  readonly grant: Grant
  readonly scopes: readonly string[]
}

/**
 * Checks a token request as RFC 6749 and 7636 demand and takes what it pays with.
 *
 * @throws {TokenRefusal}
 */
export function redeemTokenRequest(
  request: RecordedRequest,
  client: RegisteredClient,
  book: GrantBook,
): RedeemedRequest {
  const { form } = request
  if (request.method !== "POST") throw new TokenRefusal("invalid_request", "the method is not POST")
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(request.headers["content-type"] ?? ""))
    throw new TokenRefusal("invalid_request", "the body is not a form")
  if (request.url.search !== "") throw new TokenRefusal("invalid_request", "the address has a query")
  for (const name of form.keys()) {
    if (form.getAll(name).length > 1) throw new TokenRefusal("invalid_request", `${name} is there twice`)
  }
  if (book.checked("client")) authenticateClient(request, client)
  const grant = redeemGrant(form, book)
  const scopes = form.get("scope")?.split(" ") ?? grant.request.scopes
  if (scopes.some((scope) => !grant.request.scopes.includes(scope)))
    throw new TokenRefusal("invalid_scope", "a scope was not granted")
  return { grant, scopes }
}

function redeemGrant(form: URLSearchParams, book: GrantBook): Grant {
  const type = form.get("grant_type")
  if (type === "refresh_token") return book.redeemRefreshToken(form.get("refresh_token") ?? "")
  if (type !== "authorization_code") throw new TokenRefusal("unsupported_grant_type", `it is ${type}`)
  return book.redeemCode(form.get("code") ?? "", form.get("redirect_uri"), form.get("code_verifier"))
}

/** RFC 6749, 2.3: one way, and only one. */
function authenticateClient({ headers, form }: RecordedRequest, client: RegisteredClient): void {
  const basic = headers.authorization
  if (basic !== undefined && form.has("client_secret"))
    throw new TokenRefusal("invalid_request", "the client authenticates in two ways")
  const method = basic !== undefined ? "basic" : form.has("client_secret") ? "post" : "none"
  const [id, secret] =
    basic === undefined ? [form.get("client_id"), form.get("client_secret") ?? ""] : basicCredentials(basic)
  if (!client.authentication.includes(method))
    throw new TokenRefusal("invalid_client", `client authentication by ${method} is not allowed`)
  if (id !== client.id || (form.get("client_id") ?? id) !== id)
    throw new TokenRefusal("invalid_client", "the client is unknown")
  if (method !== "none" && secret !== client.secret)
    throw new TokenRefusal("invalid_client", "the client secret is wrong")
}

/** RFC 6749, 2.3.1: both halves are form-encoded before they are put together. */
function basicCredentials(header: string): readonly [string | null, string] {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1]
  const [id, ...secret] = Buffer.from(encoded ?? "", "base64")
    .toString("utf8")
    .split(":")
  return [formDecoded(id ?? ""), formDecoded(secret.join(":"))]
}

function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll("&", "%26")}`).get("v") ?? ""
}
