import type { Awaitable } from "../awaitable.js"
import type { Clock, EpochMs, Seconds } from "../clock.js"
import type { Context } from "../context.js"
import type { SecretRing } from "../crypto/secret-ring.js"
import type { EventBody, SessionEnd } from "../events.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { Outcome } from "../outcome.js"
import type { Json, SessionRecord, SlotName, Stores, User } from "../stores/ports.js"

/** What every session carries of its user, where nobody said more exactly: JSON by name. */
export type Claims = { readonly [name: string]: Json }

/** Claims as a host types them must be this: an object that JSON can carry, be it an interface or a type. */
export type JsonObject<C> = { readonly [Name in keyof C]: Json }

/** A session as its owner may see it: in device lists and JSON answers. Nothing in it lets anybody in. */
export interface SessionView {
  readonly id: string
  readonly createdAt: EpochMs
  readonly authenticatedAt: EpochMs
  readonly lastSeenAt: EpochMs
  /** Over at this instant unless it is used before. */
  readonly expiresAt: EpochMs
  /** Over at this instant in any case. */
  readonly absoluteExpiresAt: EpochMs
  /** RFC 8176 names of how the user signed in. */
  readonly methods: readonly string[]
  readonly address: string
  readonly userAgent: string
}

/** The authenticated user of a request. Exists only after token, expiry, realm and account status were checked. */
export interface Principal<C extends object = Claims> {
  readonly userId: string
  readonly realm: string
  readonly claims: C
  readonly session: SessionView
}

/** Who a request comes from, and what its answer must carry. */
export interface Resumed<C extends object = Claims> {
  readonly principal: Principal<C>
  /** The token to put in the place of the one that was presented; undefined where that one goes on. */
  readonly token?: string
}

/** What a client that keeps its tokens itself gets instead of a cookie, under the names of RFC 6749 §5.1. */
export interface IssuedTokens {
  readonly access_token: string
  /** How the access token is presented: as it is (RFC 6750), or with a proof of its key (RFC 9449). */
  readonly token_type: "Bearer" | "DPoP"
  /** Seconds that the access token lives. */
  readonly expires_in: Seconds
  readonly refresh_token: string
}

/** A session just opened, renewed or rotated, with its token: the only moment at which the token exists outside the browser. */
export interface OpenedSession<C extends object = Claims> {
  readonly principal: Principal<C>
  readonly token: string
  /** Where the client asked to keep them itself: then no cookie is set. */
  readonly issued?: IssuedTokens
}

/** What a sign-in holds from before the credential check until the session opens: if everything is revoked in between, opening fails. */
export interface SignInTicket {
  readonly userId: string
  readonly epoch: number
}

/** One realm's sessions, behind the realm's rule: whom that refuses has none here, whatever the stores say. */
export interface Sessions<C extends object = Claims> extends Omit<BareSessions<C>, "open" | "forget"> {
  /**
   * Opens a session for a user who has proven who they are, ending the one whose token came with the request: the one way in, for every flow.
   * Refusals: `mfa_required` (with `next`: everything was right, and a second factor is missing), `forbidden` (the realm's rule) and `conflict`
   * (the user's sessions were revoked, or the user disabled, since `begin`).
   */
  open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<Outcome<{ session: OpenedSession<C> }>>
}

/** Sessions as a strategy (`opaque()`, `jwt()`) implements them over the slots that it needs, before any rule is asked. */
export interface BareSessions<C extends object = Claims> {
  /** The longest that a token lives without being renewed, in seconds: the cookie's Max-Age. */
  readonly maxAge: Seconds
  /** Step before any credential is looked at. One store read, also for unknown users. */
  begin(userId: string): Promise<SignInTicket>
  /**
   * Opens a session for a user who has proven who they are, ending the one whose token came with the request. Undefined if the user's
   * sessions were revoked, or the user disabled, since `begin`.
   */
  open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<OpenedSession<C> | undefined>
  /**
   * Who this token stands for; undefined for none, and for one that is malformed, unknown, expired, revoked or of another realm. One store
   * read at most. `request` is what the token came with, for strategies that look at more than the cookie.
   */
  read(token: string | undefined, request?: GuardedRequest): Awaitable<Principal<C> | undefined>
  /** The same for a request whose answer can carry a cookie: a token in its grace period comes back with its successor. */
  resume(token: string | undefined, request?: GuardedRequest): Awaitable<Resumed<C> | undefined>
  /** Moves the idle limit of a live session on, as a client asks for while its user is active. Undefined if the session has ended. */
  renew(token: string | undefined, context: Context): Promise<OpenedSession<C> | undefined>
  /**
   * A new token for a live session; the old token is dead in the same step. Undefined if the session has ended or just rotated elsewhere. With
   * `proven`, the methods by which its user has just proven again who they are, it is fresh from now on and carries them (step-up).
   */
  rotate(
    token: string | undefined,
    context: Context,
    proven?: readonly string[],
  ): Promise<OpenedSession<C> | undefined>
  /** The user's live sessions of this realm, newest first. */
  list(userId: string): Promise<readonly SessionView[]>
  /** Ends one session, if it is this user's. False if it is not there, or somebody else's. */
  end(userId: string, sessionId: string, cause: SessionEnd, context: Context): Promise<boolean>
  /** Ends all sessions of the user in every realm, but `exceptId`, and every sign-in under way. Answers how many ended. */
  endAll(userId: string, cause: SessionEnd, context: Context, exceptId?: string): Promise<number>
  /** Drops answers that are kept: somebody else has ended sessions of this store. */
  forget?(): void
}

/** What a strategy gets from `createAuth`. */
export interface SessionKit<Slots extends SlotName, C extends object> {
  readonly realm: string
  /** The host's own origin. */
  readonly origin: string
  readonly clock: Clock
  readonly stores: Pick<Stores, Slots>
  readonly secrets: SecretRing
  readonly claims: (user: User) => C
  readonly emit: (context: Context, event: EventBody) => Promise<void>
}

/** The owner's view of a stored session. */
export function viewOf({
  id,
  createdAt,
  authenticatedAt,
  lastSeenAt,
  expiresAt,
  absoluteExpiresAt,
  methods,
  address,
  userAgent,
}: SessionRecord): SessionView {
  return {
    id,
    createdAt,
    authenticatedAt,
    lastSeenAt,
    expiresAt,
    absoluteExpiresAt,
    methods,
    address,
    userAgent,
  }
}
