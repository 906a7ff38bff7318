import type { Clock, EpochMs, FoundSession, Seconds, SessionRecord, SessionStore } from "@mortise/core"
import { endOf } from "../session-record.js"
import { isSessionId, type Keys, type ListedSession, ownerOf, present, type Revocation } from "./keys.js"
import { ignoreTooFast, isTooFast, type NamespaceAccess } from "./namespace-access.js"
import { type Revocations, storedRevocation } from "./revocations.js"
import {
  bodyText,
  changed,
  isRenewalOf,
  type StoredSession,
  seenText,
  storedSession,
} from "./stored-session.js"

/** What the session store is built from. */
export interface SessionStoreParts {
  readonly access: NamespaceAccess
  readonly keys: Keys
  readonly revocations: Revocations
  readonly clock: Clock
  readonly staleness: Seconds
}

/** Sessions of a user that are ended together: some 200 calls. */
const endedAtOnce = 50

/** How far apart the clocks of two locations may be. */
const clockTolerance = 10_000

/**
 * Sessions on KV. S is the staleness: what was written and acknowledged by an instant, every location sees S
 * later, and perhaps not before; of two writes to one key the last stays.
 *
 * **Nothing revoked comes back.** What ends a session must not be undone by somebody who has not seen it end.
 * So each kind of change has a key that no other kind writes:
 *   - `session:<id>`, the body: written by `insert`, and by a `replace` that changes more than a renewal does
 *   - `seen:<id>`, what a renewal changes: when it was seen, when it is over
 *   - `ended:<id>`: there or not, and never removed before the session is over in any case
 * A renewal with an old view cannot bring back a secret that was rotated away, and neither it nor a rotation
 * can bring back a session that ended: whoever sees `ended:<id>` looks no further.
 *
 * **No session is missed.** `deleteByUser` (1) writes the revocation, (2) lists the user's index, (3) writes
 * `ended` for every id there. A session of whose entry was acknowledged at I is missed if (2) began before I + S, hence
 * after (1), which is then seen everywhere before I + 2 S. Until then each `find` of the session also reads the
 * user's last revocation and refuses if the session's epoch is older; the first that begins after I + 2 S
 * finds every revocation that can have missed the session, and when there is none, marks it as settled. From
 * then on `find` is one read. `replace` reads the revocation with the rest, always, and writes `ended` itself: should
 * KV take longer than S, the session ends with its next renewal.
 *
 * **insert reads nothing under the session's keys**, not even whether the id is taken: KV keeps the answer
 * "nothing there" like any other, and the session would be unknown at its own location for S. Ids are 128
 * random bits.
 *
 * **Crashes.** In `insert`: an id in the index that leads nowhere. In `deleteByUser`: after (1) what was listed
 * ends with its next renewal at the latest; a repetition ends the rest. After `ended`: values that nobody reads
 * and that end by themselves.
 */
