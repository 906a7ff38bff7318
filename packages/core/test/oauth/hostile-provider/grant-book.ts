import { createHash, randomBytes } from "node:crypto"
import type { Clock, EpochMs } from "../../../src/clock.js"
import type { AuthorizationRequest, ProviderUser } from "./authorization.js"
import type { Check } from "./lies.js"

/** What a user allowed: the request, who it was, and when. */
export interface Grant {
  readonly request: AuthorizationRequest
  readonly user: ProviderUser
  readonly authenticatedAt: EpochMs
}

/** What a code or refresh token was exchanged for. */
export interface IssuedTokens {
  readonly accessToken: string
  readonly refreshToken: string
}

/** Why nothing is given: an error of RFC 6749, 5.2. */
export class TokenRefusal extends Error {
  override readonly name = "TokenRefusal"
  readonly error: string

  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

/** Everything that is outstanding. Nothing here waits, so of any number of requests for one code, one gets it. */
export interface GrantBook {
  /** Whether the provider makes this check at present. */
  checked(check: Check): boolean
  issueCode(grant: Grant): string
  /** The code's grant. Presenting a code uses it up, right or wrong; twice ends the tokens that it gave. */
  redeemCode(code: string, redirectUri: string | null, verifier: string | null): Grant
  /** The refresh token's grant. One that was used before ends the whole family. */
  redeemRefreshToken(token: string): Grant
  issueTokens(grant: Grant): IssuedTokens
  /** Whose access token it is, while it is good. */
  holderOf(accessToken: string | undefined): Grant | undefined
}

/** Seconds that a code and an access token are good for. */
const codeLifetime = 60
export const accessTokenLifetime = 3600

interface Outstanding {
  readonly grant: Grant
  readonly expiresAt: EpochMs
  used: boolean
}

/** An empty book. `checked` tells at every use whether a check is still made. */
export function grantBook(clock: Clock, checked: (check: Check) => boolean): GrantBook {
  const codes = new Map<string, Outstanding>()
  const refreshTokens = new Map<string, Outstanding>()
  const accessTokens = new Map<string, Outstanding>()
  const ended = new Set<Grant>()
  let latest: Grant | undefined

  function issue(book: Map<string, Outstanding>, grant: Grant, seconds: number): string {
    const secret = randomBytes(24).toString("base64url")
    book.set(secret, { grant, expiresAt: clock() + seconds * 1000, used: false })
    return secret
  }

  function redeem(book: Map<string, Outstanding>, secret: string, rule: Check): Grant | undefined {
    const once = checked(rule)
    const found = book.get(secret)
    if (!found || (checked("expiry") && clock() >= found.expiresAt)) return undefined
    if (found.used && once) {
      ended.add(found.grant)
      return undefined
    }
    found.used = true
    return once && ended.has(found.grant) ? undefined : found.grant
  }

  return {
    checked,
    issueCode(grant) {
      latest = grant
      return issue(codes, grant, codeLifetime)
    },
    redeemCode(code, redirectUri, verifier) {
      const grant = redeem(codes, code, "single_use") ?? (checked("code") ? undefined : latest)
      if (!grant) throw new TokenRefusal("invalid_grant", "the code is unknown, used or expired")
      if (checked("redirect_uri") && redirectUri !== grant.request.redirectUri)
        throw new TokenRefusal("invalid_grant", "redirect_uri is not that of the authorization request")
      if (checked("pkce")) checkVerifier(grant.request.challenge, verifier)
      return grant
    },
    redeemRefreshToken(token) {
      const grant = redeem(refreshTokens, token, "rotation")
      if (!grant) throw new TokenRefusal("invalid_grant", "the refresh token is unknown or was used")
      return grant
    },
    issueTokens: (grant) => ({
      accessToken: issue(accessTokens, grant, accessTokenLifetime),
      refreshToken: issue(refreshTokens, grant, Number.POSITIVE_INFINITY),
    }),
    holderOf(accessToken) {
      const found = accessTokens.get(accessToken ?? "")
      if (!checked("access_token")) return found?.grant ?? latest
      return found && !ended.has(found.grant) && clock() < found.expiresAt ? found.grant : undefined
    },
  }
}

/** RFC 7636, 4.6; and a verifier without a challenge is a downgrade (RFC 9700, 4.8.2). */
function checkVerifier(challenge: string | null, verifier: string | null): void {
  if (challenge === null && verifier === null) return
  if (challenge === null) throw new TokenRefusal("invalid_grant", "there is a verifier but was no challenge")
  if (!/^[\w.~-]{43,128}$/.test(verifier ?? ""))
    throw new TokenRefusal("invalid_grant", "code_verifier is missing or malformed")
  const expected = createHash("sha256")
    .update(verifier ?? "")
    .digest("base64url")
  if (expected !== challenge) throw new TokenRefusal("invalid_grant", "code_verifier is not the challenge's")
}
