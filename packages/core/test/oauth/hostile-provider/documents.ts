import type { ProviderUser, RegisteredClient } from "./authorization.js"
import type { JsonObject } from "./lies.js"
import type { SigningKey } from "./signing-key.js"

/** The discovery document of an honest provider (OpenID Connect Discovery 3, RFC 9207). */
export function discoveryDocument(
  issuer: string,
  client: RegisteredClient,
  keys: readonly SigningKey[],
): JsonObject {
  const methods = { basic: "client_secret_basic", post: "client_secret_post", none: "none" } as const
  const algorithms = [...new Set(keys.map((key) => key.alg))]
  const base = issuer.replace("{tenantid}", "common").replace(/\/$/, "")
  return {
    issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    jwks_uri: `${base}/jwks`,
    userinfo_endpoint: `${base}/userinfo`,
    response_types_supported: ["code"],
    response_modes_supported: ["query", "form_post"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    subject_types_supported: ["public"],
    scopes_supported: ["openid", "email", "profile", "offline_access"],
    id_token_signing_alg_values_supported: algorithms,
    userinfo_signing_alg_values_supported: algorithms,
    token_endpoint_auth_methods_supported: client.authentication.map((method) => methods[method]),
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
  }
}

/** The claims that these scopes open (OpenID Connect Core 5.4), and every claim that no scope is about. */
export function claimsOf(user: ProviderUser, scopes: readonly string[]): JsonObject {
  const { email, email_verified, name, picture, ...others } = user
  return {
    ...others,
    ...(scopes.includes("email") ? { email, email_verified } : {}),
    ...(scopes.includes("profile") ? { name, picture } : {}),
  }
}

/** GitHub's `GET /user`. The address is not in it, as for everybody who keeps theirs private. */
export function githubUser(user: ProviderUser): JsonObject {
  const login = (user.email ?? "octocat").replace(/@.*/, "")
  return {
    id: /^\d+$/.test(user.sub) ? Number(user.sub) : user.sub,
    login,
    username: login,
    name: user.name ?? null,
    email: null,
    avatar_url: user.picture ?? null,
  }
}

/** GitHub's `GET /user/emails`: the address, and before it one that is not the primary one. */
export function githubEmails(user: ProviderUser): readonly JsonObject[] {
  if (user.email === undefined) return []
  return [
    { email: `old.${user.email}`, primary: false, verified: true, visibility: null },
    { email: user.email, primary: true, verified: user.email_verified, visibility: "private" },
  ]
}
