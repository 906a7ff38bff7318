import {
  type AuthorizationServer,
  discoveryRequest,
  processDiscoveryResponse,
  processUserInfoResponse,
  userInfoRequest,
} from "oauth4webapi"
import type { Profile, Provider, ProviderKit, ProviderTokens } from "../provider.js"
import { during, ProviderError } from "../provider-error.js"
import { checkedOption, checkedScopes } from "./checked-option.js"
import { authenticationBy, type ClientAuthentication } from "./client-authentication.js"
import {
  checkedEndpoint,
  checkedIssuer,
  connectOpenId,
  type ProviderOptions,
  type ServerMetadata,
  type StandardClaims,
  standardProfile,
} from "./openid.js"
import { throughNetwork } from "./through-network.js"
import { checkedClient } from "./token-endpoint.js"

/** Any provider that speaks OpenID Connect and says where (Discovery 1.0). */
export interface OidcOptions extends ProviderOptions {
  readonly name: string
  readonly label: string
  /** `https://id.example.com`: what its ID tokens must say, byte for byte, and where `/.well-known/openid-configuration` is. */
  readonly issuer: string
  /** Default `["openid", "email", "profile"]`. */
  readonly scopes?: readonly string[]
  /** Default `"query"`. Apple insists on `"form_post"` as soon as it is asked for a name or an address. */
  readonly responseMode?: "query" | "form_post"
  /** Default: `"none"` without a secret, else `"basic"` unless the provider takes `"post"` only. */
  readonly clientAuthentication?: ClientAuthentication
  /** Maps claims, of the ID token and of UserInfo. Default: the standard ones. */
  readonly profile?: (claims: StandardClaims) => Profile
}

/** Addresses rarely change; keys do, and are fetched by their own rule. */
const discoveryLifetimeMs = 3_600_000
const patienceMs = 6_000

/**
 * A provider by its issuer. Its addresses are discovered when they are first needed; each of them must be one that the network rules
 * allow. Claims that the ID token leaves out are asked for at UserInfo, whose `sub` must be the ID token's (Core §5.3.2).
 * @throws ConfigError `ERR_CONFIG_PROVIDER`
 */
export function oidc(options: OidcOptions): Provider {
  const { label, name, responseMode = "query", scopes = ["openid"] } = options
  checkedScopes(name, scopes)
  checkedOption(name, "scopes", scopes, scopes.includes("openid"), '["openid", …]')
  checkedOption(
    name,
    "responseMode",
    responseMode,
    /^(?:query|form_post)$/.test(responseMode),
    '"query" or "form_post"',
  )
  const issuer = checkedIssuer(name, options.issuer)
  return {
    name,
    label,
    responseMode,
    connect(kit) {
      const by = options.clientAuthentication ?? (options.clientSecret ? "post" : "none")
      checkedClient(name, options, authenticationBy(name, by))
      checkedEndpoint(name, options.issuer, kit)
      const connected = keptFor(discoveryLifetimeMs, kit, async () => {
        const server = await discover(issuer, kit)
        return connectOpenId(factsOf(options, server, kit), options, kit)
      })
      return {
        authorizationUrl: async (attempt) => (await connected()).authorizationUrl(attempt),
        refresh: async (refreshToken, identity) => (await connected()).refresh?.(refreshToken, identity),
        identify: async (parameters, attempt) => (await connected()).identify(parameters, attempt),
      }
    },
  }
}

/**
 * One value for everybody, made anew when it is old. Who comes while it is being made waits for the same; what failed is not kept, nor what takes
 * longer than its requests may: where a runtime drops work with the request that began it, it would never come.
 */
function keptFor<Value>(
  lifetimeMs: number,
  { clock }: ProviderKit,
  make: () => Promise<Value>,
): () => Promise<Value> {
  let kept: { readonly value: Promise<Value>; until: number } | undefined
  return function current() {
    if (kept && clock() < kept.until) return kept.value
    const value = make()
    const fresh = { value, until: clock() + patienceMs }
    kept = fresh
    value.then(
      () => {
        fresh.until = clock() + lifetimeMs
      },
      () => {
        if (kept === fresh) kept = undefined
      },
    )
    return value
  }
}

async function discover(issuer: URL, kit: ProviderKit): Promise<ServerMetadata> {
  return during("response_invalid", async () => {
    const server = await processDiscoveryResponse(
      issuer,
      await discoveryRequest(issuer, throughNetwork(kit.network)),
    )
    const { authorization_endpoint, jwks_uri, token_endpoint } = server
    if (!authorization_endpoint || !jwks_uri || !token_endpoint) {
      throw new ProviderError("response_invalid", "incomplete_discovery")
    }
    for (const each of [authorization_endpoint, token_endpoint, jwks_uri]) kit.network.checked(each)
    return { ...server, authorization_endpoint, jwks_uri, token_endpoint }
  })
}

function factsOf(
  options: OidcOptions,
  server: ServerMetadata,
  kit: ProviderKit,
): Parameters<typeof connectOpenId<StandardClaims>>[0] {
  return {
    name: options.name,
    label: options.label,
    scopes: ["openid", "email", "profile"],
    responseMode: options.responseMode,
    authentication: authenticationBy(
      options.name,
      options.clientAuthentication ?? authenticationOf(options, server),
    ),
    server,
    profile: options.profile ?? standardProfile,
    complete: (claims, tokens) => withUserInfo(claims, tokens, server, options, kit),
  }
}

/** RFC 8414 §2: without a list it is `client_secret_basic`. */
function authenticationOf(options: OidcOptions, server: AuthorizationServer): ClientAuthentication {
  if (!options.clientSecret) return "none"
  const { token_endpoint_auth_methods_supported: methods } = server
  return Array.isArray(methods) && !methods.includes("client_secret_basic") ? "post" : "basic"
}

/** Asks UserInfo where the ID token did not say which address is the user's, and whether it was verified. */
async function withUserInfo(
  claims: StandardClaims,
  { accessToken }: ProviderTokens,
  server: ServerMetadata,
  { clientId }: OidcOptions,
  kit: ProviderKit,
): Promise<StandardClaims> {
  const complete = claims.email !== undefined && claims.email_verified !== undefined
  if (complete || !server.userinfo_endpoint) return claims
  const client = { client_id: clientId }
  const more = await during("profile_invalid", async () => {
    const response = await userInfoRequest(server, client, accessToken, throughNetwork(kit.network))
    return processUserInfoResponse(server, client, claims.sub, response)
  })
  return { ...claims, ...more, ...emailOfOne(claims, more), iss: claims.iss, sub: claims.sub }
}

/** Whether an address is verified is said of the address beside it, never of one in another document. */
function emailOfOne(
  claims: StandardClaims,
  more: Pick<StandardClaims, "email" | "email_verified">,
): Pick<StandardClaims, "email" | "email_verified"> {
  const { email, email_verified } = more.email === undefined ? claims : more
  return { email, email_verified }
}
