import { sha256 } from "#primitives"
import type { Clock, EpochMs } from "../../clock.js"
import type { Credential, CredentialStore } from "../../stores/ports.js"
import type { TokenKeeper } from "./kept-tokens.js"
import { emailOf } from "./profile-email.js"
import type { ProvenIdentity } from "./provider.js"

/** An identity as its owner may see it. */
export interface IdentityView {
  /** Names it in `unlink`; says nothing of issuer and subject. */
  readonly id: string
  readonly provider: string
  /** The address that the provider named at the latest sign-in, or "". */
  readonly email: string
  readonly linkedAt: EpochMs
}

/** What is kept of an identity beside its handle. */
export interface Kept {
  readonly provider: string
  readonly email: string
  /** Sealed; absent where the host does not keep tokens. */
  readonly tokens?: string | undefined
}

/**
 * Identities: credentials of the kind `identity`, whose handle is `issuer|subject`. Never an e-mail address: those are given up, taken over
 * and reassigned.
 */
export interface Identities {
  find(identity: Pick<ProvenIdentity, "issuer" | "subject">): Promise<Credential | undefined>
  /**
   * `"taken"` if somebody, be it the same user, has it already: of parallel callers one gets `"inserted"`. With `stillMay` it is reserved first and
   * opens nothing; only if that answers true does it count, else it is `"withdrawn"`. Whatever breaks off in between leaves a reservation,
   * which nobody finds and which makes room after a minute.
   */
  insert(
    userId: string,
    provider: string,
    identity: ProvenIdentity,
    stillMay?: () => Promise<boolean>,
  ): Promise<"inserted" | "taken" | "withdrawn">
  /** Notes address and tokens of the latest sign-in. Loses silently against a parallel one. */
  touch(credential: Credential, provider: string, identity: ProvenIdentity): Promise<void>
  remove(credential: Credential): Promise<boolean>
  listByUser(userId: string): Promise<readonly Credential[]>
  view(credential: Credential): IdentityView
  /** False if the identity changed meanwhile, or is gone. */
  replace(credential: Credential, kept: Kept): Promise<boolean>
}

const reserved = ""
/** Longer than the lease under which it is made. */
const reservationMs = 60_000

/** One text for issuer and subject; the issuer is a URL and has no "|" in it. */
export function handleOf({ issuer, subject }: Pick<ProvenIdentity, "issuer" | "subject">): string {
  return `${issuer}|${subject}`
}

/** The same taken apart. */
export function identityOf({ handle }: Credential): Pick<ProvenIdentity, "issuer" | "subject"> {
  const bar = handle.indexOf("|")
  return { issuer: handle.slice(0, bar), subject: handle.slice(bar + 1) }
}

export function identities(
  credentials: CredentialStore,
  clock: Clock,
  keeper: TokenKeeper | undefined,
): Identities {
  async function keptBy(provider: string, identity: ProvenIdentity, earlier?: string): Promise<Kept> {
    const email = emailOf(identity.profile) ?? ""
    return { provider, email, tokens: await keeper?.sealed(identity, earlier) }
  }

  function replace(credential: Credential, kept: Kept): Promise<boolean> {
    const { revision } = credential
    return credentials.replace(
      { ...credential, secret: JSON.stringify(kept), revision: revision + 1, changedAt: clock() },
      revision,
    )
  }

  async function makeRoom(handle: string): Promise<boolean> {
    const there = await credentials.find("identity", handle)
    const abandoned = there && !counts(there) && there.createdAt + reservationMs < clock()
    return abandoned ? credentials.delete("identity", handle) : false
  }

  return {
    async find(identity) {
      const found = await credentials.find("identity", handleOf(identity))
      return found && counts(found) ? found : undefined
    },
    async insert(userId, provider, identity, stillMay) {
      const now = clock()
      const handle = handleOf(identity)
      const kept = await keptBy(provider, identity)
      const credential: Credential = {
        kind: "identity",
        handle,
        userId,
        secret: stillMay ? reserved : JSON.stringify(kept),
        // Only who made a reservation can make it count.
        revision: stillMay ? (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 1 : 0,
        createdAt: now,
        changedAt: now,
      }
      const inserted =
        (await credentials.insert(credential)) ||
        ((await makeRoom(handle)) && (await credentials.insert(credential)))
      if (!inserted) return "taken"
      if (!stillMay) return "inserted"
      if (await stillMay()) return (await replace(credential, kept)) ? "inserted" : "withdrawn"
      await credentials.delete("identity", handle)
      return "withdrawn"
    },
    async touch(credential, provider, identity) {
      if (!keeper && keptOf(credential).email === (emailOf(identity.profile) ?? "")) return
      await replace(credential, await keptBy(provider, identity, keptOf(credential).tokens))
    },
    remove: ({ handle }) => credentials.delete("identity", handle),
    async listByUser(userId) {
      const all = await credentials.listByUser(userId)
      return all.filter((one) => one.kind === "identity" && counts(one))
    },
    view(credential) {
      const { email, provider } = keptOf(credential)
      return { id: sha256(credential.handle), provider, email, linkedAt: credential.createdAt }
    },
    replace,
  }
}

/** Whether it opens something, which a mere reservation does not. */
export function counts({ secret }: Credential): boolean {
  return secret !== reserved
}

/** What is kept of it. */
export function keptOf({ secret }: Credential): Kept {
  return JSON.parse(secret) as Kept
}
