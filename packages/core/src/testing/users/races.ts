import assert from "node:assert/strict"
import type { UserStore } from "../../stores/ports.js"
import { assertOneWinner, type Bench, type Check, check } from "../check.js"
import { newUser, randomEmail } from "../fixtures.js"
import { race } from "../race.js"
import { created } from "./records.js"

const rounds = 6

/** What holds when many callers meet at one address or one user, half of them on each of two instances. */
export const userRaceChecks: readonly Check<Bench<UserStore>>[] = [
  check("create: of N parallel callers with one address exactly one gets a user", async ({ a, b }) => {
    for (let round = 0; round < rounds; round += 1) {
      const fresh = newUser()
      const users = await race(32, [() => a.create(fresh), () => b.create(fresh)])
      assertOneWinner(
        users.map((user) => user !== undefined),
        "create",
      )
      const winner = users.find((user) => user !== undefined)
      assert.deepEqual(await a.findByEmail(fresh.email), winner, "the address leads to the winner")
    }
  }),

  check("update: of N parallel users that want one address exactly one gets it", async ({ a, b }) => {
    for (let round = 0; round < rounds; round += 1) {
      const users = await Promise.all(Array.from({ length: 16 }, () => created(a)))
      const email = randomEmail()
      const change = async (store: UserStore, index: number): Promise<boolean> =>
        (await store.update(users[index]?.id ?? "", { email })) !== "taken"
      const answers = await race(16, [(i) => change(a, i), (i) => change(b, i)])
      assertOneWinner(answers, "update to one address")
      assert.equal((await b.findByEmail(email))?.id, users[answers.indexOf(true)]?.id)
      for (const [index, { id, email: former }] of users.entries()) {
        assert.equal(
          (await a.find(id))?.email,
          answers[index] ? email : former,
          "a refused update applied something",
        )
      }
    }
  }),

  check("create against update: one address never has two owners", async ({ a, b }) => {
    for (let round = 0; round < rounds; round += 1) {
      const user = await created(a)
      const email = randomEmail()
      const create = async (store: UserStore): Promise<boolean> =>
        (await store.create(newUser({ email }))) !== undefined
      const move = async (store: UserStore): Promise<boolean> =>
        (await store.update(user.id, { email })) !== "taken"
      const answers = await race(16, [() => create(a), () => create(b), () => move(a), () => move(b)])
      const creates = answers.filter((won, index) => won && index % 4 < 2).length
      const moves = answers.filter((won, index) => won && index % 4 >= 2).length
      assert.ok(creates + Math.min(moves, 1) === 1, `${creates} creates and ${moves} updates got one address`)
      assert.equal((await a.find(user.id))?.email, moves > 0 ? email : user.email)
    }
  }),

  check("updates of different fields at once all apply", async ({ a, b }, clock) => {
    for (let round = 0; round < rounds; round += 1) {
      const user = await created(a)
      const email = randomEmail()
      const now = clock()
      await race(16, [
        () => a.update(user.id, { emailVerifiedAt: now + 1 }),
        () => b.update(user.id, { disabledAt: now + 2 }),
        () => b.update(user.id, { email }),
        () => a.update(user.id, {}),
      ])
      const expected = { ...user, email, emailVerifiedAt: now + 1, disabledAt: now + 2 }
      assert.deepEqual(await b.find(user.id), expected, "a parallel update of another field was lost")
    }
  }),

  check(
    "delete: true for exactly one of N parallel callers, and update brings nobody back",
    async ({ a, b }) => {
      for (let round = 0; round < rounds; round += 1) {
        const user = await created(a)
        const remove = (store: UserStore): Promise<boolean> => store.delete(user.id)
        const change = async (store: UserStore): Promise<boolean> => {
          await store.update(user.id, { emailVerifiedAt: 1 })
          return false
        }
        const answers = await race(32, [() => remove(a), () => change(b), () => change(a), () => remove(b)])
        assertOneWinner(answers, "delete")
        assert.equal(await a.find(user.id), undefined)
        assert.equal(await b.findByEmail(user.email), undefined)
      }
    },
  ),
]
