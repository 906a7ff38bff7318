import type { Endpoint, RecordedRequest } from "./recorded-request.js"
import type { SigningKey } from "./signing-key.js"

/** What JSON can say. A field that is `undefined` is left out when it is sent. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** Fields that replace the true ones (`undefined` drops a field), or a document made from the true one. */
export type DocumentLie = JsonObject | ((truth: JsonObject) => Json)

/** A value in place of the true one; several send the parameter that often; `undefined` drops it. */
type ParameterValue = string | readonly string[] | undefined
export type ParameterLie = ParameterValue | ((truth: string) => ParameterValue)

/** How an answer goes wrong on the wire, whatever it says. */
export interface AnswerLies {
  readonly status?: number
  /** Over the true ones, names in lower case; `content-type` too. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body instead of JSON, sent as it is. */
  readonly raw?: string | Uint8Array
  /** JSON is followed by spaces until the body has so many bytes. */
  readonly padTo?: number
  /** A 302 to this address; another `status` makes it a 307. */
  readonly redirect?: string
  /** Milliseconds before the first byte. */
  readonly delay?: number
  /** Never answers; or sends status, headers and half of the body, and no more. */
  readonly stall?: "headers" | "body"
  /** A body that goes on until the client hangs up. */
  readonly endless?: true
  /** The connection ends without an answer. */
  readonly hangUp?: true
}

/**
 * Who signed, if anybody. `unsigned`: `alg` is `none` and there is no signature. `stripped`: there is none though
 * `alg` promises one. `tampered`: one bit of it is wrong. `payload-tampered`: it is the one over another `sub`.
 * `stranger`: by a key that is nowhere published, under the `kid` of the one that is. `hmac-pem`, `hmac-jwk`: HS256
 * with the published key, as text, for a secret.
 */
export type SignatureLie =
  | "unsigned"
  | "stripped"
  | "tampered"
  | "payload-tampered"
  | "stranger"
  | "hmac-pem"
  | "hmac-jwk"

/** How a signed token lies. These combine: claims, then header, then the signature over both. */
export interface JwtLies {
  readonly claims?: DocumentLie
  /** What the header says; how it is signed stays as it was, so `alg` can be made to contradict it. */
  readonly header?: DocumentLie
  /** The last word on the claims' text before it is signed: what JSON.stringify never writes (1e999, a key twice). */
  readonly payload?: (text: string) => string
  /** Signs with this key and names its `kid`. */
  readonly key?: SigningKey
  readonly signature?: SignatureLie
  /** The last word on the finished token. */
  readonly token?: (compact: string) => string
}

/**
 * What the provider checks by default and can be told not to. `code`: an unknown code stands for the latest
 * authorization. `single_use`, `expiry`: of codes. `rotation`: a refresh token works again. `access_token`: anybody is told
 * who the user is.
 */
export type Check =
  | "code"
  | "single_use"
  | "expiry"
  | "pkce"
  | "redirect_uri"
  | "client"
  | "rotation"
  | "access_token"

/** Everything that the provider can be told to say or do wrong. What is absent stays true. */
export interface Lies {
  readonly discovery?: DocumentLie
  /** Of the redirect back. `{ error: "access_denied", code: undefined }` is a user who says no. */
  readonly authorization?: Readonly<Record<string, ParameterLie>>
  /** Of what the token endpoint grants; its refusals stay true. */
  readonly token?: DocumentLie
  readonly idToken?: JwtLies
  readonly jwks?: DocumentLie
  readonly userinfo?: DocumentLie
  /** UserInfo comes as a signed JWT (OpenID Connect Core 5.3.2), which is not otherwise wrong if this is `{}`. */
  readonly userinfoJwt?: JwtLies
  /** GitHub's `/user`. */
  readonly githubUser?: DocumentLie
  /** GitHub's `/user/emails`. */
  readonly githubEmails?: readonly Json[] | ((truth: readonly JsonObject[]) => Json)
  readonly answers?: Partial<
    Readonly<Record<Endpoint, AnswerLies | ((request: RecordedRequest) => AnswerLies)>>
  >
  readonly unchecked?: readonly Check[]
}

/** Both lies; of two about the same thing, the second. Those about answers and ID tokens are merged one level deeper. */
export function withLies(before: Lies, more: Lies): Lies {
  return {
    ...before,
    ...more,
    ...(before.idToken && more.idToken ? { idToken: { ...before.idToken, ...more.idToken } } : {}),
    ...(before.answers && more.answers ? { answers: { ...before.answers, ...more.answers } } : {}),
  }
}

/** Whether it has fields. */
export function isJsonObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json)
}

/** The document as it is told. */
export function told(truth: JsonObject, lie: DocumentLie | undefined): Json {
  return typeof lie === "function" ? lie(truth) : { ...truth, ...lie }
}

/** The parameters as they are told. */
export function toldParameters(
  truth: Readonly<Record<string, string>>,
  lies: Lies["authorization"] = {},
): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const name of new Set([...Object.keys(truth), ...Object.keys(lies)])) {
    const lie = lies[name]
    const value = name in lies ? (typeof lie === "function" ? lie(truth[name] ?? "") : lie) : truth[name]
    for (const each of typeof value === "string" ? [value] : (value ?? [])) parameters.append(name, each)
  }
  return parameters
}
