import { randomText, sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import { isDigestOf, type SecretRing } from "../../crypto/secret-ring.js"
import type { LinkClaims } from "./link-token.js"

/** Tells the browser that asked for a link from every other. */
export interface AskingBrowsers {
  /**
   * What the browser holds from now on. What it holds already stays while it is young, so that the links of two attempts both take one click; what
   * somebody else has put there long ago, to be taken for this browser, goes.
   */
  secretFor(held: string | undefined): string
  /** Whether this browser asked. */
  isAsker(claims: LinkClaims, held: string | undefined): boolean
}

/** Characters of a secret: 22 random ones, the instant until which it stays, and a digest of both, so that nobody can date it later. */
const secretText = /^([\w-]{22}\.([\da-z]{1,9}))\.([\w-]{43})$/

/** A browser's secret at the start of a cookie's value, and what comes after the next dot. */
export function splitHeld(value: string | undefined): readonly [browser?: string, attempt?: string] {
  const [id, until, digest, ...attempt] = (value ?? "").split(".")
  const browser = `${id}.${until}.${digest}`
  return secretText.test(browser) ? [browser, attempt.join(".")] : []
}

export function askingBrowsers(secrets: SecretRing, clock: Clock, lifetimeMs: number): AskingBrowsers {
  function isYoung(held: string): boolean {
    const [, text = "", until = "", digest = ""] = secretText.exec(held) ?? []
    return clock() < Number.parseInt(until, 36) && isDigestOf(secrets, "magic-link-browser", text, digest)
  }

  return {
    secretFor(held) {
      if (held !== undefined && isYoung(held)) return held
      const text = `${randomText(22)}.${(clock() + lifetimeMs).toString(36)}`
      return `${text}.${secrets.digests("magic-link-browser", text)[0]}`
    },
    isAsker: (claims, held) => held !== undefined && sha256(held) === claims.browser,
  }
}
