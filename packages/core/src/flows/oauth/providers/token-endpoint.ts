import { type AuthorizationServer, type ClientAuth, None } from "oauth4webapi"
import type { Attempt, ProviderKit, ProviderTokens } from "../provider.js"
import { codeOf, during, ProviderError } from "../provider-error.js"
import { checkedOption } from "./checked-option.js"
import { jsonObject, text } from "./json-object.js"

/** How a client is known to a provider. */
export interface Client {
  readonly clientId: string
  /** The secret; a function for one that is made anew (Apple's is a signed token that expires). Left out for a public client. */
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined
}

/** How a client proves itself (RFC 6749 §2.3.1): oauth4webapi's `ClientSecretBasic`, `ClientSecretPost` or `None`. */
export type Authentication = (secret: string) => ClientAuth

/** GitHub answers with a form unless it is asked for JSON; who sends no user-agent is refused by some. */
const tokenRequestHeaders = {
  accept: "application/json",
  "content-type": "application/x-www-form-urlencoded",
  "user-agent": "mortise",
}

/** Asks for tokens by a grant, and reads the answer: the same for every kind of provider. */
export type TokenEndpoint = (
  grant: "authorization_code" | "refresh_token",
  parameters: Readonly<Record<string, string>>,
) => Promise<ProviderTokens>

/** The request goes out by the network's rules; how a client proves itself in it is oauth4webapi's. */
export function tokenEndpoint(
  server: AuthorizationServer & { readonly token_endpoint: string },
  { clientId, clientSecret = "" }: Client,
  authentication: Authentication,
  { clock, network }: ProviderKit,
): TokenEndpoint {
  return (grant, parameters) =>
    during("token_refused", async () => {
      const secret = typeof clientSecret === "string" ? clientSecret : await clientSecret()
      const body = new URLSearchParams({ ...parameters, grant_type: grant })
      const headers = new Headers(tokenRequestHeaders)
      await authentication(secret)(server, { client_id: clientId }, body, headers)
      return tokensOf(await network.fetch(server.token_endpoint, { method: "POST", headers, body }), clock())
    })
}

/**
 * Tokens for a code (RFC 6749 §4.1.3), with the verifier of its challenge (RFC 7636 §4.5).
 * @param code what {@link authorizationResponse} let pass
 */
export function redeemed(
  endpoint: TokenEndpoint,
  code: string,
  { redirectUri, verifier }: Attempt,
  pkce?: "unsupported",
): Promise<ProviderTokens> {
  const proof = pkce ? {} : { code_verifier: verifier }
  return endpoint("authorization_code", { redirect_uri: redirectUri, code, ...proof })
}

/** @throws ConfigError `ERR_CONFIG_PROVIDER` for a client without id, or with a secret that it does not need, or needs */
export function checkedClient(
  name: string,
  { clientId, clientSecret }: Client,
  authentication: Authentication,
): void {
  checkedOption(name, "clientId", clientId, text(clientId) !== undefined, "the provider's id for you")
  checkedOption(
    name,
    "clientSecret",
    // Not the value: it may be a secret after all.
    clientSecret ? "…" : clientSecret,
    clientSecret !== "" && (authentication === None) === !clientSecret,
    'the provider\'s secret for you, or clientAuthentication: "none" without one',
  )
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
