import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  None,
  nopkce,
  refreshTokenGrantRequest,
} from "oauth4webapi"
import { misconfigured } from "../../../errors.js"
import type { Attempt, ProviderKit, ProviderTokens } from "../provider.js"
import { codeOf, during, ProviderError } from "../provider-error.js"
import { jsonObject } from "./json-object.js"
import { throughNetwork } from "./through-network.js"

/** How a client is known to a provider. */
export interface Client {
  readonly clientId: string
  /** The secret; a function for one that is made anew (Apple's is a signed token that expires). Left out for a public client. */
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined
}

/** RFC 6749 §2.3.1: in the header, in the body, or not at all. */
export type ClientAuthentication = "basic" | "post" | "none"

/** The requests to a token endpoint, the same for every kind of provider. */
export interface TokenEndpoint {
  /** @param parameters what {@link authorizationResponse} let pass */
  exchange(parameters: URLSearchParams, attempt: Attempt): Promise<ProviderTokens>
  refresh(refreshToken: string): Promise<ProviderTokens>
}

/** @throws ConfigError `ERR_CONFIG_PROVIDER` for a client without id, or with a secret that it does not need, or needs */
export function tokenEndpoint(
  server: AuthorizationServer,
  client: Client,
  authentication: ClientAuthentication,
  { clock, network }: ProviderKit,
  pkce?: "unsupported",
): TokenEndpoint {
  const options = throughNetwork(network)
  const id = { client_id: client.clientId }

  return {
    exchange: (parameters, { redirectUri, verifier }) =>
      during("token_refused", async () => {
        const auth = await clientAuth(client, authentication)
        const response = await authorizationCodeGrantRequest(
          server,
          id,
          auth,
          parameters,
          redirectUri,
          pkce ? nopkce : verifier,
          options,
        )
        return tokensOf(response, clock())
      }),
    refresh: (refreshToken) =>
      during("token_refused", async () => {
        const auth = await clientAuth(client, authentication)
        return tokensOf(await refreshTokenGrantRequest(server, id, auth, refreshToken, options), clock())
      }),
  }
}

/** @throws ConfigError */
export function checkedClient(
  name: string,
  { clientId, clientSecret }: Client,
  authentication: ClientAuthentication,
): void {
  if (typeof clientId !== "string" || clientId === "") {
    throw misconfigured(
      "ERR_CONFIG_PROVIDER",
      `${name}: clientId`,
      clientId,
      "the id that the provider gave you",
    )
  }
  // Not the value: it may be a secret after all.
  if (clientSecret === "" || (authentication === "none") !== !clientSecret) {
    throw misconfigured(
      "ERR_CONFIG_PROVIDER",
      `${name}: clientSecret`,
      clientSecret ? "…" : clientSecret,
      'the secret that the provider gave you, or clientAuthentication: "none" for a public client without one',
    )
  }
}

async function clientAuth(
  { clientSecret }: Client,
  authentication: ClientAuthentication,
): Promise<ClientAuth> {
  if (!clientSecret) return None()
  const secret = typeof clientSecret === "string" ? clientSecret : await clientSecret()
  return authentication === "basic" ? ClientSecretBasic(secret) : ClientSecretPost(secret)
}

/**
 * Reads a token response (RFC 6749 §5). Read here rather than by the library that sends the request: its reader brings a second, weaker check
 * of ID tokens along, and its errors carry the whole body, with the tokens in it.
 */
export async function tokensOf(response: Response, now: number): Promise<ProviderTokens> {
  const body = jsonObject(await response.text())
  if (response.status >= 500) throw new ProviderError("provider_unavailable", `status_${response.status}`)
  // GitHub answers errors with 200.
  if (!response.ok || body?.["error"] !== undefined)
    throw new ProviderError("token_refused", codeOf(body?.["error"]))
  const { access_token: accessToken, token_type: type, expires_in: expiresIn } = body ?? {}
  if (typeof accessToken !== "string" || accessToken === "")
    throw new ProviderError("token_refused", "no_access_token")
  if (typeof type !== "string" || type.toLowerCase() !== "bearer")
    throw new ProviderError("token_refused", "token_type")
  const seconds = Number(expiresIn ?? Number.NaN)
  return {
    accessToken,
    refreshToken: textOf(body?.["refresh_token"]),
    idToken: textOf(body?.["id_token"]),
    scope: textOf(body?.["scope"]),
    expiresAt: seconds > 0 ? now + seconds * 1000 : undefined,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}
