import assert from "node:assert/strict"
import type { SessionRecord, SessionStore } from "../../stores/ports.js"
import type { OwnedBench } from "../check.js"
import { sessionRecord } from "../fixtures.js"

/** Two session stores on one backing store, and a way to make their users. */
export type SessionBench = OwnedBench<SessionStore>

/** The unit of the kit's session times. */
export const minute = 60_000

/** Inserts a session that must be accepted, and answers its record. */
export async function opened(store: SessionStore, overrides: Partial<SessionRecord>): Promise<SessionRecord> {
  const record = sessionRecord(overrides)
  assert.equal(await store.insert(record), true, "insert with the current epoch")
  return record
}

/** The record as every instance finds it, or undefined as every instance does not. */
export async function foundBy(
  stores: readonly SessionStore[],
  id: string,
): Promise<SessionRecord | undefined> {
  const [first, ...others] = await Promise.all(stores.map((store) => store.find(id)))
  for (const other of others) assert.deepEqual(other, first, "two instances find different things")
  return first?.record
}

/** Fails if any instance finds or lists one of the sessions. */
export async function assertGone(
  stores: readonly SessionStore[],
  userId: string,
  ids: readonly string[],
  when: string,
): Promise<void> {
  for (const store of stores) {
    for (const id of ids)
      assert.equal(await store.find(id), undefined, `${when}: find brings an ended session`)
    const listed = (await store.listByUser(userId))
      .map((record) => record.id)
      .filter((id) => ids.includes(id))
    assert.deepEqual(listed, [], `${when}: listByUser brings ended sessions`)
  }
}

/** The next revision of a record. */
export function revised(record: SessionRecord, changes: Partial<SessionRecord> = {}): SessionRecord {
  return { ...record, ...changes, revision: record.revision + 1 }
}