export function sessionStore(parts: SessionStoreParts): SessionStore<never> {
  const { access, keys, revocations, clock, staleness } = parts
  const settlesAfter = 2 * staleness * 1000 + clockTolerance

  async function epoch(userId: string): Promise<number> {
    return (await revocations.last(await ownerOf(userId)))?.epoch ?? 0
  }

  async function insert(record: SessionRecord): Promise<boolean> {
    if (!isSessionId(record.id)) throw new TypeError("A session's id is 22 characters of base64url.")
    const draft = { record, listedAt: clock(), settled: false, retired: [] }
    bodyText(draft)
    const owner = await ownerOf(record.userId)
    // Older is what counts: a location may well see less than the one where the sign-in began.
    if (((await revocations.last(owner))?.epoch ?? 0) > record.epoch) return false
    await access.write(keys.listed(owner, listing(record)), present, record.absoluteExpiresAt)
    const body = bodyText({ ...draft, listedAt: clock() })
    await access.write(keys.body(record.id), body, record.absoluteExpiresAt)
    return true
  }

  async function find(id: string): Promise<FoundSession<never> | undefined> {
    const startedAt = clock()
    const [stored] = isSessionId(id) ? await readAll([id]) : []
    if (stored === undefined || !isLive(stored)) return undefined
    const { record } = stored
    if (!stored.settled) {
      const owner = await ownerOf(record.userId)
      const latest = await revocations.last(owner)
      if (!(await revocations.spares(owner, latest, record))) return undefined
      if (isOldEnough(stored, startedAt)) {
        // What it was opened under is seen everywhere by now. A lower one was written over it, by a later revocation whose clock is behind.
        if ((latest?.epoch ?? 0) < record.epoch) return undefined
        await settle(stored)
      }
    }
    return { record, user: undefined }
  }

  async function replace(record: SessionRecord, expectedRevision: number): Promise<boolean> {
    const startedAt = clock()
    const owner = await ownerOf(record.userId)
    const { stored, latest } = await readWithRevocation(record.id, owner)
    if (stored === undefined || !isLive(stored) || stored.record.revision !== expectedRevision) return false
    assertSameSession(stored.record, record)
    if (!(await revocations.spares(owner, latest, stored.record))) {
      const { id, until } = listing(stored.record)
      await access.write(keys.ended(id), present, until).catch(ignoreTooFast)
      return false
    }
    const settled = stored.settled || isOldEnough(stored, startedAt)
    const next = changed({ ...stored, settled }, record)
    if (next === undefined) return false
    if (isRenewalOf(stored.record, record)) return writeRenewal(next)
    await access.write(keys.body(record.id), bodyText(next), record.absoluteExpiresAt)
    return true
  }

  async function remove(id: string): Promise<boolean> {
    const [stored] = isSessionId(id) ? await readAll([id]) : []
    if (stored === undefined || !isLive(stored)) return false
    const listed = listing(stored.record)
    await writeEnd(listed)
    await forget(await ownerOf(stored.record.userId), [listed])
    return true
  }

  async function listByUser(userId: string): Promise<readonly SessionRecord[]> {
    const owner = await ownerOf(userId)
    const latest = await revocations.last(owner)
    const records = await standing(owner, latest, await listedOf(owner))
    return records.sort((one, other) => other.createdAt - one.createdAt)
  }

  async function deleteByUser(userId: string, exceptId = ""): Promise<readonly string[]> {
    const owner = await ownerOf(userId)
    const before = await revocations.last(owner)
    await revocations.add(owner, isSessionId(exceptId) ? exceptId : "")
    const listed = (await listedOf(owner)).filter(({ id }) => id !== exceptId)
    const ended: string[] = []
    // A Worker may make so many calls per request and no more: what is done of a slice stays done, and a repetition goes on from there.
    for (let at = 0; at < listed.length; at += endedAtOnce) {
      const slice = listed.slice(at, at + endedAtOnce)
      for (const { id } of await standing(owner, before, slice)) ended.push(id)
      // Also of those that cannot be seen from here yet.
      await Promise.all(slice.map(writeEnd))
      await forget(owner, slice)
    }
    return ended
  }

  /** What there is under these ids, undefined where a session is unknown here or has ended. */
  async function readAll(ids: readonly string[]): Promise<readonly (StoredSession | undefined)[]> {
    const texts = await access.read(ids.flatMap((id) => [keys.body(id), keys.seen(id), keys.ended(id)]))
    return ids.map((id, index) => {
      const [body, seen, ended] = texts.slice(index * 3, index * 3 + 3)
      return ended !== undefined || body === undefined ? undefined : storedSession(id, { body, seen })
    })
  }

  async function readWithRevocation(
    id: string,
    owner: string,
  ): Promise<{ stored: StoredSession | undefined; latest: Revocation | undefined }> {
    if (!isSessionId(id)) return { stored: undefined, latest: undefined }
    const names = [keys.body(id), keys.seen(id), keys.ended(id), keys.lastRevocation(owner)]
    const [body, seen, ended, revocation] = await access.read(names)
    const there = ended === undefined && body !== undefined
    return {
      stored: there ? storedSession(id, { body, seen }) : undefined,
      latest: revocation === undefined ? undefined : storedRevocation(revocation),
    }
  }

  async function listedOf(owner: string): Promise<readonly ListedSession[]> {
    return (await access.names(keys.listedOf(owner))).map(keys.readListed)
  }

  /** Those of the listed sessions that are live, as far as can be seen from here. */
  async function standing(
    owner: string,
    latest: Revocation | undefined,
    listed: readonly ListedSession[],
  ): Promise<SessionRecord[]> {
    const live: SessionRecord[] = []
    for (const stored of await readAll(listed.map(({ id }) => id))) {
      if (stored === undefined || !isLive(stored)) continue
      const { record } = stored
      if (stored.settled || (await revocations.spares(owner, latest, record))) live.push(record)
    }
    return live
  }

  /**
   * Renewals meet: of a browser's parallel requests each renews. KV refuses the second within a second, which
   * is no fault but means what `false` means, that somebody else has written.
   */
  async function writeRenewal(stored: StoredSession): Promise<boolean> {
    try {
      await access.write(keys.seen(stored.record.id), seenText(stored), stored.record.absoluteExpiresAt)
      return true
    } catch (error) {
      if (isTooFast(error)) return false
      throw error
    }
  }

  /**
   * Remembers that the session is settled. Not if a renewal is due, which follows at once, remembers it too and
   * could not be written within the same second. If it cannot be written, the next `find` looks again.
   */
  async function settle(stored: StoredSession): Promise<void> {
    const { lastSeenAt, expiresAt } = stored.record
    if (clock() - lastSeenAt >= (expiresAt - lastSeenAt) / 10) return
    await writeRenewal({ ...stored, settled: true }).catch(() => false)
  }

  async function writeEnd({ id, until }: ListedSession): Promise<void> {
    await access.insist(keys.ended(id), present, until)
  }

  async function forget(owner: string, listed: readonly ListedSession[]): Promise<void> {
    await access.tidy(
      listed.flatMap((session) => [
        keys.body(session.id),
        keys.seen(session.id),
        keys.listed(owner, session),
      ]),
    )
  }

  function isOldEnough({ listedAt }: StoredSession, at: EpochMs): boolean {
    return at - listedAt >= settlesAfter
  }

  function isLive({ record }: StoredSession): boolean {
    return clock() < endOf(record)
  }

  return { staleness, epoch, insert, find, replace, delete: remove, listByUser, deleteByUser }
}

function listing({ id, absoluteExpiresAt }: SessionRecord): ListedSession {
  return { id, until: absoluteExpiresAt }
}

/** What says that a session has ended is kept until its absolute end, so that must never move. */
function assertSameSession(stored: SessionRecord, next: SessionRecord): void {
  if (stored.userId === next.userId && stored.absoluteExpiresAt === next.absoluteExpiresAt) return
  throw new TypeError("replace: a session's user and its absolute end never change.")
}
