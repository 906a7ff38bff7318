import { randomText } from "#primitives"
import type { Clock, EpochMs } from "../../clock.js"
import { decodeBase64url, encodeBase64url } from "../../crypto/base64url.js"
import { equalInConstantTime } from "../../crypto/equal.js"
import type { SecretRing } from "../../crypto/secret-ring.js"
import { utf8 } from "../../crypto/utf8.js"
import type { Json } from "../../stores/ports.js"
import type { MagicLinkSettings } from "./magic-link.js"

/**
 * What a link carries. It is signed, not hidden: whoever reads the mail may read it. Nothing of it is stored, since nobody has confirmed
 * it yet; that it was used is noted under a digest of `id`.
 */
export interface LinkClaims {
  /** 132 random bits, one per attempt: what is used once. Link and code of one mail share it. */
  readonly id: string
  readonly realm: string
  /** The origin that it is good for. */
  readonly audience: string
  /** Canonical. */
  readonly email: string
  readonly locale: string
  readonly expiresAt: EpochMs
  /** Where to go afterwards; checked again before it is followed. */
  readonly returnTo?: string | undefined
  readonly metadata?: Json | undefined
  /** SHA-256 of what the browser holds that asked. */
  readonly browser: string
  /** Keyed digest of who had the address, and of their session epoch: whatever ends the user, or their sessions, ends the link; and nobody can read off it who has an account. */
  readonly epoch: string
}

/** Claims that were signed by us, and under which secret of the ring: 0 is the newest. */
export type OpenedLink = LinkClaims & { readonly signedBy: number }

/** What a token is good for: a link opened from the mail, or the half of a code that stays in the browser. */
export type LinkPurpose = "magic-link" | "magic-link-code"

/** Makes and reads tokens of one realm. */
export interface LinkTokens {
  /** `payload.mac`: JSON and HMAC-SHA-256 of purpose and payload, both base64url. */
  sign(purpose: LinkPurpose, claims: LinkClaims): string
  /** The claims, or why there are none. Whatever was not signed for this purpose, realm and origin is invalid. */
  open(purpose: LinkPurpose, token: string | undefined): OpenedLink | "link_invalid" | "link_expired"
}

/** A cookie holds one together with its name and what says which browser it is. */
const longestToken = 3900

export function linkTokens(
  secrets: SecretRing,
  clock: Clock,
  { audience, locales, realm }: Pick<LinkClaims, "audience" | "realm"> & Pick<MagicLinkSettings, "locales">,
): LinkTokens {
  return {
    sign(purpose, claims) {
      const payload = encodeBase64url(utf8.encode(JSON.stringify(claims)))
      return `${payload}.${secrets.digests(purpose, payload)[0]}`
    },
    open(purpose, token = "") {
      const [payload = "", mac = "", ...more] = token.length > longestToken ? [] : token.split(".")
      const signedBy = secrets.digests(purpose, payload).findIndex((one) => equalInConstantTime(one, mac))
      if (more.length > 0 || signedBy < 0) return "link_invalid"
      const claims = claimsIn(payload)
      if (claims?.realm !== realm || claims.audience !== audience) return "link_invalid"
      if (clock() >= claims.expiresAt) return "link_expired"
      // The host may have given up a language since.
      const locale = locales.includes(claims.locale) ? claims.locale : locales[0]
      return { ...claims, locale, signedBy }
    },
  }
}

/** The locale that a token speaks of, signed or not: good enough to say in which language it is wrong. */
export function localeIn(token: string | undefined): unknown {
  return claimsIn(token?.slice(0, longestToken).split(".")[0] ?? "")?.locale
}

/** A fresh attempt's id: 22 characters. */
export function newAttemptId(): string {
  return randomText(22)
}

function claimsIn(payload: string): LinkClaims | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(decodeBase64url(payload))) ?? undefined
  } catch {
    return undefined
  }
}
