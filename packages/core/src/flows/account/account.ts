import type { Awaitable } from "../../awaitable.js"
import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { Outcome } from "../../outcome.js"
import type { Json, Stores, User } from "../../stores/ports.js"
import type { AccountMailer } from "../account-mailer.js"
import type { FlowKit } from "../flow.js"
import { changeWaysIn } from "../ways-in.js"
import {
  type ConsentAnswer,
  type ConsentState,
  consentStates,
  give,
  hasConsent,
  withdraw,
} from "./consents.js"
import { erase, eraseOwn } from "./erase.js"
import { type AccountExport, exportAccount, exportOwn } from "./export.js"
import { finishErasures } from "./finish-erasures.js"

/** The slots that export and erasure take. Audit, consents and sessions are looked at where the host has them. */
export type AccountSlots = "users" | "credentials" | "challenges"

/** What a host keeps of a user outside of the library: its articles, orders, settings. */
export interface AccountPart<U extends User = User> {
  /** All of it, for its owner, without secrets; `null` if there is nothing. */
  export(user: U): Awaitable<Json>
  /**
   * Removes it, or takes the person out of what must stay. Called before the user is deleted, and again if an erasure that broke off is repeated:
   * what is gone is no fault. What it throws stops the erasure there, with the account closed.
   */
  erase(user: U): Awaitable<void>
}

/** Something that a user is asked to agree to. */
export interface ConsentPurpose {
  /** Of the text that is shown, at most 64 characters: `"2026-11"`. With another text comes another version, and everybody is asked anew. */
  readonly version: string
  /** Earlier versions that go on counting, where the new text asks for no more than they did. */
  readonly alsoCounts?: readonly string[]
}

/** The flow with every option decided; `account()` fills the defaults. */
export interface AccountSettings {
  readonly parts: ReadonlyMap<string, AccountPart<never>>
  readonly consents: ReadonlyMap<string, ConsentPurpose>
  /** How long ago a user may have proven who they are, to take their data or to end their account. */
  readonly fresh: Seconds
  /** What of the host's own user is handed out. */
  readonly userJson: (user: never) => Json
  readonly mayErase: (user: never) => Awaitable<boolean>
}

/** The steps of the flow, for the routes and for callers without HTTP. `Purpose` are the host's words for what it asks consent to. */
export interface AccountSteps<Purpose extends string = string> {
  /** Everything that is kept of a user but secrets: for administration. One at a time per user. Refusal: `not_found`. */
  export(userId: string, context?: Context): Promise<Outcome<{ account: AccountExport }>>
  /**
   * The same for the signed-in user (`context.token`), who has proven a short while ago who they are, by their second factor if they have one.
   * Refusals: `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`.
   */
  exportOwn(context: Context): Promise<Outcome<{ account: AccountExport }>>
  /**
   * Removes a user and everything that is kept of them: for administration. One at a time per user; whatever breaks off leaves the account closed,
   * and a second call finishes it. Nothing that was under way brings anything back. Refusal: `not_found`.
   */
  erase(userId: string, context?: Context): Promise<Outcome>
  /**
   * The same for the signed-in user. Refusals: those of {@link AccountSteps.exportOwn}, `forbidden` (the host's `mayErase`), and `not_found` if
   * somebody else was quicker.
   */
  eraseOwn(context: Context): Promise<Outcome>
  /**
   * Takes up the erasures that broke off, as after a crash: for a job that runs now and then. It finds them in the `audit` slot, where the host has
   * one. Answers how many it has finished; rejects where one fails again, after it has tried all.
   */
  finishErasures(): Promise<number>
  /** What the user has agreed to, and what the host asks for: each purpose once. */
  consents(userId: string): Promise<readonly ConsentState[]>
  /** Whether the user agreed, and to a text that still counts. Of a user who is gone: false. */
  hasConsent(userId: string, purpose: Purpose): Promise<boolean>
  /**
   * Notes that the user agrees to the text of this version, which must be the one that the host shows now. Repeated, nothing more is noted.
   * Refusals: `not_found` (no such purpose, or user), `conflict` (the text has changed since it was shown).
   */
  giveConsent(userId: string, answer: ConsentAnswer<Purpose>, context?: Context): Promise<Outcome>
  /**
   * Takes it back. Works for what the host asks for no more as well. Repeated, or never given, nothing is noted. Refusal: `not_found`.
   */
  withdrawConsent(userId: string, purpose: string, context?: Context): Promise<Outcome>
}

/** What the steps share, made once per realm. */
export interface AccountParts
  extends AccountSettings,
    Pick<
      FlowKit<AccountSlots>,
      "clock" | "emit" | "secondFactor" | "realm" | "secrets" | "sessions" | "stores"
    > {
  readonly users: Stores["users"]
  readonly credentials: Stores["credentials"]
  /** Undefined where the host gives no sender. */
  readonly mailTo: AccountMailer | undefined
  /** Exports, erasures, consents and changes of ways in: of one user one at a time, in any process. */
  alone<Result>(userId: string, step: () => Promise<Result>): Promise<Result>
}

/** Builds the steps over the realm's kit. */
export function accountSteps(
  kit: FlowKit<AccountSlots>,
  settings: AccountSettings,
  mailTo: AccountMailer | undefined,
): AccountSteps {
  const { clock, stores } = kit
  const { challenges, credentials, users } = stores
  const parts: AccountParts = {
    ...settings,
    ...kit,
    ...{ credentials, mailTo, users },
    alone: (userId, step) => changeWaysIn({ challenges, clock }, userId, step),
  }
  return {
    export: (userId, context = {}) => exportAccount(parts, userId, context),
    exportOwn: (context) => exportOwn(parts, context),
    erase: (userId, context = {}) => erase(parts, userId, context),
    eraseOwn: (context) => eraseOwn(parts, context),
    finishErasures: () => finishErasures(parts),
    consents: (userId) => consentStates(parts, userId),
    hasConsent: (userId, purpose) => hasConsent(parts, userId, purpose),
    giveConsent: (userId, answer, context = {}) => give(parts, userId, answer, context),
    withdrawConsent: (userId, purpose, context = {}) => withdraw(parts, userId, purpose, context),
  }
}
