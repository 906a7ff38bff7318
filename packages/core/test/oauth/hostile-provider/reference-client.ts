import { createHash } from "node:crypto"
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose"
import * as oauth from "oauth4webapi"
import type { HostileProvider } from "./hostile-provider.js"

/** How the client signs in. */
export interface ReferenceOptions {
  /** How the answer comes back; default `direct`, without a browser. */
  readonly way?: "direct" | "query" | "form_post"
  /** What happens to the answer on its way. */
  readonly onTheWay?: (parameters: URLSearchParams) => URLSearchParams
  readonly authentication?: "basic" | "post" | "none"
  readonly scope?: string
}

/** What a sign-in came to. */
export interface ReferenceSignIn {
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
  readonly tokens: oauth.TokenEndpointResponse
  /** Of the ID token, its signature and at_hash checked. */
  readonly claims: JWTPayload
  readonly userinfo: oauth.UserInfoResponse
}

export const redirectUri = "https://app.example.com/auth/oauth/test/callback?kept=1"
const insecure = { [oauth.allowInsecureRequests]: true }

/**
 * A whole sign-in with oauth4webapi, and with jose and by hand what that leaves to its caller: the ID token's
 * signature, age, at_hash, azp, and that `exp` is finite and `sub` not empty. It stands for a client that does everything right, and rejects where one should.
 */
export async function referenceSignIn(
  provider: HostileProvider,
  { way = "direct", onTheWay = (parameters) => parameters, ...options }: ReferenceOptions = {},
): Promise<ReferenceSignIn> {
  const issuer = new URL(provider.issuer)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  const client: oauth.Client = { client_id: provider.clientId }
  const authentication = {
    basic: () => oauth.ClientSecretBasic(provider.clientSecret),
    post: () => oauth.ClientSecretPost(provider.clientSecret),
    none: () => oauth.None(),
  }[options.authentication ?? "basic"]()

  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  const verifier = oauth.generateRandomCodeVerifier()
  const url = new URL(server.authorization_endpoint ?? "")
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: options.scope ?? "openid email profile",
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...(way === "form_post" ? { response_mode: way } : {}),
  }).toString()
  const returned = onTheWay(await answersOf(provider, url, way))
  const parameters = oauth.validateAuthResponse(server, client, returned, state)

  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    redirectUri,
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  const claims = await verifiedIdToken(provider, server, tokens)
  const userinfo = await oauth.processUserInfoResponse(
    server,
    client,
    String(claims.sub),
    await oauth.userInfoRequest(server, client, tokens.access_token, insecure),
  )
  return { server, client, authentication, tokens, claims, userinfo }
}

/** A refresh with oauth4webapi. */
export async function referenceRefresh(
  { server, client, authentication }: ReferenceSignIn,
  refreshToken: string,
): Promise<oauth.TokenEndpointResponse> {
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    authentication,
    refreshToken,
    insecure,
  )
  return oauth.processRefreshTokenResponse(server, client, response)
}

/** Checks what oauth4webapi leaves to its caller; jose too takes `1e999` for an instant and `""` for a subject. */
async function verifiedIdToken(
  provider: HostileProvider,
  server: oauth.AuthorizationServer,
  tokens: oauth.TokenEndpointResponse,
): Promise<JWTPayload> {
  const verified = await jwtVerify(
    tokens.id_token ?? "",
    createRemoteJWKSet(new URL(server.jwks_uri ?? "")),
    {
      issuer: server.issuer,
      audience: provider.clientId,
      algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
      maxTokenAge: 60,
    },
  )
  const hash = verified.protectedHeader.alg === "EdDSA" ? "sha512" : "sha256"
  const digest = createHash(hash).update(tokens.access_token).digest()
  if (verified.payload["at_hash"] !== digest.subarray(0, digest.length / 2).toString("base64url"))
    throw new Error("at_hash is not the access token's")
  const { azp = provider.clientId, exp, sub } = verified.payload
  if (azp !== provider.clientId) throw new Error("azp is another client")
  if (!Number.isFinite(exp)) throw new Error("exp is no instant")
  if (!sub) throw new Error("sub is empty")
  return verified.payload
}

async function answersOf(
  provider: HostileProvider,
  url: URL,
  way: "direct" | "query" | "form_post",
): Promise<URLSearchParams> {
  if (way === "direct") return provider.authorize(url)
  const answer = await fetch(url, { redirect: "manual" })
  const text = await answer.text()
  if (way === "query") {
    const location = new URL(answer.headers.get("location") ?? `about:${answer.status}-${text}`)
    location.searchParams.delete("kept")
    return location.searchParams
  }
  const inputs = text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  return new URLSearchParams(
    [...inputs].map(([, name = "", value = ""]) => [unescaped(name), unescaped(value)]),
  )
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll("&amp;", "&")
}
