import type { EpochMs } from "../clock.js"

/** What a sign-in mail says. Link and code are bearer secrets: they belong in the mail, and in no log. */
export interface MagicLinkMail<L extends string = string, M = unknown> {
  /** The canonical address (`canonicalEmail`): no list, no name, no control character. */
  readonly to: string
  /** The link, on the host's own origin. */
  readonly url: string
  /** Six to eight digits for another device, where the host wants codes. */
  readonly code: string | undefined
  /** The language of the page on which the link was asked for. */
  readonly locale: L
  readonly expiresAt: EpochMs
  /** The host's own, as it was given when the link was asked for. JSON. */
  readonly metadata: M
}

/**
 * Hands a mail over; a host may write its own. Called off the response path, once per mail, several at a time. What it resolves
 * with is not looked at; a rejection means that nobody knows of a mail that left.
 */
export interface SendMagicLink<L extends string = string, M = unknown> {
  (mail: MagicLinkMail<L, M>): Promise<unknown>
  /** The locales that it has words for. A flow that offers another is refused at construction. Absent: it takes every one. */
  readonly locales?: readonly string[]
}
