import { misconfigured } from "../../../errors.js"
import type { Network } from "../../../network/network.js"
import type { Attempt, Profile, ProvenIdentity, Provider, ProviderKit, ProviderTokens } from "../provider.js"
import { during, ProviderError } from "../provider-error.js"
import { authorizationRequest, authorizationResponse } from "./authorization.js"
import { checkedScopes } from "./checked-option.js"
import { type IdTokenClaims, idTokenVerifier } from "./id-token.js"
import { text } from "./json-object.js"
import { type OAuth2Options, profileBy } from "./oauth2.js"
import { checkedEndpoint, checkedIssuer } from "./openid.js"
import { refreshedFor } from "./refreshing.js"
import { tokensOf } from "./token-endpoint.js"

/** What the bridge needs of a provider of arctic 3: the two methods that all of its classes have, with or without a code verifier. */
export interface ArcticClient {
  // Bivariant on purpose: the classes differ in what stands between state and scopes, and `length` tells which is which.
  /** Takes the state, and a code verifier and scopes where the provider has them. */
  createAuthorizationURL(...given: never[]): URL
  /** Takes the code, and a code verifier where the provider has PKCE. */
  validateAuthorizationCode(...given: never[]): Promise<unknown>
  /** Takes the refresh token. */
  refreshAccessToken?(...given: never[]): Promise<unknown>
}

/** A provider of arctic's, and what arctic does not know: who vouches, and how to tell who came. */
export interface ArcticOptions {
  readonly name: string
  readonly label: string
  /** The URL that stands for the provider in identities; for one with ID tokens their `iss`. Never change it. */
  readonly issuer: string
  /** An object of arctic's: `new GitHub(clientId, clientSecret, redirectUri)`. */
  readonly client: ArcticClient
  readonly scopes?: readonly string[]
  readonly authorizationParameters?: Readonly<Record<string, string>>
  /** As with `oauth2()`. */
  readonly responseIssuer?: string
  /** As with `oauth2()`. */
  readonly pkce?: "unsupported"
  /** Who the token belongs to, by the provider's API. This, or `idToken`. */
  readonly profile?: OAuth2Options["profile"]
  /** Who the ID token names. arctic only decodes it; here it is verified as every other. */
  readonly idToken?: {
    readonly clientId: string
    readonly jwksUri: string
    /** Maps the claims. */
    readonly profile: (claims: IdTokenClaims) => Profile
  }
}

/**
 * Makes any provider of arctic 3.7 one of ours. arctic knows addresses and spellings; state, nonce and PKCE, the bounds of every request and
 * who the user is are decided here, as for every other provider. A class that has no PKCE gets it all the same: the challenge is added to
 * its address, the verifier to its token request.
 * @throws ConfigError `ERR_CONFIG_PROVIDER`, also when arctic was given another redirect address than the one of this provider here
 */
export function arctic(options: ArcticOptions): Provider {
  const { client, idToken, label, name, profile } = options
  if ((profile === undefined) === (idToken === undefined)) {
    throw misconfigured("ERR_CONFIG_PROVIDER", `${name}: profile`, undefined, "either profile or idToken")
  }
  // Without an audience every client's token would do.
  if (idToken && !text(idToken.clientId)) {
    throw misconfigured(
      "ERR_CONFIG_PROVIDER",
      `${name}: idToken.clientId`,
      idToken.clientId,
      "your client id",
    )
  }
  if (typeof client?.validateAuthorizationCode !== "function") {
    throw misconfigured(
      "ERR_CONFIG_PROVIDER",
      `${name}: client`,
      undefined,
      "an object of arctic's: new GitHub(…)",
    )
  }
  checkedIssuer(name, options.issuer)
  checkedScopes(name, options.scopes ?? [])
  return {
    name,
    label,
    responseMode: "query",
    connect(kit) {
      const server = { issuer: options.responseIssuer }
      const trial = arcticUrl(options, {
        redirectUri: kit.redirectUri,
        again: false,
        state: "-",
        nonce: "-",
        verifier: "-",
      })
      refuseOtherRedirect(name, trial, kit.redirectUri)
      checkedEndpoint(name, trial.href, kit)
      if (idToken) checkedEndpoint(name, idToken.jwksUri, kit)
      const verify = idToken && idTokenVerifier({ ...idToken, issuer: options.issuer }, kit)

      async function identityOf(tokens: ProviderTokens, attempt: Attempt): Promise<ProvenIdentity> {
        if (verify && idToken) {
          const { accessToken } = tokens
          const claims = await verify(tokens.idToken, { ...attempt, accessToken })
          return {
            issuer: claims.iss,
            subject: claims.sub,
            profile: await during("profile_invalid", () => idToken.profile(claims)),
            tokens,
          }
        }
        if (!profile) throw new ProviderError("profile_invalid", "no_profile")
        const { subject, ...about } = await profileBy(profile, kit.network, tokens)
        return { issuer: options.issuer, subject, profile: about, tokens }
      }

      return {
        authorizationUrl: async (attempt) =>
          authorizationRequest(
            arcticUrl(options, attempt),
            { ...options.authorizationParameters, ...(idToken && attempt.again ? { max_age: "0" } : {}) },
            attempt,
            options.pkce,
          ),
        async identify(parameters, attempt) {
          const code = authorizationResponse(server, parameters, attempt)
          const ask = (): Promise<unknown> =>
            call(client, "validateAuthorizationCode", code, arcticInput(options, attempt).proof)
          return identityOf(
            await tokensBy(ask, kit, options.pkce ? {} : { code_verifier: attempt.verifier }),
            attempt,
          )
        },
        async refresh(refreshToken, identity) {
          if (!client.refreshAccessToken) throw new ProviderError("token_refused", "no_refresh")
          const ask = (): Promise<unknown> =>
            call(client, "refreshAccessToken", refreshToken, options.scopes ?? [])
          const tokens = await tokensBy(ask, kit, {})
          return verify ? refreshedFor(identity, tokens, verify) : tokens
        },
      }
    },
  }
}

