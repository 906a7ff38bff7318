import type { AuthorizationServer } from "oauth4webapi"
import { misconfigured } from "../../../errors.js"
import { parseUrl } from "../../../parse-url.js"
import type { ConnectedProvider, Profile, Provider, ProviderKit, ProviderTokens } from "../provider.js"
import { during, ProviderError } from "../provider-error.js"
import { authorizationRequest, authorizationResponse } from "./authorization.js"
import { checkedScopes } from "./checked-option.js"
import { type IdTokenClaims, type IdTokenRules, idTokenVerifier } from "./id-token.js"
import { text } from "./json-object.js"
import { type Authentication, type Client, checkedClient, redeemed, tokenEndpoint } from "./token-endpoint.js"

/** What a host decides about a provider, whatever its kind. */
export interface ProviderOptions extends Client {
  /** In addresses: `/auth/oauth/<name>`. Lower-case letters, digits and "-". */
  readonly name?: string
  /** For people. */
  readonly label?: string
  /** More than what signing in needs, or less. */
  readonly scopes?: readonly string[]
  /** More parameters for the authorization request, for example `{ prompt: "select_account" }`. They never replace one of ours. */
  readonly authorizationParameters?: Readonly<Record<string, string>>
}

/** The facts of a provider that speaks OpenID Connect. */
export interface OpenIdFacts<Claims extends IdTokenClaims> {
  readonly name: string
  readonly label: string
  readonly scopes: readonly string[]
  readonly responseMode?: "query" | "form_post" | undefined
  readonly authentication: Authentication
  readonly server: ServerMetadata
  readonly profile: (claims: Claims) => Profile
  /** Brings claims that the ID token left out. */
  readonly complete?: (claims: Claims, tokens: ProviderTokens) => Promise<Claims>
  readonly tokenRules?: Pick<IdTokenRules, "issuer" | "maySign">
  /** Whether the answer's `iss` may be one that is not known beforehand; the ID token's is checked by its own rule. */
  readonly manyIssuers?: boolean
}

/** What must be known of an issuer (RFC 8414 §2). */
export type ServerMetadata = AuthorizationServer & {
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
}

/** A provider whose facts are written down: no request is needed to know its addresses. */
export function openIdProvider<Claims extends IdTokenClaims>(
  facts: OpenIdFacts<Claims>,
  options: ProviderOptions & { readonly profile?: (claims: Claims) => Profile },
): Provider {
  const { label = facts.label, name = facts.name } = options
  const { responseMode = "query" } = facts
  return {
    name,
    label,
    responseMode,
    connect(kit) {
      checkedClient(name, options, facts.authentication)
      checkedScopes(name, options.scopes ?? [])
      return connectOpenId({ ...facts, profile: options.profile ?? facts.profile }, options, kit)
    },
  }
}

/** The two halves of the code flow (OpenID Connect Core §3.1), and refreshing. */
export function connectOpenId<Claims extends IdTokenClaims>(
  facts: OpenIdFacts<Claims>,
  options: ProviderOptions,
  kit: ProviderKit,
): ConnectedProvider {
  const { clientId } = options
  const { server } = facts
  const endpoint = tokenEndpoint(server, options, facts.authentication, kit)
  const rules = { issuer: server.issuer, ...facts.tokenRules, clientId, jwksUri: server.jwks_uri }
  const verify = idTokenVerifier(rules, kit)
  const responder = facts.manyIssuers ? { ...server, issuer: undefined } : server
  const authorizationEndpoint = kit.network.checked(server.authorization_endpoint)

  return {
    async authorizationUrl(attempt) {
      const scope = (options.scopes ?? facts.scopes).join(" ")
      const parameters = {
        ...options.authorizationParameters,
        client_id: clientId,
        scope,
        response_mode: facts.responseMode === "form_post" ? "form_post" : undefined,
        // OpenID Connect Core §3.1.2.1. Google does not heed it.
        ...(attempt.again ? { max_age: "0" } : {}),
      }
      return authorizationRequest(authorizationEndpoint, parameters, attempt)
    },
    async identify(parameters, attempt) {
      const code = authorizationResponse(responder, parameters, attempt)
      const tokens = await redeemed(endpoint, code, attempt)
      const { accessToken, idToken } = tokens
      const claims = (await verify(idToken, { ...attempt, accessToken })) as Claims
      const all = facts.complete ? await facts.complete(claims, tokens) : claims
      const profile = await during("profile_invalid", () => facts.profile(all))
      return { issuer: claims.iss, subject: claims.sub, profile, tokens }
    },
    refresh: kit.refreshing?.(endpoint, verify),
  }
}

/** The claims that OpenID Connect itself names (Core §5.1). */
export interface StandardClaims extends IdTokenClaims {
  readonly email?: unknown
  readonly email_verified?: unknown
  readonly name?: unknown
  readonly preferred_username?: unknown
  readonly picture?: unknown
}

/** Maps them. A claim of the wrong type counts as absent; `email_verified` as text is what some providers send. */
export function standardProfile(claims: Omit<StandardClaims, "iss" | "sub">): Profile {
  return {
    email: text(claims.email),
    emailVerified: claims.email_verified === true || claims.email_verified === "true",
    name: text(claims.name),
    username: text(claims.preferred_username),
    picture: text(claims.picture),
  }
}

/** @throws ConfigError for an issuer that is no https URL; whether a loopback one may be asked, the network decides */
export function checkedIssuer(name: string, issuer: string): URL {
  const url = parseUrl(issuer)
  if (url && /^https?:\/\/[^?#|\s]+$/.test(issuer)) return url
  throw misconfigured("ERR_CONFIG_PROVIDER", `${name}: issuer`, issuer, '"https://id.example.com"')
}

/** @throws ConfigError for an address of the host's own that the network would refuse */
export function checkedEndpoint(name: string, address: string, { network }: ProviderKit): URL {
  try {
    return network.checked(address)
  } catch {
    throw misconfigured(
      "ERR_CONFIG_PROVIDER",
      `${name}: address`,
      address,
      "an https address on the internet, or name its origin in network.loopback",
    )
  }
}

/** What a provider answered instead of a profile. */
export function noProfile(detail: string): ProviderError {
  return new ProviderError("profile_invalid", detail)
}
