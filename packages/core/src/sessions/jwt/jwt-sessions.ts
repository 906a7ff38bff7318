import { type Awaitable, andThen } from "../../awaitable.js"
import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import { SizeError } from "../../errors.js"
import type { TokenCause } from "../../events.js"
import type { GuardedRequest } from "../../guarded-request.js"
import type { User } from "../../stores/ports.js"
import { onlyLooks } from "../only-looks.js"
import type { BareSessions, OpenedSession, Principal, Resumed, SessionKit, SignInTicket } from "../session.js"
import { budget, forgeable } from "./forged-tokens.js"
import { frozen } from "./frozen.js"
import type { KeyRing } from "./keys.js"
import { onceAtATime } from "./once-at-a-time.js"
import { refuseReserved } from "./reserved-claims.js"
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

/** Why a token is not taken, and whose it is, where its signature was right. */
interface Refused {
  readonly cause: TokenCause
  readonly token?: TokenClaims
}

/** A cookie of any allowed name holds so much (RFC 6265 §6.1: 4,096 bytes with its name). */
const longestToken = 4031

/**
 * Sessions behind a signed token (RFC 7519): whoever has the key reads who is signed in without asking a store. What ends a session before its
 * time is the work of `standing`.
 */
export function jwtSessions<C extends object>(
  kit: SessionKit<never, C>,
  settings: { readonly limits: JwtLimits; readonly ring: KeyRing; readonly audience: string },
  standing: Standing<C>,
): BareSessions<C> {
  const { clock, emit, origin, realm } = kit
  const { audience, limits, ring } = settings
  const tolerance = Math.max(limits.grace, limits.leeway)
  const kind = { typ: "session+jwt", issuer: origin, audience, realm, leeway: limits.leeway, tolerance }
  const codec = tokenCodec(ring, kind, clock)
  const forged = budget(60, 60, clock)
  const renewals = onceAtATime<OpenedSession<C> | undefined>(clock)

  async function open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<OpenedSession<C> | undefined> {
    // Ended before the new one exists: a crash in between leaves less access, not more.
    const before = await presentedBy(context.token)
    if (before && "held" in before) await standing.replace(before.held, context)
    await refuseOversize(user, methods)
    const held = await standing.admit(ticket, user, methods, context)
    return held && signed(held)
  }

  function read(token: string | undefined): Awaitable<Principal<C> | undefined> {
    return andThen(taken(token), (presented) => presented && principalOf(presented.held, presented.token))
  }

  function resume(token: string | undefined, request?: GuardedRequest): Awaitable<Resumed<C> | undefined> {
    return andThen(taken(token), (presented): Awaitable<Resumed<C> | undefined> => {
      if (!presented) return undefined
      const { held, token: claims } = presented
      // Without a grace period only the leeway is beyond the end: another server's clock decides when a token is renewed.
      const goesOn = clock() < claims.exp * 1000 || limits.grace === 0
      if (goesOn || onlyLooks(request)) return { principal: principalOf(held, claims) }
      // Where another server has renewed it already, its token is made once more.
      if (isFresh(held, limits.lifetime)) return signed(held)
      return prolonged(token as string, claims, limits.lifetime, {})
    })
  }

  /** One renewal in a tenth of a life is enough: of twenty tabs that ask at once one gets a new token made, the others get the same. */
  async function renew(token: string | undefined, context: Context): Promise<OpenedSession<C> | undefined> {
    const presented = await taken(token)
    if (!presented) return undefined
    const age = limits.lifetime / 10
    return isFresh(presented.held, age)
      ? signed(presented.held)
      : prolonged(token as string, presented.token, age, context)
  }

  function isFresh({ issuedAt }: Held<C>, age: Seconds): boolean {
    return clock() < issuedAt + age * 1000
  }

  async function rotate(
    token: string | undefined,
    context: Context,
    proven?: readonly string[],
  ): Promise<OpenedSession<C> | undefined> {
    const claims = await verified(token)
    const held =
      typeof claims === "object" && clock() < claims.absolute_exp * 1000
        ? await standing.rotate(claims, proven)
        : undefined
    if (!held) return undefined
    const { sessionId, userId } = held
    await emit(context, { type: "session.rotated", userId, sessionId })
    return signed(held)
  }

  /** Once, however many requests bring the same token at the same time or within a minute. */
  function prolonged(
    text: string,
    token: TokenClaims,
    age: Seconds,
    context: Context,
  ): Promise<OpenedSession<C> | undefined> {
    return renewals.run(text, async () => {
      const prolonged = await standing.prolong(token, clock() - age * 1000)
      if (!prolonged) return refused({ cause: "revoked", token })
      const { held, here } = prolonged
      const { sessionId, userId } = held
      if (here) await emit(context, { type: "session.renewed", userId, sessionId })
      // Several requests get this one, and none of them may change what the others read; nor is the host's own object frozen.
      const claims: C = frozen(JSON.parse(JSON.stringify(held.claims)))
      return signed({ ...held, claims })
    })
  }

  /** The token's claims and its session, or undefined with an event that says why not. */
  function taken(token: string | undefined): Awaitable<Presented<C> | undefined> {
    return andThen(presentedBy(token), (found) => (found && "cause" in found ? refused(found) : found))
  }

  function presentedBy(token: string | undefined): Awaitable<Presented<C> | Refused | undefined> {
    return andThen(verified(token), (claims): Awaitable<Presented<C> | Refused | undefined> => {
      if (claims === undefined) return undefined
      if (typeof claims === "string") return { cause: claims }
      if (clock() >= claims.absolute_exp * 1000) return { cause: "expired", token: claims }
      return andThen(standing.holds(claims), (held) =>
        held ? { token: claims, held } : { cause: "revoked", token: claims },
      )
    })
  }

  function verified(token: string | undefined): Awaitable<TokenClaims | TokenCause | undefined> {
    return token ? codec.verify(token) : undefined
  }

  async function refused({ cause, token }: Refused): Promise<undefined> {
    if (forgeable.has(cause) && !forged.admits()) return
    const whose = token && { userId: token.sub, sessionId: token.sid }
    await emit({}, { type: "session.token_refused", cause, ...whose })
  }

  /** Before anything is stored: a session whose token fits no cookie would be nobody's. */
  async function refuseOversize(user: User, methods: readonly string[]): Promise<void> {
    const now = clock()
    await signed({
      ...{
        userId: user.id,
        sessionId: "x".repeat(22),
        claims: kit.claims(user),
        methods,
        mark: { ver: "x".repeat(11) },
      },
      ...{ createdAt: now, authenticatedAt: now, issuedAt: now, absoluteExpiresAt: now },
      ...{ address: "", userAgent: "" },
    })
  }

  /** @throws SizeError, TypeError for claims that a token cannot carry */
  async function signed(held: Held<C>): Promise<OpenedSession<C>> {
    refuseReserved(held.claims)
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
    const token = await codec.sign(claims)
    if (token.length <= longestToken) return { principal: principalOf(held, claims), token }
    throw new SizeError(
      `The session's token would take ${token.length} characters; a cookie holds ${longestToken}. Map fewer or shorter fields in claims.`,
    )
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
    // One literal: spread from another it costs as much as all the rest of a check.
    const session = {
      id: sessionId,
      createdAt,
      authenticatedAt,
      absoluteExpiresAt,
      methods,
      address,
      userAgent,
      lastSeenAt: iat * 1000,
      expiresAt: exp * 1000,
    }
    return { userId, realm, claims, session }
  }

  const { begin, end, endAll, list } = standing
  return {
    maxAge: limits.lifetime + limits.grace,
    ...{ begin, open, read, resume, renew, rotate, list, end, endAll },
    forget: () => standing.forget?.(),
  }
}
