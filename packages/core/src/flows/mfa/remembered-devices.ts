import { randomText, sha256 } from "#primitives"
import { isDigestOf } from "../../crypto/secret-ring.js"
import type { SignInTicket } from "../../sessions/session.js"
import type { Credential } from "../../stores/ports.js"
import type { FlowKit } from "../flow.js"

/**
 * Browsers that are not asked for a second factor again. What one holds says so by a keyed digest, nothing is stored: it is for this user and realm,
 * until then, and only while the user's session epoch and their credentials are as they were. So everything that ends all sessions, and
 * every change of password, factors or identities, forgets all browsers.
 */
export interface RememberedDevices {
  /** `nonce.end.digest`, none of which a cookie would have to quote. */
  remember(ticket: SignInTicket, held: readonly Credential[]): string
  isOf(device: string | undefined, ticket: SignInTicket, held: readonly Credential[]): boolean
}

export function rememberedDevices(
  { clock, realm, secrets }: Pick<FlowKit<never>, "clock" | "realm" | "secrets">,
  lifetimeMs: number,
): RememberedDevices {
  function textOf(nonce: string, end: string, { epoch, userId }: SignInTicket, held: readonly Credential[]) {
    return JSON.stringify([realm, userId, epoch, stateOf(held), nonce, end])
  }
  return {
    remember(ticket, held) {
      const nonce = randomText(22)
      const end = `${clock() + lifetimeMs}`
      return `${nonce}.${end}.${secrets.digests("remembered-device", textOf(nonce, end, ticket, held))[0]}`
    },
    isOf(device = "", ticket, held) {
      const [nonce = "", end = "", digest = "", ...more] = device.length > 256 ? [] : device.split(".")
      if (lifetimeMs === 0 || more.length > 0 || !(clock() < Number(end))) return false
      return isDigestOf(secrets, "remembered-device", textOf(nonce, end, ticket, held), digest)
    },
  }
}

/** When what was last set. What is merely used (a counter, a recovery code that is gone) changes nothing; providers touch theirs at every sign-in. */
function stateOf(held: readonly Credential[]): string {
  const lines = held
    .filter(({ kind }) => kind === "password" || kind === "totp" || kind === "phone")
    .map(({ changedAt, handle, kind, secret }) => JSON.stringify([kind, handle, changedAt, sha256(secret)]))
  return sha256(lines.sort().join("\n"))
}
