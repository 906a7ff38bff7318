import assert from "node:assert/strict"
import type { UserStore } from "../../stores/ports.js"
import { assertOneWinner, type Bench, type Check, check } from "../check.js"
import { newUser, randomEmail } from "../fixtures.js"
import { race } from "../race.js"
import { allUsers, created } from "./records.js"

/** A {@link Bench} of one realm's users, and another realm's beside them on the same backing store. */
export interface UserRealmsBench extends Bench<UserStore> {
  readonly other: Bench<UserStore>
}

const rounds = 6

/** What holds of two realms that each have users of their own: neither knows of the other. */
export const userRealmChecks: readonly Check<UserRealmsBench>[] = [
  check(
    "create: of 16 parallel callers in each realm with one address exactly one per realm gets a user",
    async ({ a, b, other }) => {
      for (let round = 0; round < rounds; round += 1) {
        const fresh = newUser()
        const users = await race(32, [
          () => a.create(fresh),
          () => other.a.create(fresh),
          () => b.create(fresh),
          () => other.b.create(fresh),
        ])
        for (const [realm, store] of [b, other.b].entries()) {
          const mine = users.filter((_, index) => index % 2 === realm)
          assertOneWinner(
            mine.map((user) => user !== undefined),
            "create",
          )
          const winner = mine.find((user) => user !== undefined)
          assert.deepEqual(
            await store.findByEmail(fresh.email),
            winner,
            "the address leads to the realm's winner",
          )
        }
        const ids = new Set(users.flatMap((user) => user?.id ?? []))
        assert.equal(
          ids.size,
          2,
          "sessions and the log know a user by the id alone, so it is unique over all realms",
        )
      }
    },
  ),

  check("no method reaches another realm's user, by id or address", async ({ a, b, other }, clock) => {
    const user = await created(a)
    for (const store of [other.a, other.b]) {
      assert.equal(await store.find(user.id), undefined, "find")
      assert.equal(await store.findByEmail(user.email), undefined, "findByEmail")
      assert.equal(await store.update(user.id, { disabledAt: clock() }), "absent", "update")
      assert.equal(await store.update(user.id, {}), "absent", "update of nothing")
      assert.equal(await store.delete(user.id), false, "delete")
    }
    assert.deepEqual(await b.find(user.id), user, "the user is as before")
  }),

  check("list brings the realm's own users only, whatever the cursor", async ({ a, b, other }, clock) => {
    const createdAt = clock()
    const mine = await created(a, { createdAt })
    const theirs = await created(other.a, { createdAt: createdAt + 1 })
    const mineAgain = await created(a, { createdAt: createdAt + 2 })
    const idsOf = async (store: UserStore, after?: string): Promise<readonly string[]> =>
      (await allUsers(store, 100, after)).map(({ id }) => id)
    const [own, others] = [await idsOf(b), await idsOf(other.b)]
    assert.ok(own.includes(mine.id) && own.includes(mineAgain.id) && !own.includes(theirs.id))
    assert.ok(others.includes(theirs.id) && !others.includes(mine.id) && !others.includes(mineAgain.id))
    // A store may reject a cursor that it does not know.
    const behindMine = await idsOf(other.b, mine.id).catch((): readonly string[] => [])
    assert.ok(!behindMine.includes(mineAgain.id), "a cursor of another realm opens its list")
  }),

  check("an address that another realm's user has is free", async ({ a, b, other }) => {
    const theirs = await created(other.a)
    const mine = await created(a)
    const moved = await b.update(mine.id, { email: theirs.email })
    assert.deepEqual(moved, { ...mine, email: theirs.email })
    assert.deepEqual(await a.findByEmail(theirs.email), moved)
    assert.deepEqual(await other.b.findByEmail(theirs.email), theirs)
  }),

  check(
    "update: of 16 parallel users in each realm that want one address exactly one per realm gets it",
    async ({ a, b, other }) => {
      const mine = await Promise.all(Array.from({ length: 16 }, () => created(a)))
      const theirs = await Promise.all(Array.from({ length: 16 }, () => created(other.a)))
      for (let round = 0; round < rounds; round += 1) {
        const email = randomEmail()
        const change = async (store: UserStore, id: string | undefined): Promise<boolean> =>
          (await store.update(id ?? "", { email })) !== "taken"
        // Even numbers are one realm's, odd ones the other's; of each, every second comes by the second instance.
        const answers = await race(32, [
          (index) => change(a, mine[index >> 1]?.id),
          (index) => change(other.a, theirs[index >> 1]?.id),
          (index) => change(b, mine[index >> 1]?.id),
          (index) => change(other.b, theirs[index >> 1]?.id),
        ])
        for (const [realm, store] of [b, other.b].entries()) {
          const own = answers.filter((_, index) => index % 2 === realm)
          assertOneWinner(own, "update to one address")
          const winner = (realm === 0 ? mine : theirs)[own.indexOf(true)]
          assert.equal((await store.findByEmail(email))?.id, winner?.id)
        }
      }
    },
  ),

  check("delete ends the user of one realm and leaves the namesake", async ({ a, b, other }) => {
    const mine = await created(a)
    const theirs = await created(other.a, { email: mine.email })
    assert.equal(await b.delete(mine.id), true)
    assert.equal(await a.findByEmail(mine.email), undefined)
    assert.deepEqual(await other.b.findByEmail(mine.email), theirs)
    await created(a, { email: mine.email })
    assert.deepEqual(await other.a.find(theirs.id), theirs)
  }),
]
