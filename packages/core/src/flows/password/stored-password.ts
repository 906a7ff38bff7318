import type { Clock } from "../../clock.js"
import type { PasswordHasher, PasswordVerifier, RatedHash } from "../../hashing/hasher.js"
import type { Credential, CredentialStore } from "../../stores/ports.js"

/** The stored side of a password: one credential per user, its hash in PHC form. */
export interface StoredPasswords {
  /** The user's password, or undefined: no such user, or one who signs in otherwise. */
  find(userId: string): Promise<Credential | undefined>
  /**
   * The stored hash, if the password matches it; one that is outdated should be made anew while the password is at hand. Computes exactly
   * one hash in every case: of what is stored, or of a decoy if there is nothing, nothing that this host can read, or no password to compare
   * (too long, or no try left). So no answer is quicker than another.
   */
  verify(stored: Credential | undefined, password: string | undefined): Promise<RatedHash | undefined>
  /** Hashes and stores the first password of a user. False if there is one already. */
  insert(userId: string, secret: string): Promise<boolean>
  /** Stores a new hash in place of what was read; false if somebody else was quicker. `changed` tells a new password from a new hash of the same. */
  replace(stored: Credential, secret: string, why: "changed" | "rehashed"): Promise<boolean>
}

export function storedPasswords(
  credentials: CredentialStore,
  clock: Clock,
  hasher: PasswordHasher,
  verifiers: readonly PasswordVerifier[],
): StoredPasswords {
  // Made once, and not before it is needed: a Worker has no randomness while it starts.
  let decoy: string | undefined

  async function verify(stored?: Credential, password?: string): Promise<RatedHash | undefined> {
    const known =
      password !== undefined && stored && (hasher.read(stored.secret) ?? readForeign(stored.secret))
    decoy ??= hasher.decoy()
    const matches = await (known || hasher.read(decoy))?.verify(password ?? "")
    return (matches && known) || undefined
  }

  // A foreign hash waits in the hasher's queue all the same, and is always outdated.
  function readForeign(secret: string): RatedHash | undefined {
    for (const verifier of verifiers) {
      const foreign = verifier.read(secret)
      if (foreign) return { outdated: true, verify: (password) => hasher.run(() => foreign.verify(password)) }
    }
    return undefined
  }

  function insert(userId: string, secret: string): Promise<boolean> {
    const now = clock()
    return credentials.insert({
      kind: "password",
      handle: userId,
      userId,
      secret,
      revision: 0,
      createdAt: now,
      changedAt: now,
    })
  }

  function replace(stored: Credential, secret: string, why: "changed" | "rehashed"): Promise<boolean> {
    const changedAt = why === "changed" ? clock() : stored.changedAt
    return credentials.replace(
      { ...stored, secret, revision: stored.revision + 1, changedAt },
      stored.revision,
    )
  }

  return {
    find: (userId) => credentials.find("password", userId),
    verify,
    insert,
    replace,
  }
}
