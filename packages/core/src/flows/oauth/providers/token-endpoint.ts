import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  type ClientAuth,
  None,
  nopkce,
} from "oauth4webapi"
import { misconfigured } from "../../../errors.js"
import type { Attempt, ProviderKit, ProviderTokens } from "../provider.js"
import { codeOf, during, ProviderError } from "../provider-error.js"
import { jsonObject, text } from "./json-object.js"
import { throughNetwork } from "./through-network.js"

/** How a client is known to a provider. */
export interface Client {
  readonly clientId: string
  /** The secret; a function for one that is made anew (Apple's is a signed token that expires). Left out for a public client. */
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined
}

/** How a client proves itself (RFC 6749 §2.3.1): oauth4webapi's `ClientSecretBasic`, `ClientSecretPost` or `None`. */
export type Authentication = (secret: string) => ClientAuth

/** One request of the client's to its token endpoint, by oauth4webapi. */
export type Grant = (
  server: AuthorizationServer,
  client: { readonly client_id: string },
  authentication: ClientAuth,
  options: ReturnType<typeof throughNetwork>,
) => Promise<Response>

/** Makes a request and reads the answer, the same for every kind of provider and every grant. */
export type TokenEndpoint = (grant: Grant) => Promise<ProviderTokens>

export function tokenEndpoint(
  server: AuthorizationServer,
  { clientId, clientSecret = "" }: Client,
  authentication: Authentication,
  { clock, network }: ProviderKit,
): TokenEndpoint {
  return (grant) =>
    during("token_refused", async () => {
      const secret = typeof clientSecret === "string" ? clientSecret : await clientSecret()
      const client = { client_id: clientId }
      const response = await grant(server, client, authentication(secret), throughNetwork(network))
      return tokensOf(response, clock())
    })
}

/**
 * Tokens for a code (RFC 6749 §4.1.3).
 * @param parameters what {@link authorizationResponse} let pass
 */
export function codeGrant(
  parameters: URLSearchParams,
  { redirectUri, verifier }: Attempt,
  pkce?: "unsupported",
): Grant {
  return (server, client, authentication, options) =>
    authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      parameters,
      redirectUri,
      pkce ? nopkce : verifier,
      options,
    )
}

/** @throws ConfigError `ERR_CONFIG_PROVIDER` for a client without id, or with a secret that it does not need, or needs */
export function checkedClient(
  name: string,
  { clientId, clientSecret }: Client,
  authentication: Authentication,
): void {
  if (!text(clientId)) {
    throw misconfigured("ERR_CONFIG_PROVIDER", `${name}: clientId`, clientId, "the provider's id for you")
  }
  // Not the value: it may be a secret after all.
  if (clientSecret === "" || (authentication === None) !== !clientSecret) {
    throw misconfigured(
      "ERR_CONFIG_PROVIDER",
      `${name}: clientSecret`,
      clientSecret ? "…" : clientSecret,
      'the provider\'s secret for you, or clientAuthentication: "none" without one',
    )
  }
}

/**
 * Reads a token response (RFC 6749 §5). Read here rather than by the library that sends the request: its reader brings a second, weaker check
 * of ID tokens along, and its errors carry the whole body, with the tokens in it.
 */
export async function tokensOf(response: Response, now: number): Promise<ProviderTokens> {
  const body = jsonObject(await response.text())
  // GitHub answers errors with 200.
  if (!response.ok || body?.["error"] !== undefined)
    throw new ProviderError("token_refused", codeOf(body?.["error"]))
  const { access_token: accessToken, token_type: type, expires_in: expiresIn } = body ?? {}
  if (typeof accessToken !== "string" || accessToken === "")
    throw new ProviderError("token_refused", "no_access_token")
  if (typeof type !== "string" || type.toLowerCase() !== "bearer")
    throw new ProviderError("token_refused", "token_type")
  const seconds = /^\d{1,9}$/.test(`${expiresIn}`) ? Number(expiresIn) : undefined
  return {
    accessToken,
    refreshToken: text(body?.["refresh_token"]),
    idToken: text(body?.["id_token"]),
    scope: text(body?.["scope"]),
    expiresAt: seconds === undefined ? undefined : now + seconds * 1000,
  }
}