function arcticUrl(options: ArcticOptions, attempt: Attempt): URL {
  return arcticInput(options, attempt).url
}

/**
 * How a class of arctic's wants to be called. The number of parameters tells most of it: `(state, verifier, scopes)`, `(state, scopes)`, `(state)`,
 * and nothing. Where two meanings are possible it is tried: what wants scopes does not take a text for them.
 */
function arcticInput(
  { client, scopes = [] }: ArcticOptions,
  { state, verifier }: Attempt,
): { readonly url: URL; readonly proof: unknown } {
  const pkce = client.validateAuthorizationCode.length === 2
  const shapes: readonly (readonly unknown[])[] = [
    [state, verifier, scopes],
    ...(pkce ? [[state, verifier]] : []),
    [state, scopes],
    [state],
    [scopes],
    [],
  ]
  for (const shape of shapes.filter(({ length }) => length === client.createAuthorizationURL.length)) {
    try {
      const url: URL = call(client, "createAuthorizationURL", ...shape)
      return { url, proof: shape.includes(verifier) ? verifier : scopes }
    } catch {}
  }
  throw misconfigured("ERR_CONFIG_PROVIDER", "client", undefined, "an object of arctic 3.7's: new GitHub(…)")
}

function refuseOtherRedirect(name: string, url: URL, redirectUri: string): void {
  const given = url.searchParams.get("redirect_uri")
  if (given === redirectUri) return
  throw misconfigured("ERR_CONFIG_PROVIDER", `${name}: the redirect URI given to arctic`, given, redirectUri)
}

/** The classes have methods of several shapes, which no one type can call. */
function call<Result>(client: ArcticClient, method: keyof ArcticClient, ...given: unknown[]): Result {
  return Reflect.apply(client[method] as (...all: unknown[]) => Result, client, given)
}

/**
 * Lets arctic make its token request, and sends that request through our network. arctic offers no way to do so: it calls the global `fetch`,
 * without limits. But it does so before its first `await`, so that the global can be ours for just that call: nothing else runs between
 * the two lines that replace it and put it back. What comes back is read by us; arctic is answered with an error that nobody sees.
 */
async function tokensBy(
  ask: () => Promise<unknown>,
  { clock, network }: ProviderKit,
  more: Readonly<Record<string, string>>,
): Promise<ProviderTokens> {
  return during("token_refused", async () => {
    const request = captured(ask)
    const body = new URLSearchParams(await request.text())
    for (const [name, value] of Object.entries(more)) body.set(name, value)
    return tokensOf(await send(network, request, body), clock())
  })
}

function captured(ask: () => Promise<unknown>): Request {
  let request: Request | undefined
  const ours: typeof fetch = (input, init) => {
    request = new Request(input, init)
    return Promise.reject(new Error("Sent elsewhere."))
  }
  // By its descriptor: others may have put an accessor in its place (monitoring does), which would see two assignments.
  const platform = Object.getOwnPropertyDescriptor(globalThis, "fetch") ?? {}
  Object.defineProperty(globalThis, "fetch", { configurable: true, writable: true, value: ours })
  try {
    ask().catch(() => {})
  } finally {
    Object.defineProperty(globalThis, "fetch", platform)
  }
  if (request) return request
  // Apple's class signs its secret first. Apple is an oidc() provider.
  throw new ProviderError("token_refused", "arctic_waits_before_it_asks")
}

function send(network: Network, request: Request, body: URLSearchParams): Promise<Response> {
  const headers = new Headers(request.headers)
  headers.delete("content-length")
  return network.fetch(request.url, { method: request.method, headers, body })
}
