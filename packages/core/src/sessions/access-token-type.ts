import { decodeBase64url } from "../crypto/base64url.js"

/** A JWT of another kind is told apart before its signature is looked at (RFC 9068 §2.1, RFC 8725 §3.11). */
export const accessTokenType = "at+jwt"

/** Whether a text without a request around it claims to be an access token: only which of two ways checks it, both check it wholly. */
export function looksLikeAccessToken(text: string | undefined): text is string {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(text?.split(".")[0] ?? "")))
    return typeof header === "object" && header !== null && Reflect.get(header, "typ") === accessTokenType
  } catch {
    return false
  }
}
