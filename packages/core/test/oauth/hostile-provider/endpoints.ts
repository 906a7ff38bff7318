import type { Clock } from "../../../src/clock.js"
import type { Answer } from "./answer.js"
import {
  type AuthorizationRequest,
  DefectiveAuthorizationRequest,
  formPostPage,
  type ProviderUser,
  type RegisteredClient,
  readAuthorizationRequest,
  redirectLocation,
} from "./authorization.js"
import { claimsOf, discoveryDocument, githubEmails, githubUser } from "./documents.js"
import { accessTokenHash, forgedJwt } from "./forged-jwt.js"
import { accessTokenLifetime, type Grant, type GrantBook, TokenRefusal } from "./grant-book.js"
import { isJsonObject, type Lies, told, toldParameters } from "./lies.js"
import type { RecordedRequest } from "./recorded-request.js"
import type { SigningKey } from "./signing-key.js"
import { redeemTokenRequest } from "./token-request.js"

/** What the endpoints answer by. */
export interface ProviderState {
  readonly clock: Clock
  readonly client: RegisteredClient
  readonly issuer: string
  readonly book: GrantBook
  readonly lies: Lies
  readonly user: ProviderUser
  /** What is published; the first one signs. */
  readonly keys: readonly [SigningKey, ...SigningKey[]]
  stranger(): SigningKey
}

/** Microsoft's tenant of personal accounts. */
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

/** The answer to a request: the true one, but for what `state.lies` has to say about its content. */
export function answerTo(request: RecordedRequest, state: ProviderState): Answer {
  const { lies, keys } = state
  switch (request.endpoint) {
    case "trap":
      return { status: 200, json: { keys: [state.stranger().publicJwk] } }
    case "unknown":
      return { status: 404, json: { error: "not_found" } }
    case "token":
      return answerToken(request, state)
  }
  if (request.method !== "GET") return { status: 405, json: { error: "method_not_allowed" } }
  switch (request.endpoint) {
    case "discovery":
      return { status: 200, json: told(discoveryDocument(state.issuer, state.client, keys), lies.discovery) }
    case "jwks":
      return { status: 200, json: told({ keys: keys.map((key) => key.publicJwk) }, lies.jwks) }
    case "authorize":
      return answerAuthorize(request, state)
    default:
      return answerResource(request, state)
  }
}

/**
 * Signs the user in and answers what the browser brings back.
 *
 * @throws {DefectiveAuthorizationRequest}
 */
export function authorized(
  request: RecordedRequest,
  state: ProviderState,
): { readonly asked: AuthorizationRequest; readonly parameters: URLSearchParams } {
  if (request.endpoint !== "authorize")
    throw new DefectiveAuthorizationRequest(`${request.url.pathname} is not the authorization endpoint`)
  const asked = readAuthorizationRequest(request.url.searchParams, state.client)
  const code = state.book.issueCode({ request: asked, user: state.user, authenticatedAt: state.clock() })
  const truth = {
    code,
    ...(asked.state === null ? {} : { state: asked.state }),
    iss: issuerFor(state.user, state),
  }
  return { asked, parameters: toldParameters(truth, state.lies.authorization) }
}

function issuerFor(user: ProviderUser, { issuer }: ProviderState): string {
  return issuer.replace("{tenantid}", tenantOf(user))
}

function tenantOf({ tid }: ProviderUser): string {
  return typeof tid === "string" ? tid : personalTenant
}

function answerAuthorize(request: RecordedRequest, state: ProviderState): Answer {
  try {
    const { asked, parameters } = authorized(request, state)
    if (asked.responseMode === "query")
      return {
        status: 302,
        headers: { location: redirectLocation(asked.redirectUri, parameters) },
        text: "",
      }
    const text = formPostPage(asked.redirectUri, parameters)
    return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, text }
  } catch (error) {
    if (!(error instanceof DefectiveAuthorizationRequest)) throw error
    return { status: 400, headers: { "content-type": "text/plain" }, text: error.message }
  }
}

function answerToken(request: RecordedRequest, state: ProviderState): Answer {
  try {
    const { grant, scopes } = redeemTokenRequest(request, state.client, state.book)
    const { accessToken, refreshToken } = state.book.issueTokens(grant)
    const nonce = request.form.has("code") ? grant.request.nonce : null
    const truth = {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: accessTokenLifetime,
      refresh_token: refreshToken,
      scope: scopes.join(" "),
      ...(scopes.includes("openid")
        ? { id_token: idToken({ ...grant, scopes, accessToken, nonce }, state) }
        : {}),
    }
    return { status: 200, json: told(truth, state.lies.token) }
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error
    const unauthorized = error.error === "invalid_client"
    return {
      status: unauthorized ? 401 : 400,
      headers: unauthorized ? { "www-authenticate": 'Basic realm="token"' } : {},
      json: { error: error.error, error_description: error.message },
    }
  }
}

interface IdTokenFacts extends Grant {
  readonly scopes: readonly string[]
  readonly accessToken: string
  /** Absent from a refreshed token, see OpenID Connect Core 12.2. */
  readonly nonce: string | null
}

function idToken(facts: IdTokenFacts, state: ProviderState): string {
  const lies = state.lies.idToken ?? {}
  const iat = Math.floor(state.clock() / 1000)
  const claims = {
    ...claimsOf(facts.user, facts.scopes),
    iss: issuerFor(facts.user, state),
    aud: state.client.id,
    iat,
    exp: iat + 300,
    auth_time: Math.floor(facts.authenticatedAt / 1000),
    ...(facts.nonce === null ? {} : { nonce: facts.nonce }),
    ...(state.issuer.includes("{tenantid}") ? { tid: tenantOf(facts.user) } : {}),
    at_hash: accessTokenHash(facts.accessToken, (lies.key ?? state.keys[0]).alg),
  }
  return forgedJwt(claims, lies, { published: state.keys[0], stranger: state.stranger })
}

function answerUserinfo({ user, request }: Grant, state: ProviderState): Answer {
  const { userinfo, userinfoJwt } = state.lies
  const json = told(claimsOf(user, request.scopes), userinfo)
  if (!userinfoJwt) return { status: 200, json }
  const claims = { iss: issuerFor(user, state), aud: state.client.id, ...(isJsonObject(json) ? json : {}) }
  const text = forgedJwt(claims, userinfoJwt, { published: state.keys[0], stranger: state.stranger })
  return { status: 200, headers: { "content-type": "application/jwt" }, text }
}

function answerGithubEmails({ user, request }: Grant, lie: Lies["githubEmails"]): Answer {
  if (!request.scopes.some((scope) => scope === "user:email" || scope === "user"))
    return { status: 404, json: { message: "Not Found" } }
  const truth = githubEmails(user)
  return { status: 200, json: typeof lie === "function" ? lie(truth) : (lie ?? truth) }
}

function answerResource(request: RecordedRequest, state: ProviderState): Answer {
  const holder = state.book.holderOf(/^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1])
  if (!holder)
    return { status: 401, headers: { "www-authenticate": "Bearer" }, json: { error: "invalid_token" } }
  if (request.endpoint === "userinfo") return answerUserinfo(holder, state)
  if (request.endpoint === "githubEmails") return answerGithubEmails(holder, state.lies.githubEmails)
  return { status: 200, json: told(githubUser(holder.user), state.lies.githubUser) }
}
