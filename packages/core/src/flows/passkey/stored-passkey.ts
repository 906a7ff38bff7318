import type { Clock, EpochMs } from "../../clock.js"
import { StoreError } from "../../errors.js"
import type { Credential, CredentialStore } from "../../stores/ports.js"

/** Whether a passkey signs in by itself, or only proves more after something else has. */
export type PasskeyUse = "sign_in" | "second_factor"

/** What is kept of a passkey beside its id: nothing of it is secret, and nobody can sign with it. */
export interface StoredPasskey {
  /** COSE key, base64url. */
  readonly publicKey: string
  /** The authenticator's count of its uses; 0 where it keeps none, as synced passkeys do. */
  readonly counter: number
  readonly transports: readonly string[]
  /** `multiDevice` can be synced; fixed for good when it is made (WebAuthn §6.1.3). */
  readonly deviceType: "singleDevice" | "multiDevice"
  /** Is synced, as of its latest use. */
  readonly backedUp: boolean
  /** Model of the authenticator, a UUID; unverified, since no attestation is asked. */
  readonly aaguid: string
  readonly name: string
  /** What the authenticator calls the account: see {@link userHandleOf}. */
  readonly userHandle: string
  /** Whether the authenticator has made sure of its user, when it was registered or ever since. */
  readonly userVerified: boolean
  readonly use: PasskeyUse
  readonly lastUsedAt: EpochMs | null
}

/** A passkey as its owner may see it. */
export interface PasskeyView
  extends Pick<StoredPasskey, "name" | "use" | "transports" | "backedUp" | "aaguid" | "lastUsedAt"> {
  /** Its credential id, base64url: what `rename` and `remove` call it, and the browser as well. */
  readonly id: string
  readonly createdAt: EpochMs
}

/** A passkey and the record that holds it. */
export interface HeldPasskey {
  readonly credential: Credential
  readonly stored: StoredPasskey
}

/** What an assertion has shown. */
export interface PasskeyUsed {
  readonly counter: number
  readonly backedUp: boolean
  readonly userVerified: boolean
}

/** Passkeys: credentials of the kind `passkey`, whose handle is the credential id. One belongs to one user, in all realms that share them. */
export interface Passkeys {
  find(id: string): Promise<HeldPasskey | undefined>
  /** Oldest first. */
  listByUser(userId: string): Promise<readonly HeldPasskey[]>
  /**
   * `"taken"` if anybody has it already. It is reserved first and opens nothing; only if `stillMay` answers true then does it count, else it is
   * `"withdrawn"`. Whatever breaks off in between leaves a reservation that nobody finds.
   */
  insert(
    userId: string,
    id: string,
    stored: StoredPasskey,
    stillMay: () => Promise<boolean>,
  ): Promise<"inserted" | "taken" | "withdrawn">
  /**
   * Notes a use by compare and swap. `"copied"` for a counter that did not rise over every other use that was noted: of two parallel ones
   * with the same counter one is (WebAuthn §6.1.1). `"gone"` if it was removed meanwhile.
   */
  noteUse(held: HeldPasskey, used: PasskeyUsed): Promise<"noted" | "copied" | "gone">
  /** False if it is not this user's, or gone. */
  rename(userId: string, id: string, name: string): Promise<boolean>
  remove(held: HeldPasskey): Promise<boolean>
}

const reserved = ""
// A swap fails only when another's succeeded; this bound only keeps a broken store from spinning.
const mostRounds = 200

/** The passkey in a credential; undefined for another kind, and for a mere reservation. */
export function passkeyIn(credential: Credential): HeldPasskey | undefined {
  if (credential.kind !== "passkey" || credential.secret === reserved) return undefined
  return { credential, stored: JSON.parse(credential.secret) as StoredPasskey }
}

/** The owner's view of a passkey. */
export function viewOf({ credential, stored }: HeldPasskey): PasskeyView {
  const { aaguid, backedUp, lastUsedAt, name, transports, use } = stored
  const { createdAt, handle: id } = credential
  return { id, name, use, transports, backedUp, aaguid, createdAt, lastUsedAt }
}

export function passkeysIn(credentials: CredentialStore, clock: Clock): Passkeys {
  async function find(id: string): Promise<HeldPasskey | undefined> {
    const found = await credentials.find("passkey", id)
    return found && passkeyIn(found)
  }

  function write(credential: Credential, stored: StoredPasskey): Promise<boolean> {
    const { revision } = credential
    return credentials.replace(
      { ...credential, secret: JSON.stringify(stored), revision: revision + 1, changedAt: clock() },
      revision,
    )
  }

  /** Changes what is there now; `next` answers a word instead to leave it. */
  async function change<Word extends string>(
    held: HeldPasskey | undefined,
    next: (stored: StoredPasskey) => StoredPasskey | Word,
  ): Promise<"written" | "gone" | Word> {
    let current = held
    for (let round = 0; current; round++) {
      const changed = next(current.stored)
      if (typeof changed === "string") return changed
      if (await write(current.credential, changed)) return "written"
      if (round > mostRounds) throw new StoreError("credentials", new Error("No replacement succeeded."))
      const { handle, userId } = current.credential
      const there = await find(handle)
      current = there?.credential.userId === userId ? there : undefined
    }
    return "gone"
  }

  return {
    find,
    async listByUser(userId) {
      const all = (await credentials.listByUser(userId)).map(passkeyIn).filter((one) => one !== undefined)
      return all.sort((one, other) => one.credential.createdAt - other.credential.createdAt)
    },
    async insert(userId, id, stored, stillMay) {
      const now = clock()
      // Only who made a reservation can make it count.
      const revision = (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 1
      const credential: Credential = {
        kind: "passkey",
        handle: id,
        userId,
        secret: reserved,
        revision,
        createdAt: now,
        changedAt: now,
      }
      if (!(await credentials.insert(credential))) return "taken"
      if (await stillMay()) return (await write(credential, stored)) ? "inserted" : "withdrawn"
      await credentials.delete("passkey", id)
      return "withdrawn"
    },
    async noteUse(held, { backedUp, counter, userVerified }) {
      const noted = await change<"copied">(held, (stored) =>
        counter <= stored.counter && (counter > 0 || stored.counter > 0)
          ? "copied"
          : {
              ...stored,
              counter,
              backedUp,
              userVerified: stored.userVerified || userVerified,
              lastUsedAt: clock(),
            },
      )
      return noted === "written" ? "noted" : noted
    },
    async rename(userId, id, name) {
      const held = await find(id)
      if (held?.credential.userId !== userId) return false
      return (await change(held, (stored) => ({ ...stored, name }))) === "written"
    },
    remove: ({ credential }) => credentials.delete("passkey", credential.handle),
  }
}
