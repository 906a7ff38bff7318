import type { IncomingHttpHeaders } from "node:http"

/** What a request is for. `trap` is the address that nobody should ever ask, `unknown` one that is none of these. */
export type Endpoint =
  | "discovery"
  | "authorize"
  | "token"
  | "jwks"
  | "userinfo"
  | "githubUser"
  | "githubEmails"
  | "trap"
  | "unknown"

/** A request as it came, before anything was checked. */
export interface RecordedRequest {
  readonly endpoint: Endpoint
  readonly method: string
  /** As the client meant it: with the host that it named, where `provider.fetch` brought it here. */
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The body read as a form. */
  readonly form: URLSearchParams
}

/** By endpoint, and `all` in their order. */
export type RequestLog = Readonly<Record<Endpoint | "all", readonly RecordedRequest[]>>

/** The log of these requests. */
export function requestLog(all: readonly RecordedRequest[]): RequestLog {
  const to = (endpoint: Endpoint): readonly RecordedRequest[] =>
    all.filter((request) => request.endpoint === endpoint)
  return {
    all,
    discovery: to("discovery"),
    authorize: to("authorize"),
    token: to("token"),
    jwks: to("jwks"),
    userinfo: to("userinfo"),
    githubUser: to("githubUser"),
    githubEmails: to("githubEmails"),
    trap: to("trap"),
    unknown: to("unknown"),
  }
}

/** By the last segment of a path, so that the addresses of many vendors lead to the same few endpoints. */
const byLastSegment: ReadonlyMap<string, Endpoint> = new Map([
  ["authorize", "authorize"],
  ["auth", "authorize"],
  ["authorization", "authorize"],
  ["oauth", "authorize"],
  ["SSOOauth.cgi", "authorize"],
  ["token", "token"],
  ["access_token", "token"],
  ["accessToken", "token"],
  ["openid.connect.token", "token"],
  ["SSOAccessToken.cgi", "token"],
  ["openid.connect.token", "token"],
  ["jwks", "jwks"],
  ["certs", "jwks"],
  ["keys", "jwks"],
  ["userinfo", "userinfo"],
  ["openid.connect.userInfo", "userinfo"],
  ["user", "githubUser"],
  ["emails", "githubEmails"],
])

/**
 * What a path is for. Discovery has exactly one place, below the issuer's path; where an issuer has a
 * placeholder, as Microsoft's has `{tenantid}`, any segment may stand.
 */
export function endpointOf(path: string, issuer: string): Endpoint {
  if (path.startsWith("/trap")) return "trap"
  if (path.includes("/.well-known/")) return isDiscovery(path, issuer) ? "discovery" : "unknown"
  return byLastSegment.get(path.split("/").filter(Boolean).at(-1) ?? "") ?? "unknown"
}

function isDiscovery(path: string, issuer: string): boolean {
  const issuerPath = issuer.replace(/^https?:\/\/[^/]+/, "").replace(/\/$/, "")
  const expected = `${issuerPath}/.well-known/openid-configuration`.split("/")
  const segments = path.split("/")
  return (
    segments.length === expected.length &&
    expected.every((segment, at) => /^\{.*\}$/.test(segment) || segment === segments[at])
  )
}
