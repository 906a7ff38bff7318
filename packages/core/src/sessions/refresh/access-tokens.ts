import { randomText } from "#primitives"
import type { Awaitable } from "../../awaitable.js"
import type { Clock, Seconds } from "../../clock.js"
import type { TokenCause } from "../../events.js"
import type { SessionRecord } from "../../stores/ports.js"
import { accessTokenType } from "../access-token-type.js"
import type { KeyRing } from "../jwt/keys.js"
import { type TokenClaims, tokenCodec } from "../jwt/token.js"

/** Signs and checks the access tokens of one realm. */
export interface AccessTokens {
  /** @param thumbprint of the key that the session is bound to */
  sign(record: SessionRecord, thumbprint: string | undefined): Promise<{ token: string; expiresIn: Seconds }>
  verify(token: string): Awaitable<TokenClaims | TokenCause>
}

/** How far the clocks of two servers may be apart. */
const leeway: Seconds = 30

/**
 * JWTs as RFC 9068 §2 has them. They carry none of the host's claims: here the session's record says those, as of now, and what stands in a token
 * that a client keeps can be read by whoever finds it.
 */
export function accessTokens(
  ring: KeyRing,
  names: { readonly issuer: string; readonly audience: string; readonly realm: string },
  life: Seconds,
  clock: Clock,
): AccessTokens {
  const { audience, issuer, realm } = names
  const kind = { typ: accessTokenType, issuer, audience, realm, leeway, tolerance: leeway }
  const codec = tokenCodec(ring, kind, clock)

  return {
    verify: (token) => codec.verify(token),
    async sign(record, thumbprint) {
      const iat = Math.floor(clock() / 1000)
      const absolute_exp = Math.floor(record.absoluteExpiresAt / 1000)
      const exp = Math.min(iat + life, absolute_exp)
      const token = await codec.sign({
        ...{ iss: issuer, aud: audience, client_id: realm, realm, sub: record.userId, sid: record.id },
        ...{ jti: randomText(22), iat, exp, absolute_exp, ver: markOf(record) },
        auth_time: Math.floor(record.authenticatedAt / 1000),
        amr: record.methods,
        ...(thumbprint === undefined ? {} : { cnf: { jkt: thumbprint } }),
      })
      return { token, expiresIn: exp - iat }
    },
  }
}

/** Whether the session's tokens were not exchanged for others since: a rotation ends the ones before it. */
export function isTokenOf({ sub, ver }: TokenClaims, record: SessionRecord): boolean {
  return record.userId === sub && markOf(record) === ver
}

/** The key that must be proven along with the token (RFC 9449 §6.1); undefined for a bearer token. */
export function boundKeyOf({ cnf }: TokenClaims): string | undefined {
  const key: unknown = typeof cnf === "object" && cnf !== null ? Reflect.get(cnf, "jkt") : undefined
  return typeof key === "string" ? key : undefined
}

const markLength = 11

function markOf({ secretHash }: SessionRecord): string {
  return secretHash.slice(0, markLength)
}
