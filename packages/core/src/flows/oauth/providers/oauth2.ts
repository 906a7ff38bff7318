import type { Network } from "../../../network/network.js"
import type { Profile, Provider, ProviderTokens } from "../provider.js"
import { during } from "../provider-error.js"
import { authorizationRequest, authorizationResponse } from "./authorization.js"
import { checkedOption, checkedScopes } from "./checked-option.js"
import { authenticationBy, type ClientAuthentication } from "./client-authentication.js"
import { checkedEndpoint, checkedIssuer, noProfile, type ProviderOptions } from "./openid.js"
import { checkedClient, redeemed, tokenEndpoint } from "./token-endpoint.js"

/** A profile with the identity that it belongs to: what a provider without ID tokens tells through its API. */
export interface ApiProfile extends Profile {
  /** The provider's own, never changing id of the user; not a name that can be given to another. */
  readonly subject: string
}

/** Asks the provider's API with the user's token, within the bounds of every request. Answers the JSON, of which nothing is known. */
export type Api = (url: string, headers?: Readonly<Record<string, string>>) => Promise<unknown>

/** A provider that speaks OAuth 2.0 and has an API that says who the token belongs to. */
export interface OAuth2Options extends ProviderOptions {
  readonly name: string
  readonly label: string
  /** A URL that stands for the provider in identities, as `https://discord.com`. Never change it: identities are kept under it. */
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly scopes: readonly string[]
  /** Default: `"none"` without a secret, else `"post"`. */
  readonly clientAuthentication?: ClientAuthentication
  /** What the provider calls itself in the parameter `iss` of its answers (RFC 9207), if it has one: another is then refused. */
  readonly responseIssuer?: string
  /**
   * For a provider that refuses a code verifier, as LinkedIn does. A code that is stolen on its way then has only the state, bound to the
   * browser, against it.
   */
  readonly pkce?: "unsupported"
  /** Who the token belongs to. Runs once per sign-in. */
  readonly profile: (api: Api, tokens: ProviderTokens) => Promise<ApiProfile>
}

/**
 * A provider without ID tokens. The token comes from the provider itself, for a code that PKCE ties to this browser, so whoever the API
 * says it belongs to is who came back (RFC 9700 §2.1.1).
 * @throws ConfigError `ERR_CONFIG_PROVIDER`
 */
export function oauth2(options: OAuth2Options): Provider {
  const { clientId, label, name } = options
  checkedIssuer(name, options.issuer)
  const { issuer, responseIssuer } = options
  const server = { issuer, token_endpoint: options.tokenEndpoint }
  const by = options.clientAuthentication ?? (options.clientSecret ? "post" : "none")
  const authentication = authenticationBy(name, by)
  checkedScopes(name, options.scopes)
  checkedOption(name, "profile", undefined, typeof options.profile === "function", "a function")
  return {
    name,
    label,
    responseMode: "query",
    connect(kit) {
      checkedClient(name, options, authentication)
      checkedEndpoint(name, options.tokenEndpoint, kit)
      const endpoint = tokenEndpoint(server, options, authentication, kit)
      const authorizationEndpoint = checkedEndpoint(name, options.authorizationEndpoint, kit)
      return {
        async authorizationUrl(attempt) {
          const parameters = {
            ...options.authorizationParameters,
            client_id: clientId,
            scope: options.scopes.join(" "),
          }
          return authorizationRequest(authorizationEndpoint, parameters, attempt, options.pkce)
        },
        async identify(parameters, attempt) {
          const code = authorizationResponse({ issuer: responseIssuer }, parameters, attempt)
          const tokens = await redeemed(endpoint, code, attempt, options.pkce)
          const { subject, ...profile } = await profileBy(options.profile, kit.network, tokens)
          return { issuer, subject, profile, tokens }
        },
        refresh: kit.refreshing?.(endpoint),
      }
    },
  }
}

/** Asks for the profile; whatever is thrown on the way, by the provider's answers or over them, is a profile that cannot be used. */
export function profileBy(
  ask: OAuth2Options["profile"],
  network: Network,
  tokens: ProviderTokens,
): Promise<ApiProfile> {
  const api: Api = async (url, headers = {}) => {
    const response = await network.fetch(url, {
      // GitHub refuses requests without a user-agent.
      headers: {
        accept: "application/json",
        "user-agent": "mortise",
        ...headers,
        authorization: `Bearer ${tokens.accessToken}`,
      },
    })
    if (!response.ok) throw noProfile(`status_${response.status}`)
    return response.json()
  }
  return during("profile_invalid", async () => {
    const profile: unknown = await ask(api, tokens)
    if (typeof profile === "object" && profile !== null) return profile as ApiProfile
    throw noProfile("no_object")
  })
}
