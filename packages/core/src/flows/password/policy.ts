import { utf8 } from "../../crypto/utf8.js"
import { misconfigured } from "../../errors.js"
import type { Reason } from "../../outcome.js"
import type { BreachCheck } from "./breach.js"
import { fold, isGuessable } from "./guessable.js"
import { mostCommonPasswords } from "./most-common-passwords.js"

/** The most that is taken, in UTF-8 bytes after normalization. Room for any passphrase, and no way to keep a server busy. */
export const maxPasswordBytes = 1024

/** Why the policy refuses. */
export type PasswordReason = Extract<
  Reason,
  "password_too_short" | "password_too_long" | "password_common" | "password_breached"
>

/** What a host may change about its passwords. */
export interface PasswordPolicyOptions {
  /**
   * Fewest code points, 8 to 128. Default 15, which NIST SP 800-63B-4 §3.1.1.2 asks for where the password is the only factor; 8 is for hosts
   * that ask every user for a second one.
   */
  readonly minLength?: number
  /**
   * What visitors would think of first: the name of the site, of the product, of the company. Parts under three characters are not looked at.
   * With a `minLength` under 15 add `commonPasswords` of `@mortise/core/common-passwords`.
   */
  readonly words?: readonly string[]
  /** Asks a service about known leaks, for example `pwnedPasswords()`. It runs last, and only for what all other rules took. */
  readonly breached?: BreachCheck
}

/** Decides which new passwords are taken. Signing in never asks it. */
export interface PasswordPolicy {
  /**
   * Undefined if the password is taken. There are no rules of composition, and nothing is trimmed. Rejects only if the breach check does
   * (BreachCheckError, answered 503).
   * @param password as {@link normalizePassword} gave it
   * @param about the user's own address, which makes a bad password
   */
  check(password: string, about: { readonly email?: string }): Promise<PasswordReason | undefined>
}

/**
 * The text that is hashed for what was typed: Unicode NFC (as RFC 8265 §4.2 has it), so that keyboards that compose differently agree.
 * Spaces stay, case stays, and so does every other character; only a lone surrogate, which no keyboard types and UTF-8 cannot
 * express, becomes U+FFFD, as every UTF-8 encoder would make it.
 * @returns undefined above {@link maxPasswordBytes}, found out before anything costly is done
 */
export function normalizePassword(typed: string): string | undefined {
  // NFC makes at most 3 UTF-16 units into 2 bytes (U+0390), so four times as many units are too long in any case.
  if (typed.length > 4 * maxPasswordBytes) return undefined
  const text = typed.replace(/\p{Surrogate}/gu, "\u{FFFD}").normalize("NFC")
  return isTooLong(text) ? undefined : text
}

/**
 * Makes the policy.
 * @throws ConfigError `ERR_CONFIG_POLICY` for a minimum out of bounds
 */
export function passwordPolicy(options: PasswordPolicyOptions = {}): PasswordPolicy {
  const { minLength = 15, words = [], breached } = options
  if (!Number.isInteger(minLength) || minLength < 8 || minLength > 128) {
    const write = "8 to 128; 15 without a second factor"
    throw misconfigured("ERR_CONFIG_POLICY", "policy.minLength", minLength, write)
  }
  const common = new Set([...mostCommonPasswords.split(/\s+/), ...words.flatMap(partsOf)].map(fold))

  async function check(
    password: string,
    { email = "" }: { readonly email?: string },
  ): Promise<PasswordReason | undefined> {
    if (isTooLong(password)) return "password_too_long"
    if ([...password].length < minLength) return "password_too_short"
    const own = new Set(partsOf(email).map(fold))
    if (isGuessable(password, minLength, (word) => common.has(word) || own.has(word)))
      return "password_common"
    return breached && (await breached(password)) ? "password_breached" : undefined
  }

  return { check }
}

/** The text itself, its halves around an at-sign, and its words. */
function partsOf(text: string): string[] {
  return [text, ...text.split("@"), ...text.split(/[^\p{L}\p{N}]+/u)]
}

function isTooLong(password: string): boolean {
  return utf8.encode(password).length > maxPasswordBytes
}
