import type { Clock } from "../../clock.js"
import type { PasswordHasher, PasswordVerifier } from "../../hashing/hasher.js"
import type { Credential, CredentialStore } from "../../stores/ports.js"

/** The stored side of a password: one credential per user, its hash in PHC form. */
export interface StoredPasswords {
  /** The user's password, or undefined: no such user, or one who signs in otherwise. */
  find(userId: string): Promise<Credential | undefined>
  /**
   * Whether the password matches, by computing exactly one hash in every case: of what is stored, or of a decoy if there is nothing, or
   * nothing that this host can read. So no answer is quicker than another.
   */
  verify(stored: Credential | undefined, password: string): Promise<boolean>
  /** Whether a stored hash should be made anew while the password is at hand. */
  outdated(stored: Credential): boolean
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
  async function verify(stored: Credential | undefined, password: string): Promise<boolean> {
    if (stored && hasher.reads(stored.secret)) return hasher.verify(stored.secret, password)
    const verifier = stored && verifiers.find((one) => one.reads(stored.secret))
    if (verifier) return hasher.run(() => verifier.verify(stored.secret, password))
    await hasher.verify(hasher.decoy(), password)
    return false
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
    outdated: (stored) => hasher.outdated(stored.secret),
    insert,
    replace,
  }
}
