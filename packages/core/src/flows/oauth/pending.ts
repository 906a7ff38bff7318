import { sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import { openOnce, sealOnce } from "../../crypto/seal-once.js"
import type { AtomicStore, User } from "../../stores/ports.js"
import { isVerified } from "../verified.js"
import type { SingleUse } from "../ways-in.js"
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
  /** Whoever has used it up may do what was found. */
  singleUse(secret: string | undefined): SingleUse
  view(pending: Pending, user: User | undefined): PendingView
}

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

  /** Sealed under the secret that only the browser has: no dump of the store tells who waits here, and with what address. */
  async function restored(secret: string, text: string | undefined): Promise<Pending | undefined> {
    const opened = text === undefined ? undefined : await openOnce(text, secret)
    if (opened === undefined) return undefined
    const { identity, ...pending } = JSON.parse(opened) as Kept
    const tokens = await keeper?.open(identity.tokens, handleOf(identity))
    return { ...pending, identity: { ...identity, tokens } }
  }

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
    find: async (secret) => (isSecret(secret) ? restored(secret, await store.get(keyOf(secret))) : undefined),
    singleUse: (secret) => ({
      isUsed: async () => !isSecret(secret) || (await store.get(keyOf(secret))) === undefined,
      take: async () => isSecret(secret) && (await store.take(keyOf(secret))) !== undefined,
    }),
    view: ({ email, provider }, user) => ({
      provider,
      email,
      claimable: user?.disabledAt === null && !isVerified(user),
    }),
  }
}
