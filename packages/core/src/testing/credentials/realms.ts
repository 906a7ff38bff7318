import assert from "node:assert/strict"
import type { Credential, CredentialStore } from "../../stores/ports.js"
import { assertOneWinner, type Check, check, type OwnedBench } from "../check.js"
import { credentialRecord } from "../fixtures.js"
import { race } from "../race.js"
import { inserted, randomHandle } from "./records.js"

/** An {@link OwnedBench} of one realm's credentials, and another realm's beside them on the same backing store. */
export interface CredentialRealmsBench extends OwnedBench<CredentialStore> {
  readonly other: OwnedBench<CredentialStore>
}

const rounds = 6

/** What holds of two realms whose users have credentials of their own: neither opens anything in the other. */
export const credentialRealmChecks: readonly Check<CredentialRealmsBench>[] = [
  check(
    "insert: of 16 parallel callers in each realm with one handle exactly one per realm gets true",
    async ({ a, b, newUserId, other }) => {
      const [userId, theirId] = [await newUserId(), await other.newUserId()]
      for (let round = 0; round < rounds; round += 1) {
        const mine = credentialRecord({ kind: "identity", handle: randomHandle(), userId })
        const theirs = { ...mine, userId: theirId }
        const answers = await race(32, [
          () => a.insert(mine),
          () => other.a.insert(theirs),
          () => b.insert(mine),
          () => other.b.insert(theirs),
        ])
        for (const realm of [0, 1]) {
          assertOneWinner(
            answers.filter((_, index) => index % 2 === realm),
            "insert",
          )
        }
        assert.deepEqual(await b.find("identity", mine.handle), mine)
        assert.deepEqual(await other.b.find("identity", mine.handle), theirs)
      }
    },
  ),

  check("no method reaches another realm's credential, even with its user's id", async (bench) => {
    const { a, b, newUserId, other } = bench
    const credential = await inserted(a, { userId: await newUserId() })
    const { kind, handle, userId } = credential
    for (const store of [other.a, other.b]) {
      assert.equal(await store.find(kind, handle), undefined, "find")
      assert.deepEqual(await store.listByUser(userId), [], "listByUser")
      assert.equal(await store.replace({ ...credential, secret: "theirs", revision: 1 }, 0), false, "replace")
      assert.equal(await store.delete(kind, handle), false, "delete")
      assert.equal(await store.deleteByUser(userId), 0, "deleteByUser")
    }
    assert.deepEqual(await b.find(kind, handle), credential, "the credential is as before")
    assert.deepEqual(await b.listByUser(userId), [credential])
  }),

  check("of two realms with one handle, a step in one leaves the other's as it is", async (bench) => {
    const { a, b, newUserId, other } = bench
    const mine = await inserted(a, { kind: "identity", handle: randomHandle(), userId: await newUserId() })
    const theirs = await inserted(other.a, { ...mine, userId: await other.newUserId(), secret: "theirs" })
    const steps: Record<string, () => Promise<unknown>> = {
      replace: () => a.replace({ ...mine, secret: "second", revision: 1 }, 0),
      delete: () => b.delete("identity", mine.handle),
      insert: () => a.insert(mine),
      deleteByUser: () => b.deleteByUser(mine.userId),
    }
    for (const [name, step] of Object.entries(steps)) {
      assert.ok(await step(), `${name} in its own realm`)
      assert.deepEqual(await other.b.find("identity", mine.handle), theirs, name)
      assert.deepEqual(await other.a.listByUser(theirs.userId), [theirs], name)
    }
    assert.equal(await a.find("identity", mine.handle), undefined)
  }),

  check("what is inserted for another realm's user is never that user's", async (bench) => {
    const { a, b, newUserId, other } = bench
    const planted: Credential = credentialRecord({ userId: await newUserId(), secret: "planted" })
    // A store with foreign keys rejects; another may store it where that user is not.
    await other.a.insert(planted).catch(() => false)
    assert.equal(await b.find("password", planted.handle), undefined)
    assert.deepEqual(await b.listByUser(planted.userId), [])
    assert.equal(await a.insert({ ...planted, secret: "own" }), true, "the user's own handle is free")
    assert.deepEqual(
      (await b.listByUser(planted.userId)).map(({ secret }) => secret),
      ["own"],
    )
  }),
]
