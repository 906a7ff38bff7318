import type { JsonObject } from "./lies.js"

/** How a client may prove at the token endpoint that it is the client. */
export type ClientAuthentication = "basic" | "post" | "none"

/** The one client that the provider knows. */
export interface RegisteredClient {
  readonly id: string
  /** Empty for a public client. */
  readonly secret: string
  readonly authentication: readonly ClientAuthentication[]
  /** Compared as text; none: any address will do. */
  readonly redirectUris?: readonly string[]
  /** GitLab's and GitHub's clients in arctic know no PKCE; a challenge that is sent is always held to. */
  readonly pkce: "required" | "optional"
}

/** An authorization request that is well-formed. */
export interface AuthorizationRequest {
  readonly redirectUri: string
  readonly state: string | null
  readonly nonce: string | null
  /** `null` only where PKCE is optional. */
  readonly challenge: string | null
  readonly scopes: readonly string[]
  readonly responseMode: "query" | "form_post"
}

/** The client asked for authorization in a way that no provider would accept; the message says what is wrong. */
export class DefectiveAuthorizationRequest extends Error {
  override readonly name = "DefectiveAuthorizationRequest"
}

/**
 * Reads the query of an authorization request.
 *
 * @throws {DefectiveAuthorizationRequest} Never sends the browser back with an error: the library's own mistakes
 *   are to be loud.
 */
export function readAuthorizationRequest(
  query: URLSearchParams,
  client: RegisteredClient,
): AuthorizationRequest {
  for (const name of query.keys()) demand(query.getAll(name).length === 1, `${name} is there twice`)
  demand(query.get("response_type") === "code", "response_type is not code")
  demand(query.get("client_id") === client.id, "client_id is not the client's")
  const redirectUri = query.get("redirect_uri") ?? ""
  demand(URL.canParse(redirectUri) && !redirectUri.includes("#"), "redirect_uri is not an absolute address")
  demand(client.redirectUris?.includes(redirectUri) ?? true, "redirect_uri is not registered")
  const challenge = query.get("code_challenge")
  demand(challenge !== null || client.pkce === "optional", "code_challenge is missing")
  demand(
    challenge === null || /^[\w-]{43}$/.test(challenge),
    "code_challenge is not 43 characters of base64url",
  )
  demand(
    challenge === null || query.get("code_challenge_method") === "S256",
    "code_challenge_method is not S256",
  )
  const responseMode = query.get("response_mode") ?? "query"
  if (responseMode !== "query" && responseMode !== "form_post")
    throw new DefectiveAuthorizationRequest("response_mode is not supported")
  return {
    redirectUri,
    state: query.get("state"),
    nonce: query.get("nonce"),
    challenge,
    scopes: (query.get("scope") ?? "").split(" ").filter((scope) => scope !== ""),
    responseMode,
  }
}

function demand(condition: boolean, defect: string): void {
  if (!condition) throw new DefectiveAuthorizationRequest(defect)
}

/** The redirect address with the answer in its query (RFC 6749, 4.1.2), which may have had one already. */
export function redirectLocation(redirectUri: string, parameters: URLSearchParams): string {
  const target = new URL(redirectUri)
  for (const [name, value] of parameters) target.searchParams.append(name, value)
  return target.href
}

/** A page that posts the answer as soon as a browser shows it (OAuth 2.0 Form Post Response Mode). */
export function formPostPage(redirectUri: string, parameters: URLSearchParams): string {
  const inputs = [...parameters].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  return `<!doctype html><title>Continue</title><body onload="document.forms[0].submit()">
<form method="post" action="${escaped(redirectUri)}">${inputs.join("")}</form>`
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")
}

/** Who signs in at the provider. Any other claim may stand beside these. */
export interface ProviderUser extends JsonObject {
  readonly sub: string
  readonly email?: string
  /** A boolean, but Apple sends text. */
  readonly email_verified?: boolean | string
  readonly name?: string
  readonly picture?: string
}
