import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import type { Opens } from "./flows/flow.js"
import { counts, keptOf } from "./flows/oauth/identities.js"
import type { TokenKeeping } from "./flows/oauth/kept-tokens.js"
import { type OAuthSettings, type OAuthSlots, type OAuthSteps, oauthSteps } from "./flows/oauth/oauth.js"
import type { ConnectedProvider, Profile, Provider } from "./flows/oauth/provider.js"
import { checkedOption } from "./flows/oauth/providers/checked-option.js"
import type { OAuthCalls } from "./http/calls.js"
import { type SessionCookie, sessionCookie } from "./http/cookies.js"
import type { FlowDefinition, Route, Site } from "./http/route.js"
import { callbackPath, oauthReasons, oauthRoutes } from "./http/routes/oauth-routes.js"
import { type NetworkOptions, outboundNetwork } from "./network/network.js"

/** What a host decides about signing in through providers. */
export interface OAuthOptions {
  /** In the order of the buttons. May be empty: then there are none, and every start is `not_found`. */
  readonly providers: readonly Provider[]
  /** Whether somebody whom nobody knows yet gets an account: always (default), never, or as the host decides by profile and provider. */
  readonly create?: boolean | ((profile: Profile, provider: string) => boolean | Promise<boolean>)
  /**
   * What happens when an account has the e-mail address of somebody new: `"prove"` (default) asks for the old way in, then links; `"link"` links
   * silently if both sides verified the address, else asks; `"refuse"` refuses. An address that the provider did not verify is always refused.
   */
  readonly onEmailMatch?: "prove" | "link" | "refuse"
  /** Whether the provider must have verified the address of somebody new. Default false; what a password needs is `password()`'s to say. */
  readonly requireVerifiedEmail?: boolean
  /** How recent a sign-in must be to link and unlink. Default `"5m"`. */
  readonly fresh?: Duration
  /** `encryptedTokens()` keeps what is needed to call the provider's API. Default: tokens are let go as soon as it is known who came. */
  readonly tokens?: TokenKeeping
  readonly network?: NetworkOptions
  readonly limits?: {
    /** Attempts per address. Default 100 in ten minutes. */
    readonly starts?: { readonly limit: number; readonly window: Duration }
  }
}

/** The flow as a host calls it: its steps, and what a page that calls them needs of HTTP. */
export interface OAuthFlow extends OAuthSteps {
  /** The secret of what waits in this browser, out of a `Cookie` header: for a page that shows it by `pending({ pending })`. */
  pendingOf(cookieHeader: string | null | undefined): string | undefined
}

/** Words of the flow's own routes. */
const taken = ["pending", "confirm", "claim", "cancel", "identities", "unlink"]

/**
 * Sign-in through providers: authorization code with state, nonce and PKCE (RFC 9700 §2.1), identity by issuer and subject.
 * @throws ConfigError here or from `createAuth` for providers that cannot work
 */
export function oauth(options: OAuthOptions): FlowDefinition<OAuthSlots, OAuthFlow, OAuthCalls> {
  const { create = true, onEmailMatch = "prove", requireVerifiedEmail = false, tokens } = options
  refuseWrongOptions(options)
  const { limit, window } = options.limits?.starts ?? { limit: 100, window: "10m" }
  const network = outboundNetwork(options.network)
  const decided = {
    mayCreate: typeof create === "function" ? create : () => create,
    onEmailMatch,
    requireVerifiedEmail,
    fresh: seconds(options.fresh ?? "5m", "oauth.fresh"),
    startRate: { limit, window: seconds(window, "oauth.limits.starts.window") },
    tokens,
  }
  refuseNames(options.providers)

  return {
    needs: ["users", "credentials", "challenges", "rateLimits"],
    build(kit, site) {
      const redirectUri = (provider: string): string => callbackUri(site, provider)
      const providers = new Map<string, Provider & ConnectedProvider>()
      for (const provider of options.providers) {
        const connected = provider.connect({
          clock: kit.clock,
          network,
          redirectUri: redirectUri(provider.name),
          refreshing: tokens?.refreshing,
        })
        providers.set(provider.name, { ...provider, ...connected })
      }
      const settings: OAuthSettings = { ...decided, providers, redirectUri }
      const steps = oauthSteps(kit, settings)
      const prefix = `__Host-${kit.realm === "default" ? "" : `${kit.realm}-`}oauth`
      const binding = bindingCookie(prefix, options.providers)
      const pending = sessionCookie({ name: `${prefix}-pending` }, kit.realm)
      const { maxAge } = kit.sessions
      const routes = oauthRoutes({ steps, site, binding, pending, maxAge })
      const opens: Opens = (credential) =>
        credential.kind === "identity" && counts(credential) && providers.has(keptOf(credential).provider)
      refuseShadows(site, routes, providers)
      return {
        steps: { ...steps, pendingOf: pending.read },
        routes,
        reasons: oauthReasons,
        opens,
        cookies: [pending],
      }
    },
  }
}

