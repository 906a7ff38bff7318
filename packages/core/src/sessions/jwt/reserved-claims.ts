import type { Json } from "../../stores/ports.js"
import type { Held } from "./standing.js"
import type { TokenClaims } from "./token.js"

/** Names that mean something in a token already (RFC 7519 §4.1, RFC 7800, RFC 9068, OpenID Connect); the host's claims stand beside them. */
const reserved: ReadonlySet<string> = new Set([
  ...["iss", "aud", "sub", "exp", "nbf", "iat", "jti", "cnf", "client_id", "scope", "nonce"],
  ...["sid", "auth_time", "amr", "acr", "azp", "realm", "absolute_exp", "epoch", "ver"],
])

/** The host's claims in a token. */
function ownClaims<C extends object>(token: TokenClaims): C {
  const names = Object.keys(token).filter((name) => !reserved.has(name))
  return Object.fromEntries(names.map((name) => [name, token[name]])) as C
}

/** @throws TypeError for a name that is the library's: a user could else be given another's session by their own profile */
export function refuseReserved(claims: object): void {
  const taken = Object.keys(claims).find((name) => reserved.has(name))
  if (taken === undefined) return
  throw new TypeError(
    `claims: "${taken}" is a name of RFC 7519 or of the library's own. Give it another name.`,
  )
}

/** What a token says of its session by itself, where nothing is kept of it. */
export function heldBy<C extends object>(token: TokenClaims, mark: Readonly<Record<string, Json>>): Held<C> {
  const authenticatedAt = token.auth_time * 1000
  return {
    userId: token.sub,
    sessionId: token.sid,
    claims: ownClaims<C>(token),
    methods: token.amr,
    createdAt: authenticatedAt,
    authenticatedAt,
    issuedAt: token.iat * 1000,
    absoluteExpiresAt: token.absolute_exp * 1000,
    address: "",
    userAgent: "",
    mark,
  }
}
