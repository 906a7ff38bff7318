import type { GuardedRequest } from "../../guarded-request.js"

/** An access token as a request brings it. */
export interface PresentedToken {
  readonly scheme: "Bearer" | "DPoP"
  readonly token: string
}

/**
 * What stands in `Authorization`, well-formed or not; undefined for another scheme, and for none. Whoever sends one of these two schemes is
 * never judged by a cookie.
 */
export function presentedToken(request: GuardedRequest | undefined): PresentedToken | undefined {
  const [, scheme, token = ""] =
    /^(bearer|dpop)(?: +(.*))?$/is.exec(request?.header("authorization") ?? "") ?? []
  return scheme === undefined ? undefined : { scheme: /dpop/i.test(scheme) ? "DPoP" : "Bearer", token }
}

/** A client that keeps its tokens itself says so, and reads JSON. Forms and links are answered with a page, which could not hand tokens on: they get a cookie. */
export function asksForTokens(request: GuardedRequest | undefined): request is GuardedRequest {
  const script = request?.header("content-type")?.includes("json") ?? false
  return script && request?.header("mortise-session") === "tokens"
}

/** Browsers say from where they ask, and no page can keep them from it. */
export function isBrowser(request: GuardedRequest): boolean {
  return Boolean(request.header("origin") ?? request.header("sec-fetch-site"))
}
