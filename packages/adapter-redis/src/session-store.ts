import type { Clock, FoundSession, SessionRecord, SessionStore } from "@mortise/core"
import type { Keys } from "./keys.js"
import { MalformedDataError } from "./malformed-data-error.js"
import { physicalTtl } from "./physical-ttl.js"
import { integerReply, textReply, textsReply, writtenReply, yesNoReply } from "./replies.js"
import { type SendCommand, scriptCommand } from "./send-command.js"
import { enterScript, epochLifetime, keepScript, replaceScript, revokeScript } from "./session-scripts.js"
import { decodeSession, encodeSession, endOf, pendingSession } from "./session-value.js"

/** What the session store is built from. */
export interface SessionStoreParts {
  readonly send: SendCommand
  readonly keys: Keys
  readonly clock: Clock
}

/**
 * How long an insertion may take from its first command to its last. A crash in between leaves a pending key
 * this long.
 */
const pendingLifetime = 30_000

/**
 * Sessions on Redis. `find` is one GET of a key that derives from the id alone; so on a cluster a session
 * lies in another slot than the list of its user's sessions, and no script can reach both. Why revocation
 * holds all the same:
 *
 * **Invariant.** A live session is listed, at its end or later, in its user's set. Whoever would break it
 * goes second: `insert` lists before the session comes alive, `replace` moves the listed end before the
 * session's own, and an id leaves the set only when its session is gone (an id is random and is never used
 * again) or long over.
 *
 * **insert** against **deleteByUser**, which raises the epoch and reads the list in one script R, then
 * deletes every key it read:
 *   1. SET NX the session's key to "pending", which everybody reads as no session.
 *   2. In the user's slot: if the epoch is still the sign-in's, list the id.
 *   3. SET XX the key to the session: only now is it there, and only if the key still is.
 * If R comes before 2, step 2 sees another epoch and the insertion ends. If R comes after 2, R has read the
 * id, and the key has existed since 1: when it is deleted before 3, step 3 finds no key and the insertion
 * ends; when after 3, the session lived for a moment, until before `deleteByUser` answered. No order of the
 * steps leaves a session behind, and no reader sees one after.
 *
 * **replace** writes only over a key that holds the expected revision, so it revives nothing that was
 * deleted.
 *
 * **Crashes.** After 1 or 2: a pending key that ends by itself, and an id in the list that leads nowhere.
 * After 3: a session whose token nobody holds, listed like any other. In `deleteByUser`: the list is touched
 * last, so a repetition finds the same ids again. In `delete`: an id that leads nowhere. `listByUser` and
 * time remove such ids.
 *
 * **A lost list** (evicted, or not replicated before a failover) breaks the invariant, and `deleteByUser`
 * misses the sessions that it held. They do not outlive it for long: `replace`, which every session in use
 * meets once per tenth of its idle time, looks whether the session is listed. If it is not, the session's
 * epoch decides. The user's own epoch: nothing was revoked, it is listed again. Another: it was revoked (or
 * spared by `exceptId`, then it ends too, since the list that knew that is gone).
 */
export function sessionStore({ send, keys, clock }: SessionStoreParts): SessionStore<never> {
  async function epoch(userId: string): Promise<number> {
    const key = keys.epoch(userId)
    const text = textReply(await send({ key, args: ["GETEX", key, "PX", String(epochLifetime)] }))
    if (text === undefined) return 0
    if (!/^\d+$/.test(text)) throw new MalformedDataError("A session epoch in Redis is not a number.")
    return Number(text)
  }

  async function insert(record: SessionRecord): Promise<boolean> {
    const key = keys.session(record.id)
    const text = encodeSession(record)
    const claim: [string, ...string[]] = ["SET", key, pendingSession, "NX", "PX", String(pendingLifetime)]
    if (!writtenReply(await send({ key, args: claim }))) {
      throw new Error("A session with this id exists already.")
    }
    if (!(await listed(enterScript, record))) {
      await end(record.id)
      return false
    }
    const ttl = physicalTtl(endOf(record), clock())
    return writtenReply(await send({ key, args: ["SET", key, text, "XX", "PX", ttl] }))
  }

  async function find(id: string): Promise<FoundSession<never> | undefined> {
    const record = decoded(textReply(await get(id)), id)
    return record !== undefined && isLive(record) ? { record, user: undefined } : undefined
  }

  async function replace(record: SessionRecord, expectedRevision: number): Promise<boolean> {
    const text = encodeSession(record)
    if (!(await listed(keepScript, record))) {
      await end(record.id)
      return false
    }
    const now = clock()
    const args = [String(expectedRevision), String(now), text, physicalTtl(endOf(record), now)]
    return yesNoReply(await send(scriptCommand(replaceScript, [keys.session(record.id)], args)))
  }

  async function remove(id: string): Promise<boolean> {
    const record = await end(id)
    if (record === undefined) return false
    await unlist(record.userId, [id])
    return isLive(record)
  }

  async function listByUser(userId: string): Promise<readonly SessionRecord[]> {
    const key = keys.sessionsOf(userId)
    const ids = textsReply(await send({ key, args: ["ZRANGE", key, "0", "-1"] }))
    const texts = (await Promise.all(ids.map(get))).map(textReply)
    await unlist(
      userId,
      ids.filter((_, index) => texts[index] === undefined),
    )
    return ids
      .map((id, index) => decoded(texts[index], id))
      .filter((record) => record !== undefined)
      .filter((record) => isLive(record) && record.userId === userId)
      .sort((one, other) => other.createdAt - one.createdAt)
  }

  async function deleteByUser(userId: string, exceptId?: string): Promise<readonly string[]> {
    const reply = await send(scriptCommand(revokeScript, [keys.epoch(userId), keys.sessionsOf(userId)], []))
    const ids = textsReply(reply).filter((id) => id !== exceptId)
    const records = await Promise.all(ids.map(end))
    await unlist(userId, ids)
    return ids.filter((_, index) => {
      const record = records[index]
      return record !== undefined && isLive(record)
    })
  }

  async function listed(script: string, record: SessionRecord): Promise<boolean> {
    const { userId, id } = record
    const args = [String(record.epoch), id, String(endOf(record)), String(clock())]
    return yesNoReply(await send(scriptCommand(script, [keys.epoch(userId), keys.sessionsOf(userId)], args)))
  }

  async function unlist(userId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    const key = keys.sessionsOf(userId)
    integerReply(await send({ key, args: ["ZREM", key, ...ids] }))
  }

  /** Deletes the session's key and answers what it held, to one of N parallel callers: GETDEL is one step. */
  async function end(id: string): Promise<SessionRecord | undefined> {
    const key = keys.session(id)
    return decoded(textReply(await send({ key, args: ["GETDEL", key] })), id)
  }

  function get(id: string): Promise<unknown> {
    const key = keys.session(id)
    return send({ key, args: ["GET", key] })
  }

  function isLive(record: SessionRecord): boolean {
    return clock() < endOf(record)
  }

  return { staleness: 0, epoch, insert, find, replace, delete: remove, listByUser, deleteByUser }
}

function decoded(text: string | undefined, id: string): SessionRecord | undefined {
  return text === undefined ? undefined : decodeSession(text, id)
}
