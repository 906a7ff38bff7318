import type { Awaitable } from "../../awaitable.js"
import type { EpochMs } from "../../clock.js"
import type { Context } from "../../context.js"
import type { SessionEnd } from "../../events.js"
import type { Json, User } from "../../stores/ports.js"
import type { BareSessions, SessionView, SignInTicket } from "../session.js"
import type { TokenClaims } from "./token.js"

/** A session as a token is made of it. */
export interface Held<C extends object> {
  readonly userId: string
  readonly sessionId: string
  readonly claims: C
  readonly methods: readonly string[]
  readonly createdAt: EpochMs
  readonly authenticatedAt: EpochMs
  /** When the token that says so was, or is to be, made. */
  readonly issuedAt: EpochMs
  readonly absoluteExpiresAt: EpochMs
  readonly address: string
  readonly userAgent: string
  /** What the token says for {@link Standing.holds} alone. */
  readonly mark: Readonly<Record<string, Json>>
}

/** A session that goes on. */
export interface Prolonged<C extends object> {
  readonly held: Held<C>
  /** False where somebody else was quicker, and this call has made nothing. */
  readonly here: boolean
}

/** Whether what a token says still stands: the part of `jwt()` that the three ways of revoking do differently. */
export interface Standing<C extends object> {
  begin(userId: string): Promise<SignInTicket>
  /** Undefined if everything was revoked, or the user disabled, since `begin`. */
  admit(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<Held<C> | undefined>
  /** Undefined once the session has ended, as late as the host accepts. */
  holds(token: TokenClaims): Awaitable<Held<C> | undefined>
  /**
   * Goes on from now, with what the user's record says now; undefined if the session has ended, or the user is disabled or gone. Where
   * somebody has prolonged it after `unlessSince`, what they made of it stands.
   */
  prolong(token: TokenClaims, unlessSince: EpochMs): Promise<Prolonged<C> | undefined>
  /** The same, and the tokens made before are dead, where somebody can know. `proven` as of {@link BareSessions.rotate}. */
  rotate(token: TokenClaims, proven?: readonly string[]): Promise<Held<C> | undefined>
  /** Ends the session that another one replaces in the same browser, where one can be ended alone. */
  replace(held: Held<C>, context: Context): Promise<void>
  list(userId: string): Promise<readonly SessionView[]>
  end(userId: string, sessionId: string, cause: SessionEnd, context: Context): Promise<boolean>
  /** See {@link Sessions.forget}. */
  forget?(): void
  endAll(userId: string, cause: SessionEnd, context: Context, exceptId?: string): Promise<number>
}
