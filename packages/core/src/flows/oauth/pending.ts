import { sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import { openOnce, sealOnce } from "../../crypto/seal-once.js"
import type { AtomicStore, User } from "../../stores/ports.js"
import { isVerified } from "../verified.js"
import { handleOf } from "./identities.js"
import type { TokenKeeper } from "./kept-tokens.js"
import type { ProvenIdentity } from "./provider.js"
import { attemptLifetimeMs, isSecret, newSecret } from "./transaction.js"

/** An identity whose address belongs to an account, waiting for that account's owner. */
export interface Pending {
  readonly provider: string
  readonly identity: ProvenIdentity
  /** Canonical, and verified by the provider. */
  readonly email: string
  /** The account's user. */
  readonly userId: string
  readonly returnTo: string | undefined
}

/** What the owner is shown. */
export interface PendingView {
  readonly provider: string
  readonly email: string
  /** Whether nobody ever verified the account's address, so that it can be claimed instead of proven. */
  readonly claimable: boolean
}

/** Identities that wait, for ten minutes, each for whoever holds its secret. */
export interface PendingIdentities {
  /** Answers the secret: new, so that nobody who used this browser before can know it. */
  keep(pending: Pending): Promise<string>
  find(secret: string | undefined): Promise<Pending | undefined>
  /** Uses it up: true for exactly one of N parallel callers, who may do what was found. */
  take(secret: string | undefined): Promise<boolean>
  view(pending: Pending, user: User | undefined): PendingView
}

/** Sealed under the secret that only the browser has: no dump of the store tells who waits here, and with what address. */
interface Kept extends Omit<Pending, "identity"> {
  readonly identity: Omit<ProvenIdentity, "tokens"> & {
    /** Sealed; absent where the host does not keep tokens. */
    readonly tokens: string | undefined
  }
}

export function pendingIdentities(
  store: AtomicStore,
  clock: Clock,
  realm: string,
  keeper: TokenKeeper | undefined,
): PendingIdentities {
  const keyOf = (secret: string): string => `oauth-pending:${realm}:${sha256(secret)}`

  return {
    async keep({ identity, ...pending }) {
      const secret = newSecret()
      const tokens = await keeper?.sealed(identity)
      // Of the profile only what a link looks at.
      const profile = { email: pending.email, emailVerified: identity.profile.emailVerified }
      const kept: Kept = { ...pending, identity: { ...identity, profile, tokens } }
      const sealed = await sealOnce(JSON.stringify(kept), secret)
      await store.set(keyOf(secret), sealed, clock() + attemptLifetimeMs)
      return secret
    },
    async find(secret) {
      if (!isSecret(secret)) return undefined
      const sealed = await store.get(keyOf(secret))
      const opened = sealed && (await openOnce(sealed, secret))
      if (!opened) return undefined
      const { identity, ...pending } = JSON.parse(opened) as Kept
      const tokens = await keeper?.open(identity.tokens, handleOf(identity))
      return { ...pending, identity: { ...identity, tokens } }
    },
    take: async (secret) => isSecret(secret) && (await store.take(keyOf(secret))) !== undefined,
    view: ({ email, provider }, user) => ({
      email,
      provider,
      claimable: user?.disabledAt === null && !isVerified(user),
    }),
  }
}
