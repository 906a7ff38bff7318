import { randomText, sha256 } from "#primitives"
import { type Awaitable, andThen } from "../../awaitable.js"
import type { EpochMs, Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { ProofFault, TokenCause } from "../../events.js"
import type { GuardedRequest } from "../../guarded-request.js"
import type { Outcome } from "../../outcome.js"
import type { FoundSession, SessionRecord, User } from "../../stores/ports.js"
import { looksLikeAccessToken } from "../access-token-type.js"
import { budget } from "../jwt/forged-tokens.js"
import type { KeyRing } from "../jwt/keys.js"
import { recentSessions } from "../jwt/recent-answers.js"
import type { TokenClaims } from "../jwt/token.js"
import { type KeptLimits, type KeptSession, keptSessions, principalOf } from "../kept.js"
import type { BareSessions, OpenedSession, Principal, Resumed, SessionKit, SignInTicket } from "../session.js"
import { accessTokens, boundKeyOf, isTokenOf } from "./access-tokens.js"
import { type ClientKind, familyRows } from "./families.js"
import { presentedProofs } from "./presented-proofs.js"
import { asksForTokens, isBrowser, type PresentedToken, presentedToken } from "./presented-tokens.js"
import { refresh } from "./refresh.js"
import { type RefreshToken, refreshTokens } from "./refresh-token.js"

/** Which sessions are bound to a key of the client (RFC 9449): those that bring a proof, all, or no new ones. */
export type Binding = "optional" | "required" | "off"

/** The strategy with every option decided; `refreshTokens()` fills the defaults. */
export interface RefreshSettings {
  readonly ring: KeyRing
  readonly audience: string
  /** Life of an access token. */
  readonly access: Seconds
  readonly limits: KeptLimits
  readonly grace: Readonly<Record<ClientKind, Seconds>>
  readonly dpop: Binding
  /** Whether the sessions of `beside` end with the records of the `sessions` slot, or by themselves. */
  readonly besideKeeps: boolean
}

/** What the strategy does besides what every strategy does. */
export interface RefreshSessions<C extends object> {
  readonly sessions: BareSessions<C>
  /** Exchanges a refresh token, see `refresh.ts`. */
  refresh(token: string, context: Context): Promise<Outcome<{ session: OpenedSession<C> }>>
  /** Why a client that asks for tokens cannot have any: before its password is looked at, or its link used up. */
  unfit(request: GuardedRequest): Promise<ProofFault | undefined>
}

/**
 * Two kinds of sessions side by side: cookies for browsers, as `beside` makes them, and tokens for clients that keep them themselves. Each of
 * the latter is a record of its own, so all can be listed and ended alike, and none of them needs to be known by its tokens.
 */
export function refreshSessions<C extends object>(
  kit: SessionKit<"sessions" | "challenges" | "users", C>,
  settings: RefreshSettings,
  beside: BareSessions<C>,
): RefreshSessions<C> {
  const { clock, emit, origin, realm } = kit
  const { audience, besideKeeps, dpop, limits, ring } = settings
  const { challenges, sessions: store, users } = kit.stores
  const kept = keptSessions(kit, limits, "refreshTokens")
  const { begin, claimsOf, list, live, seen } = kept
  const access = accessTokens(ring, { issuer: origin, audience, realm }, settings.access, clock)
  const families = familyRows(challenges, clock, realm, limits.idle)
  const tokens = refreshTokens(kit.secrets, realm)
  const proofs = presentedProofs(kit)
  const forged = budget(60, 60, clock)
  const recent = recentSessions(limits.accepted - store.staleness, clock)

  async function open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<OpenedSession<C> | undefined> {
    const { request } = context
    const wanted = asksForTokens(request)
    // Ended before the new one exists: a crash in between leaves less access, not more. A cookie's own is ended by `beside`.
    const before = wanted || presentedToken(request) ? await read(context.token, request) : undefined
    if (before) {
      await endKept(before.userId, before.session.id, "replaced", context)
    }
    if (!wanted) return beside.open(ticket, user, methods, context)
    const key = await newKey(request)
    if (key === "unfit") return undefined
    const family = randomText(22)
    const id = randomText(22)
    const client = isBrowser(request) ? "browser" : "native"
    await families.create(family, { sessionId: id, userId: user.id, client, thumbprint: key })
    const opened = await kept.insert({ id, secretHash: hashOf(family) }, ticket, user, methods, context)
    if (opened) return issue(opened, { family, generation: 0 }, key)
    await families.delete(family)
    return undefined
  }

  async function unfit(request: GuardedRequest): Promise<ProofFault | undefined> {
    if (!asksForTokens(request) || !mustProve(request)) return undefined
    const proof = await proofs.look(request)
    if (typeof proof !== "string") return undefined
    await refused("proof_invalid", undefined, proof)
    return proof
  }

  /** The key that a new session is bound to; undefined for none. */
  async function newKey(request: GuardedRequest): Promise<string | "unfit" | undefined> {
    if (!mustProve(request)) return undefined
    const proof = await proofs.accept(request, {})
    return typeof proof === "string" ? "unfit" : proof.thumbprint
  }

  function mustProve(request: GuardedRequest): boolean {
    return dpop === "required" || (dpop === "optional" && Boolean(request.header("dpop")))
  }

  async function issue(
    { claims, record }: KeptSession<C>,
    next: RefreshToken,
    thumbprint: string | undefined,
  ): Promise<OpenedSession<C>> {
    recent.forget(record.id)
    const { expiresIn, token } = await access.sign(record, thumbprint)
    const issued = {
      access_token: token,
      refresh_token: tokens.format(next),
      token_type: thumbprint === undefined ? "Bearer" : "DPoP",
      expires_in: expiresIn,
    } as const
    return { principal: principalOf(record, claims), token, issued }
  }

  function read(token: string | undefined, request?: GuardedRequest): Awaitable<Principal<C> | undefined> {
    const presented = presentedIn(token, request)
    if (!presented) return beside.read(token, request)
    return andThen(taken(presented, request), (found) => found && principalOf(found.record, claimsOf(found)))
  }

  function resume(token: string | undefined, request?: GuardedRequest): Awaitable<Resumed<C> | undefined> {
    if (!presentedIn(token, request)) return beside.resume(token, request)
    return andThen(read(token, request), (principal) => principal && { principal })
  }

  /** Where there is a request, a cookie is a cookie, whatever stands in it. */
  function presentedIn(token: string | undefined, request?: GuardedRequest): PresentedToken | undefined {
    if (request) return presentedToken(request)
    return looksLikeAccessToken(token) ? { scheme: "Bearer", token } : undefined
  }

  function taken(presented: PresentedToken, request?: GuardedRequest): Awaitable<FoundSession | undefined> {
    return andThen(access.verify(presented.token), (claims): Awaitable<FoundSession | undefined> => {
      if (typeof claims === "string") return refused(claims)
      if (boundKeyOf(claims) === undefined && presented.scheme === "Bearer" && dpop !== "required") {
        return standing(claims)
      }
      return proven(claims, presented, request)
    })
  }

  /** RFC 9449 §7.1: a bound token comes as such with a proof; §7.2: it is no bearer token, nor the other way round. */
  async function proven(
    claims: TokenClaims,
    { scheme, token }: PresentedToken,
    request?: GuardedRequest,
  ): Promise<FoundSession | undefined> {
    const thumbprint = boundKeyOf(claims)
    if (thumbprint === undefined || scheme !== "DPoP") return refused("wrong_scheme", claims)
    const proof = await proofs.accept(request, { thumbprint, accessToken: token })
    return typeof proof === "string" ? refused("proof_invalid", claims, proof) : standing(claims)
  }

  /** The session's record has the last word. */
  function standing(claims: TokenClaims): Awaitable<FoundSession | undefined> {
    const readAt = clock()
    const known = recent.find(claims.sid)
    // One that does not know this token may be from before it was made.
    const usable = known && isTokenOf(claims, known.record) && !isOver(known.record, readAt)
    return andThen(usable ? known : live(claims.sid), (answer) => {
      if (!answer || !isTokenOf(claims, answer.record)) return refused("revoked", claims)
      if (answer !== known) recent.keep(claims.sid, answer, readAt)
      return answer
    })
  }

  async function refused(cause: TokenCause, claims?: TokenClaims, detail?: ProofFault): Promise<undefined> {
    // Every few minutes in the life of a client that waits for the refusal before it refreshes.
    if (cause === "expired") return
    if (!claims && !forged.admits()) return
    const whose = claims && { userId: claims.sub, sessionId: claims.sid }
    await emit({}, { type: "session.token_refused", cause, ...whose, ...(detail && { detail }) })
  }

  /** Only a refresh token renews the session that it belongs to. */
  async function renew(token: string | undefined, context: Context): Promise<OpenedSession<C> | undefined> {
    return presentedIn(token, context.request) ? undefined : beside.renew(token, context)
  }

  /** The same session with a family of its own: the access and refresh tokens of before are dead in the step that replaces the record. */
  async function rotate(
    token: string | undefined,
    context: Context,
    proven?: readonly string[],
  ): Promise<OpenedSession<C> | undefined> {
    const { request } = context
    const presented = presentedIn(token, request)
    if (!presented) return beside.rotate(token, context, proven)
    const found = await taken(presented, request)
    const claims = await access.verify(presented.token)
    if (!found || typeof claims === "string") return undefined
    const { id: sessionId, userId } = found.record
    const client: ClientKind = request && isBrowser(request) ? "browser" : "native"
    const thumbprint = boundKeyOf(claims)
    const family = randomText(22)
    // A row before its session has that hash belongs to nothing.
    await families.create(family, { sessionId, userId, client, thumbprint })
    const rotated = await replaceHash(found, hashOf(family), proven)
    if (!rotated) {
      await families.delete(family)
      return undefined
    }
    await emit(context, { type: "session.rotated", userId, sessionId })
    return issue({ record: rotated, claims: claimsOf(found) }, { family, generation: 0 }, thumbprint)
  }

  /** A refresh that comes in between changes the revision but not the hash, so the swap is tried again with what is there then. */
  async function replaceHash(
    { record }: FoundSession,
    secretHash: string,
    proven: readonly string[] | undefined,
  ): Promise<SessionRecord | undefined> {
    for (let round = 0, current = record; round < 3; round++) {
      const next = { ...seen(current, proven), secretHash }
      if ((await store.replace(next, current.revision)) === true) return next
      const again = (await live(record.id))?.record
      if (again?.secretHash !== record.secretHash) return undefined
      current = again
    }
    return undefined
  }

  /** What this process ends it forgets at once, also what `beside` remembers of it. */
  async function endKept(...which: Parameters<BareSessions<C>["end"]>): Promise<boolean> {
    try {
      return await kept.end(...which)
    } finally {
      recent.forget(which[1])
      beside.forget?.()
    }
  }

  /** Its own records first: where `beside` keeps none, it takes any id for one of its own. */
  async function end(...which: Parameters<BareSessions<C>["end"]>): Promise<boolean> {
    return (await endKept(...which)) || (await beside.end(...which))
  }

  async function endAll(...which: Parameters<BareSessions<C>["endAll"]>): Promise<number> {
    const [, , , exceptId] = which
    try {
      if (!besideKeeps) return (await beside.endAll(...which)) + (await kept.endAll(...which))
      // One of ours that is spared is a record, which only ending the records can spare.
      const spared = exceptId !== undefined && (await isKept(exceptId))
      return await (spared ? kept.endAll(...which) : beside.endAll(...which))
    } finally {
      recent.forgetAll()
      beside.forget?.()
    }
  }

  /** A store that cannot say which it is must not keep the others from ending. */
  async function isKept(id: string): Promise<boolean> {
    try {
      return (await live(id)) !== undefined
    } catch {
      return false
    }
  }

  const parts = {
    ...{
      clock,
      emit,
      users,
      kept: { ...kept, end: endKept },
      families,
      tokens,
      proofs,
      issue,
      claims: kit.claims,
      grace: settings.grace,
    },
    boundOnly: dpop === "required",
    isOf: (record: SessionRecord, family: string) => record.secretHash === hashOf(family),
  }

  return {
    unfit,
    refresh: (token, context) => refresh(parts, token, context),
    sessions: {
      maxAge: beside.maxAge,
      ...{ begin, open, read, resume, renew, rotate, list, end, endAll },
    },
  }
}

/** With a word before it, so that no cookie's secret ever has this digest. */
function hashOf(family: string): string {
  return sha256(`refresh-family\0${family}`)
}

function isOver({ absoluteExpiresAt, expiresAt }: SessionRecord, now: EpochMs): boolean {
  return now >= Math.min(expiresAt, absoluteExpiresAt)
}
