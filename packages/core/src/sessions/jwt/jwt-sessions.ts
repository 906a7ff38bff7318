import { type Awaitable, andThen } from "../../awaitable.js"
import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { TokenCause } from "../../events.js"
import type { User } from "../../stores/ports.js"
import type { OpenedSession, Principal, Resumed, SessionKit, Sessions, SignInTicket } from "../session.js"
import type { KeyRing } from "./keys.js"
import { onceAtATime } from "./once-at-a-time.js"
import type { Held, Standing } from "./standing.js"
import { type TokenClaims, tokenCodec } from "./token.js"

/** Lengths in seconds, each at least a second but grace and leeway. */
export interface JwtLimits {
  readonly lifetime: Seconds
  /** How long after its end a token can still be exchanged for its successor. */
  readonly grace: Seconds
  readonly leeway: Seconds
}

/** A token that still stands, and what is known of its session. */
interface Presented<C extends object> {
  readonly token: TokenClaims
  readonly held: Held<C>
}

/**
 * Sessions behind a signed token (RFC 7519): whoever has the key reads who is signed in without asking a store. What ends a session before its
 * time is the work of `standing`.
 */
export function jwtSessions<C extends object>(
  kit: SessionKit<never, C>,
  settings: { readonly limits: JwtLimits; readonly ring: KeyRing; readonly audience: string },
  standing: Standing<C>,
): Sessions<C> {
  const { clock, emit, origin, realm } = kit
  const { audience, limits, ring } = settings
  const tolerance = Math.max(limits.grace, limits.leeway)
  const kind = { typ: "session+jwt", issuer: origin, audience, realm, leeway: limits.leeway, tolerance }
  const codec = tokenCodec(ring, kind, clock)
  const renewals = onceAtATime<OpenedSession<C> | undefined>(clock)

  async function open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<OpenedSession<C> | undefined> {
    // Ended before the new one exists: a crash in between leaves less access, not more.
    const before = await presentedBy(context.token)
    if (typeof before === "object") await standing.replace(before.held, context)
    const held = await standing.admit(ticket, user, methods, context)
    return held && signed(held)
  }

  function read(token: string | undefined): Awaitable<Principal<C> | undefined> {
    return andThen(taken(token), (presented) => presented && principalOf(presented.held, presented.token))
  }

  function resume(token: string | undefined): Awaitable<Resumed<C> | undefined> {
    return andThen(taken(token), (presented): Awaitable<Resumed<C> | undefined> => {
      if (!presented) return undefined
      const { held, token: claims } = presented
      // Without a grace period only the leeway is beyond the end: another server's clock decides when a token is renewed.
      if (clock() < claims.exp * 1000 || limits.grace === 0) return { principal: principalOf(held, claims) }
      // Where another server has renewed it already, its token is made once more.
      return isFresh(held, limits.lifetime) ? signed(held) : prolonged(token as string, claims, {})
    })
  }

  /** One renewal in a tenth of a life is enough: of twenty tabs that ask at once one gets a new token made, the others get the same. */
  async function renew(token: string | undefined, context: Context): Promise<OpenedSession<C> | undefined> {
    const presented = await taken(token)
    if (!presented) return undefined
    return isFresh(presented.held, limits.lifetime / 10)
      ? signed(presented.held)
      : prolonged(token as string, presented.token, context)
  }

  function isFresh({ issuedAt }: Held<C>, age: Seconds): boolean {
    return clock() < issuedAt + age * 1000
  }

  async function rotate(token: string | undefined, context: Context): Promise<OpenedSession<C> | undefined> {
    const claims = await verified(token)
    const held = typeof claims === "object" ? await standing.prolong(claims, true) : undefined
    if (!held) return undefined
    const { sessionId, userId } = held
    await emit(context, { type: "session.rotated", userId, sessionId })
    return signed(held)
  }

  /** Once, however many requests bring the same token at the same time or within a minute. */
  function prolonged(
    text: string,
    token: TokenClaims,
    context: Context,
  ): Promise<OpenedSession<C> | undefined> {
    return renewals.run(text, async () => {
      const held = await standing.prolong(token, false)
      if (!held) return refused("revoked", token)
      const { sessionId, userId } = held
      await emit(context, { type: "session.renewed", userId, sessionId })
      return signed(held)
    })
  }

  /** The token's claims and its session, or undefined with an event that says why not. */
  function taken(token: string | undefined): Awaitable<Presented<C> | undefined> {
    return andThen(presentedBy(token), (found) => {
      if (typeof found !== "string") return found
      return refused(found)
    })
  }

  function presentedBy(token: string | undefined): Awaitable<Presented<C> | TokenCause | undefined> {
    return andThen(verified(token), (claims) => {
      if (typeof claims !== "object") return claims
      if (clock() >= claims.absolute_exp * 1000) return "expired"
      return andThen(standing.holds(claims), (held) => (held ? { token: claims, held } : "revoked"))
    })
  }

  function verified(token: string | undefined): Awaitable<TokenClaims | TokenCause | undefined> {
    return token ? codec.verify(token) : undefined
  }

  async function refused(cause: TokenCause, token?: TokenClaims): Promise<undefined> {
    const whose = token && { userId: token.sub, sessionId: token.sid }
    await emit({}, { type: "session.token_refused", cause, ...whose })
  }

  async function signed(held: Held<C>): Promise<OpenedSession<C>> {
    const iat = Math.floor(held.issuedAt / 1000)
    const absolute_exp = Math.floor(held.absoluteExpiresAt / 1000)
    const claims: TokenClaims = {
      ...held.claims,
      ...held.mark,
      ...{ iss: origin, aud: audience, realm, sub: held.userId, sid: held.sessionId },
      ...{ iat, exp: Math.min(iat + limits.lifetime, absolute_exp), absolute_exp },
      auth_time: Math.floor(held.authenticatedAt / 1000),
      amr: held.methods,
    }
    return { principal: principalOf(held, claims), token: await codec.sign(claims) }
  }

  /** The session as this token has it: another browser's token of the same session may be younger. */
  function principalOf(held: Held<C>, { exp, iat }: TokenClaims): Principal<C> {
    const {
      absoluteExpiresAt,
      address,
      authenticatedAt,
      claims,
      createdAt,
      methods,
      sessionId,
      userAgent,
      userId,
    } = held
    const session = {
      ...{ id: sessionId, createdAt, authenticatedAt, absoluteExpiresAt, methods, address, userAgent },
      lastSeenAt: iat * 1000,
      expiresAt: exp * 1000,
    }
    return { userId, realm, claims, session }
  }

  const { begin, end, endAll, list } = standing
  return {
    maxAge: limits.lifetime + limits.grace,
    ...{ begin, open, read, resume, renew, rotate, list, end, endAll },
  }
}
