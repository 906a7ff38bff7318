import assert from "node:assert/strict"
import type { NewUser, User, UserStore } from "../../stores/ports.js"
import { type Bench, type Check, check } from "../check.js"
import { newUser, randomEmail } from "../fixtures.js"

/** Creates a user who must be accepted. */
export async function created(store: UserStore, overrides: Partial<NewUser> = {}): Promise<User> {
  const user = await store.create(newUser(overrides))
  return user ?? assert.fail("create with a free address")
}

/** What each method of a {@link UserStore} answers while nobody interferes. */
export const userRecordChecks: readonly Check<Bench<UserStore>>[] = [
  check("create answers the user, whom both lookups of the other instance find", async ({ a, b }, clock) => {
    for (const emailVerifiedAt of [null, clock() + 7]) {
      const fresh = newUser({ emailVerifiedAt, createdAt: clock() + 3 })
      const user = await created(a, fresh)
      assert.ok(user.id.length >= 1 && user.id.length <= 128, "the id has 1 to 128 characters")
      assert.deepEqual({ ...fields(user), id: "" }, { ...fresh, id: "", disabledAt: null })
      assert.deepEqual(await b.find(user.id), user)
      assert.deepEqual(await b.findByEmail(user.email), user)
    }
  }),

  check("create answers undefined if the address is taken, and changes nothing", async ({ a, b }) => {
    const user = await created(a)
    assert.equal(await b.create(newUser({ email: user.email, emailVerifiedAt: 1, createdAt: 2 })), undefined)
    assert.deepEqual(await a.findByEmail(user.email), user)
  }),

  check("unknown users are absent, whatever the shape of the id", async ({ a }) => {
    for (const id of [crypto.randomUUID(), "nobody", "", "it's; --", "__proto__", "0"]) {
      const shown = JSON.stringify(id)
      assert.equal(await a.find(id), undefined, `find ${shown}`)
      assert.equal(await a.update(id, { emailVerifiedAt: 1 }), "absent", `update ${shown}`)
      assert.equal(await a.update(id, {}), "absent", `update of nothing ${shown}`)
      assert.equal(await a.delete(id), false, `delete ${shown}`)
    }
    assert.equal(await a.findByEmail(randomEmail()), undefined)
    assert.equal(await a.findByEmail("__proto__"), undefined)
  }),

  check("update changes only the named fields and answers the user as it now is", async ({ a, b }, clock) => {
    const user = await created(a)
    const email = randomEmail()
    let expected = fields(user)
    for (const changes of [
      { emailVerifiedAt: clock() + 1 },
      { disabledAt: clock() + 2 },
      { email },
      { disabledAt: null },
      {},
      { emailVerifiedAt: null, disabledAt: clock() + 3 },
    ]) {
      expected = { ...expected, ...changes }
      const answer = await b.update(user.id, changes)
      assert.ok(typeof answer === "object", `update answered ${String(answer)}`)
      assert.deepEqual(fields(answer), expected)
      assert.deepEqual(await a.find(user.id), answer)
      assert.deepEqual(await a.findByEmail(expected.email), answer)
    }
    assert.equal(await a.findByEmail(user.email), undefined, "the former address finds nobody")
    await created(b, { email: user.email })
  }),

  check('update to another\'s address answers "taken" and applies nothing', async ({ a, b }, clock) => {
    const [user, other] = [await created(a), await created(b)]
    assert.equal(await b.update(user.id, { email: other.email, emailVerifiedAt: clock() }), "taken")
    assert.deepEqual(await a.find(user.id), user)
    assert.deepEqual(await a.findByEmail(other.email), other)
    const same = await a.update(user.id, { email: user.email })
    assert.deepEqual(same, user, "the user's own address is not taken")
  }),

  check("addresses that differ by a dot, a tag or an odd character are different", async ({ a, b }) => {
    const run = crypto.randomUUID()
    const locals = [
      `${run}.x`,
      `${run}x`,
      `${run}.x+y`,
      `o'${run}`,
      `${run}%`,
      `${run}_`,
      `${run}a`,
      `é${run}`,
    ]
    const users: User[] = []
    for (const local of locals) users.push(await created(a, { email: `${local}@bücher.example` }))
    for (const user of users) assert.deepEqual(await b.findByEmail(user.email), user)
  }),

  check("delete removes the user, whose address is free and whose id is not reused", async ({ a, b }) => {
    const user = await created(a)
    assert.equal(await b.delete(user.id), true)
    assert.equal(await a.delete(user.id), false)
    assert.equal(await a.find(user.id), undefined)
    assert.equal(await a.findByEmail(user.email), undefined)
    assert.equal(await b.update(user.id, { email: user.email }), "absent")
    const again = await created(b, { email: user.email })
    assert.notEqual(again.id, user.id)
  }),

  check(
    "list brings users by creation, oldest first, page after page, each once",
    async ({ a, b }, clock) => {
      const offsets = [2, 0, 1, 1, 1, 3, 1]
      const users: User[] = []
      for (const offset of offsets) users.push(await created(a, { createdAt: clock() + offset }))
      const mine = new Set(users.map((user) => user.id))
      const everybody = await allUsers(a, 100)
      // In a shared database others come first; small pages start right before this check's users.
      const before = everybody[everybody.findIndex((user) => mine.has(user.id)) - 1]?.id
      for (const limit of [1, 2, 3, 100]) {
        const listed = (await allUsers(b, limit, before)).filter((user) => mine.has(user.id))
        assert.equal(listed.length, users.length, `pages of ${limit}: a user is missing or came twice`)
        assert.deepEqual(new Set(listed.map((user) => user.id)), mine)
        assert.deepEqual(
          listed.map((user) => user.createdAt - clock()),
          [0, 1, 1, 1, 1, 2, 3],
          `pages of ${limit}: not by creation, oldest first`,
        )
      }
      assert.equal(
        (await a.list({ limit: 2 })).length,
        2,
        "at most and, where there are more, exactly `limit`",
      )
    },
  ),

  check("what was handed in or out can be changed without changing the store", async ({ a }) => {
    const fresh = newUser()
    const email = fresh.email
    const user = await created(a, fresh)
    const untouched = structuredClone(user)
    Reflect.set(fresh, "email", "scribbled@example.com")
    for (const answer of [
      user,
      await a.find(user.id),
      await a.findByEmail(email),
      await a.update(user.id, {}),
    ]) {
      Reflect.set(Object(answer), "email", "scribbled@example.com")
      Reflect.set(Object(answer), "disabledAt", 1)
      assert.deepEqual(await a.find(user.id), untouched)
    }
  }),
]

/** Pages through all users after `after`. */
export async function allUsers(store: UserStore, limit: number, after?: string): Promise<readonly User[]> {
  const users: User[] = []
  let cursor = after
  for (;;) {
    const page = await store.list(cursor === undefined ? { limit } : { limit, after: cursor })
    assert.ok(page.length <= limit, `list answered ${page.length} users for limit ${limit}`)
    const last = page.at(-1)
    if (last === undefined) return users
    // A store that answers one of them again would never come to its end.
    assert.ok(!users.some(({ id }) => id === last.id), `list answered ${last.id} on two pages`)
    users.push(...page)
    cursor = last.id
  }
}

function fields({ id, email, emailVerifiedAt, disabledAt, createdAt }: User): User {
  return { id, email, emailVerifiedAt, disabledAt, createdAt }
}