/** What a host without a type checker, or an environment, may have got wrong. */
function refuseWrongOptions(options: OAuthOptions): void {
  const { create = true, limits, network, onEmailMatch = "prove", providers, tokens } = options
  const check = (option: string, value: unknown, right: boolean, write: string): void =>
    checkedOption("oauth", option, value, right, write)
  check("providers", undefined, Array.isArray(providers) && providers.every(isProvider), "[google({ … })]")
  check("create", create, /^(?:boolean|function)$/.test(typeof create), "true, false or a function")
  const matches = ["prove", "link", "refuse"]
  check("onEmailMatch", onEmailMatch, matches.includes(onEmailMatch), '"prove", "link" or "refuse"')
  check(
    "tokens",
    undefined,
    tokens === undefined || typeof tokens?.keeper === "function",
    "encryptedTokens()",
  )
  const { limit } = limits?.starts ?? { limit: 0 }
  check("limits.starts.limit", limit, Number.isSafeInteger(limit) && limit >= 0, "0 or more")
  const loopback = network?.loopback ?? []
  check("network.loopback", loopback, Array.isArray(loopback), '["http://localhost:4100"]')
}

function isProvider(one: Provider | undefined): boolean {
  return typeof one === "object" && one !== null && typeof one.connect === "function"
}

function callbackUri({ origin, pathOf }: Site, provider: string): string {
  return origin + pathOf(callbackPath).replace(":provider", provider)
}

/**
 * The cookie of the browser's binding. Lax does not come along with a form post from another site, so for providers that answer so it must be
 * None; it opens nothing by itself.
 */
function bindingCookie(name: string, providers: readonly Provider[]): SessionCookie {
  const posts = providers.some(({ responseMode }) => responseMode === "form_post")
  return sessionCookie({ name, sameSite: posts ? "None" : "Lax" }, "default")
}

/** A host may rename routes, but a provider's must still name it, and no other route may stand in its way. */
function refuseShadows(site: Site, routes: readonly Route[], providers: ReadonlyMap<string, unknown>): void {
  const fixed = new Set(routes.filter(({ path }) => !path.includes(":")).map(site.pathOf))
  for (const route of routes.filter(({ path }) => path.includes(":provider"))) {
    const path = site.pathOf(route)
    const inTheWay = [...providers.keys()].some((name) => fixed.has(path.replace(":provider", name)))
    if (path.split("/").includes(":provider") && !inTheWay) continue
    const write = 'a path with ":provider" in it that no other route has, as "/oauth/:provider"'
    throw misconfigured("ERR_CONFIG_PATH", `paths.${route.name}`, path, write)
  }
}

function refuseNames(providers: readonly Provider[]): void {
  const seen = new Set(taken)
  for (const { name } of providers) {
    const right = typeof name === "string" && /^[a-z\d][a-z\d-]{0,31}$/.test(name)
    checkedOption("oauth", "provider name", name, right, 'lower-case letters, digits and "-", as "my-id"')
    checkedOption("oauth", "provider name", name, !seen.has(name), "another, this one is taken")
    seen.add(name)
  }
}

export type { IdentityView } from "./flows/oauth/identities.js"
export { encryptedTokens, type TokenKeeping } from "./flows/oauth/kept-tokens.js"
export type { Arrival, OAuthSlots, OAuthSteps } from "./flows/oauth/oauth.js"
export type { PendingView } from "./flows/oauth/pending.js"
export type { Profile, Provider, ProviderTokens } from "./flows/oauth/provider.js"
export { ProviderError, type ProviderFault } from "./flows/oauth/provider-error.js"
export { github, githubProfile } from "./flows/oauth/providers/github.js"
export { type GoogleClaims, google } from "./flows/oauth/providers/google.js"
export { type MicrosoftClaims, type MicrosoftOptions, microsoft } from "./flows/oauth/providers/microsoft.js"
export { type Api, type ApiProfile, type OAuth2Options, oauth2 } from "./flows/oauth/providers/oauth2.js"
export { type OidcOptions, oidc } from "./flows/oauth/providers/oidc.js"
export { type ProviderOptions, type StandardClaims, standardProfile } from "./flows/oauth/providers/openid.js"
export type { OAuthCalls } from "./http/calls.js"
export type { NetworkOptions } from "./network/network.js"
