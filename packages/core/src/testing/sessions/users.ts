import assert from "node:assert/strict"
import type { SessionStore, UserStore } from "../../stores/ports.js"
import { type Bench, type Check, check } from "../check.js"
import { newUser } from "../fixtures.js"
import { opened } from "./opened.js"

/** A {@link Bench} for a store that keeps sessions and users together. */
export interface SessionUserBench extends Bench<SessionStore> {
  readonly users: UserStore
}

/**
 * For stores whose `find` brings the user too. A store that keeps sessions only answers `user: undefined` and
 * skips these.
 */
export const sessionUserChecks: readonly Check<SessionUserBench>[] = [
  check("find brings the user as of this read", async ({ a, b, users }, clock) => {
    const user = (await users.create(newUser())) ?? assert.fail("the user was not created")
    const { id } = await opened(a, { userId: user.id, createdAt: clock() })
    assert.deepEqual((await b.find(id))?.user, user)
    const changed = await users.update(user.id, { emailVerifiedAt: clock() + 5 })
    assert.deepEqual((await b.find(id))?.user, changed, "the change is there at the next read")
  }),

  check("the session of a disabled user is not found", async ({ a, b, users }, clock) => {
    const user = (await users.create(newUser())) ?? assert.fail("the user was not created")
    const { id } = await opened(a, { userId: user.id, createdAt: clock() })
    await users.update(user.id, { disabledAt: clock() })
    assert.equal(await a.find(id), undefined)
    assert.equal(await b.find(id), undefined)
  }),

  check(
    "the session of a user who is gone is neither found nor listed nor replaced",
    async ({ a, b, users }, clock) => {
      const user = (await users.create(newUser())) ?? assert.fail("the user was not created")
      const record = await opened(a, { userId: user.id, createdAt: clock() })
      assert.equal(await users.delete(user.id), true)
      assert.equal(await a.find(record.id), undefined)
      assert.deepEqual(await b.listByUser(user.id), [])
      assert.equal(await b.replace({ ...record, revision: 1 }, 0), false)
      assert.equal(await b.find(record.id), undefined)
    },
  ),
]
