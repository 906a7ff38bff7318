import { randomText, sha256 } from "#primitives"
import type { Clock, EpochMs } from "../clock.js"
import { decodeBase64url, encodeBase64url } from "../crypto/base64url.js"
import { equalInConstantTime } from "../crypto/equal.js"
import { isDigestOf, type SecretRing } from "../crypto/secret-ring.js"
import { utf8 } from "../crypto/utf8.js"
import type { AtomicStore } from "../stores/ports.js"
import type { FlowKit } from "./flow.js"
import type { SingleUse } from "./ways-in.js"

/** What a link to an account does. One made for one purpose is good for no other. */
export type LinkAction = "verify-email" | "confirm-email" | "undo-email" | "reset-password" | "reactivate"

/** What a link carries: signed, not hidden, and stored nowhere. */
export interface AccountLink {
  /** 132 random bits: what is used once. */
  readonly id: string
  readonly action: LinkAction
  readonly realm: string
  /** The origin that it is good for. */
  readonly audience: string
  readonly userId: string
  /** The address that it is about. */
  readonly email: string
  readonly expiresAt: EpochMs
  /** Keyed digest of what must still hold of the account, see {@link AccountLinks.sign}. */
  readonly state: string
}

/** Makes, reads and uses up links of one realm. */
export interface AccountLinks {
  /**
   * `payload.mac`: JSON and HMAC-SHA-256 of it, both base64url. `state` is whatever must not have changed until the link is used (the session
   * epoch, when the password was set …): it goes in as a digest.
   */
  sign(
    link: Pick<AccountLink, "action" | "userId" | "email">,
    lifetimeMs: number,
    state: readonly (string | number | null)[],
  ): { readonly id: string; readonly token: string; readonly expiresAt: EpochMs }
  /** The link, or why there is none. Whatever was not signed for this action, realm and origin is invalid. */
  open(action: LinkAction, token: string | undefined): AccountLink | "link_invalid" | "link_expired"
  /** Whether what held of the account when the link was made still does. */
  isOf(link: AccountLink, state: readonly (string | number | null)[]): boolean
  /** Uses the link up: true for exactly one of N parallel callers. Nothing in the store tells whose it was. */
  take(link: AccountLink): Promise<boolean>
  /** Whether it was used. */
  isUsed(link: AccountLink): Promise<boolean>
  /** The same two, of one link. */
  singleUse(link: AccountLink): SingleUse
}

const longestToken = 3900

/** That a link was used is remembered so long after its end: a caller whose clock is behind must still find it. */
const graceMs = 3_600_000

export function accountLinks(
  { clock, realm, secrets }: Pick<FlowKit<never>, "clock" | "realm" | "secrets">,
  challenges: AtomicStore,
  audience: string,
): AccountLinks {
  const usedKey = ({ action, id }: AccountLink): string =>
    `account-link-used:${realm}:${action}:${sha256(id)}`

  const links: AccountLinks = {
    sign(link, lifetimeMs, state) {
      const id = randomText(22)
      const expiresAt = clock() + lifetimeMs
      const claims: AccountLink = {
        ...{ id, realm, audience, expiresAt },
        ...link,
        state: secrets.digests("account-link-state", stateText(id, state))[0],
      }
      const payload = encodeBase64url(utf8.encode(JSON.stringify(claims)))
      return { id, token: `${payload}.${secrets.digests("account-link", payload)[0]}`, expiresAt }
    },
    open(action, token) {
      return opened(secrets, clock, { action, realm, audience }, token)
    },
    isOf: (link, state) => isDigestOf(secrets, "account-link-state", stateText(link.id, state), link.state),
    async take(link) {
      return (await challenges.add(usedKey(link), "", link.expiresAt + graceMs)) === true
    },
    async isUsed(link) {
      return (await challenges.get(usedKey(link))) !== undefined
    },
    singleUse: (link) => ({ isUsed: () => links.isUsed(link), take: () => links.take(link) }),
  }
  return links
}

function opened(
  secrets: SecretRing,
  clock: Clock,
  wanted: Pick<AccountLink, "action" | "realm" | "audience">,
  token = "",
): AccountLink | "link_invalid" | "link_expired" {
  const [payload = "", mac = "", ...more] = token.length > longestToken ? [] : token.split(".")
  const signed = secrets.digests("account-link", payload).some((one) => equalInConstantTime(one, mac))
  if (more.length > 0 || !signed) return "link_invalid"
  const link: AccountLink = JSON.parse(new TextDecoder().decode(decodeBase64url(payload)))
  const { action, audience, realm } = wanted
  if (link.action !== action || link.realm !== realm || link.audience !== audience) return "link_invalid"
  return clock() < link.expiresAt ? link : "link_expired"
}

function stateText(id: string, state: readonly (string | number | null)[]): string {
  return JSON.stringify([id, ...state])
}
