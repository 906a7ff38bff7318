import { CompactSign, compactVerify, errors, type JWTHeaderParameters } from "jose"
import { type Awaitable, andThen } from "../../awaitable.js"
import type { Clock, Seconds } from "../../clock.js"
import { utf8 } from "../../crypto/utf8.js"
import type { TokenCause } from "../../events.js"
import type { KeyRing } from "./keys.js"
import { verifiedTokens } from "./verified-tokens.js"

/** What a token of ours always says (RFC 7519 §4.1, OpenID Connect Core §2). Instants are whole seconds. */
export interface TokenClaims {
  readonly iss: string
  readonly aud: string
  readonly realm: string
  /** The user's id. */
  readonly sub: string
  /** The session's id. */
  readonly sid: string
  readonly iat: number
  readonly exp: number
  /** When the user proved who they are. */
  readonly auth_time: number
  /** RFC 8176. */
  readonly amr: readonly string[]
  /** Over at this instant whatever happens: renewing never moves it. */
  readonly absolute_exp: number
  /** What else the host or a strategy put in. */
  readonly [name: string]: unknown
}

/** What one kind of token is for: it is good for nothing else (promise 9; RFC 8725 §3.8, §3.9, §3.11). */
export interface TokenKind {
  readonly typ: string
  readonly issuer: string
  readonly audience: string
  readonly realm: string
  /** How far the clocks of two servers may be apart. */
  readonly leeway: Seconds
  /** How long after its end a token is still looked at, for the caller to decide. At least the leeway. */
  readonly tolerance: Seconds
}

/** Signs and checks tokens of one kind. */
export interface TokenCodec {
  sign(claims: TokenClaims): Promise<string>
  /** The claims, or why the token is not taken. At once if it was checked twice before in this process. */
  verify(token: string): Awaitable<TokenClaims | TokenCause>
}

/** Keeps nothing between two calls. */
const strictUtf8 = new TextDecoder("utf-8", { fatal: true })

/** Longer than any that fits a cookie. */
const longest = 8192

export function tokenCodec(ring: KeyRing, kind: TokenKind, clock: Clock): TokenCodec {
  const verified = verifiedTokens(({ exp }) => exp + kind.tolerance, clock)

  async function sign(claims: TokenClaims): Promise<string> {
    const { alg, key, kid } = await ring.signing()
    const header: JWTHeaderParameters = { alg, kid, typ: kind.typ }
    return await new CompactSign(utf8.encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key)
  }

  function verify(token: string): Awaitable<TokenClaims | TokenCause> {
    if (token.length > longest) return "malformed"
    const known = verified.find(token)
    return known ? (timely(known) ?? known) : check(token)
  }

  async function check(token: string): Promise<TokenClaims | TokenCause> {
    const signed = await checkSignature(token)
    if (typeof signed === "string") return signed
    const claims = wellFormed(signed.payload)
    if (!claims) return "malformed"
    const refused = foreign(claims, signed.typ, kind) ?? timely(claims)
    if (refused) return refused
    verified.keep(token, claims)
    return claims
  }

  /** RFC 7515 §5.2 is jose's work, with the one algorithm of the key that the `kid` names. Keys in the header (jwk, jku, x5u) are not looked at. */
  async function checkSignature(token: string): Promise<{ payload: Uint8Array; typ: unknown } | TokenCause> {
    let refused: TokenCause | undefined
    if (!compact.test(token)) return "malformed"
    try {
      const { payload, protectedHeader } = await compactVerify(token, ({ alg, kid }) =>
        andThen(typeof kid === "string" ? ring.find(kid) : undefined, (key) => {
          if (!key) refused = "unknown_key"
          else if (key.alg !== alg) refused = "wrong_algorithm"
          if (!key || refused) throw new errors.JWSInvalid()
          return key.publicKey
        }),
      )
      return { payload, typ: protectedHeader.typ }
    } catch (fault) {
      if (refused) return refused
      if (fault instanceof errors.JWSSignatureVerificationFailed) return "bad_signature"
      if (fault instanceof errors.JOSEError) return "malformed"
      throw fault
    }
  }

  function timely({ exp, iat, nbf = iat }: TokenClaims): TokenCause | undefined {
    const now = clock() / 1000
    if (now < Math.max(iat, nbf as number) - kind.leeway) return "not_yet_valid"
    return now < exp + kind.tolerance ? undefined : "expired"
  }

  return { sign, verify }
}

/** RFC 8725 §3.11, then whose and for whom. */
function foreign({ aud, iss, realm }: TokenClaims, typ: unknown, kind: TokenKind): TokenCause | undefined {
  if (typ !== kind.typ) return "wrong_type"
  if (iss !== kind.issuer) return "wrong_issuer"
  if (aud !== kind.audience) return "wrong_audience"
  return realm === kind.realm ? undefined : "wrong_realm"
}

/** A claim that is not of its type is as good as none: no text where a number belongs, no instant that is none. */
function wellFormed(payload: Uint8Array): TokenClaims | undefined {
  const claims = parsed(payload)
  if (!claims) return undefined
  const { absolute_exp, amr, aud, auth_time, exp, iat, iss, nbf, realm, sid, sub } = claims
  const texts = [iss, aud, realm, sub, sid].every((text) => typeof text === "string" && text !== "")
  const instants = [iat, exp, auth_time, absolute_exp, nbf === undefined ? iat : nbf].every((instant) =>
    Number.isFinite(instant),
  )
  const methods = Array.isArray(amr) && amr.every((method) => typeof method === "string")
  return texts && instants && methods ? (claims as TokenClaims) : undefined
}

/** One spelling per token (RFC 7515 §2): decoders skip spaces, and bits at the end that carry nothing (RFC 4648 §3.5). */
const compact = /^[\w-]+\.[\w-]+\.(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

function parsed(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(strictUtf8.decode(payload))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
