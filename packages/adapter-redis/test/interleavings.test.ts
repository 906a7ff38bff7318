import assert from "node:assert/strict"
import type { SessionRecord, SessionStore } from "@mortise/core"
import { sessionRecord } from "@mortise/core/testing"
import { afterAll, beforeAll, expect, test } from "vitest"
import { redisStores, type SendCommand } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"
import { everyInterleaving, type Scenario } from "./interleavings.js"

/*
 * Every order of commands of operations that run in parallel. After each command it is checked that - a
 * session that can be found is listed in its user's index (else a later revoke-all would miss it), and - once
 * deleteByUser has answered, no session of an older epoch can be found. A server executes one command after
 * another, so these orders are all that can happen.
 */

let connection: Connection

beforeAll(async () => {
  connection = await clients["node-redis"]()
})
afterAll(() => connection.close())

/** One user's world in one run. */
interface World {
  readonly userId: string
  readonly store: SessionStore
  /** Every session of this world, open or being opened. */
  readonly watched: readonly SessionRecord[]
  /** A session that is there from the beginning. */
  opened(): Promise<SessionRecord>
  /** A session that is yet to be opened. */
  entering(): SessionRecord
  insert(record: SessionRecord): Operation
  replace(record: SessionRecord): Operation
  remove(record: SessionRecord): Operation
  list(): Operation
  revoke(exceptId?: string): Operation
  loseIndex(): Promise<void>
  foundOnlyIfListed(): Promise<void>
  afterEach(): Promise<void>
  readonly answers: {
    insert: boolean[]
    replace: boolean[]
    remove: boolean[]
    revoked: string[]
    revocations: number
  }
}

type Operation = (send: SendCommand) => Promise<void>

function world(): World {
  const prefix = freshPrefix()
  const userId = "u"
  const index = `${prefix}user:{u:u}:sessions`
  const store = redisStores(connection.send, { prefix }).sessions
  const watched: SessionRecord[] = []
  const answers: World["answers"] = { insert: [], replace: [], remove: [], revoked: [], revocations: 0 }
  let excepted: string | undefined

  const storeOver = (send: SendCommand): SessionStore => redisStores(send, { prefix, timeout: 60 }).sessions

  function entering(): SessionRecord {
    const record = sessionRecord({ userId })
    watched.push(record)
    return record
  }

  async function foundOnlyIfListed(): Promise<void> {
    for (const { id } of watched) {
      if ((await store.find(id)) === undefined) continue
      const score = await connection.send({ key: index, args: ["ZSCORE", index, id] })
      assert.ok(score !== null, "a session that can be found is not in the index")
    }
  }

  return {
    userId,
    store,
    watched,
    answers,
    entering,
    async opened() {
      const record = entering()
      assert.equal(await store.insert(record), true)
      return record
    },
    insert: (record) => async (send) => void answers.insert.push(await storeOver(send).insert(record)),
    replace: (record) => async (send) => {
      const next = { ...record, revision: record.revision + 1, expiresAt: record.expiresAt + 60_000 }
      answers.replace.push(await storeOver(send).replace(next, record.revision))
    },
    remove: (record) => async (send) => void answers.remove.push(await storeOver(send).delete(record.id)),
    list: () => async (send) => void (await storeOver(send).listByUser(userId)),
    revoke: (exceptId) => async (send) => {
      excepted = exceptId
      answers.revoked.push(...(await storeOver(send).deleteByUser(userId, exceptId)))
      answers.revocations += 1
    },
    async loseIndex() {
      await connection.send({ key: index, args: ["DEL", index] })
    },
    foundOnlyIfListed,
    async afterEach() {
      await foundOnlyIfListed()
      if (answers.revocations === 0) return
      for (const { id } of watched.filter((record) => record.id !== excepted)) {
        assert.equal(await store.find(id), undefined, "found after deleteByUser had answered")
      }
    },
  }
}

/**
 * Explores and tells how many orders there were: a scenario that explores next to nothing is a defect of the
 * test.
 */
async function explore(begin: () => Promise<Scenario>, crashes = false): Promise<number> {
  return everyInterleaving({ send: connection.send, begin, crashes })
}

test("insert against revoke-all: it fails, or its session is ended", async () => {
  const orders = await explore(async () => {
    const { entering, insert, revoke, answers, store, afterEach } = world()
    const record = entering()
    return {
      actors: [insert(record), revoke()],
      afterEach,
      async atEnd() {
        assert.equal(await store.find(record.id), undefined)
        assert.deepEqual(
          answers.revoked,
          answers.insert[0] ? [record.id] : [],
          "ended exactly if it was opened",
        )
      },
    }
  })
  expect(orders).toBeGreaterThanOrEqual(6)
})

test("insert and renewal against revoke-all", async () => {
  const orders = await explore(async () => {
    const { entering, opened, insert, replace, revoke, store, afterEach } = world()
    const [before, record] = [await opened(), entering()]
    return {
      actors: [insert(record), replace(before), revoke()],
      afterEach,
      async atEnd() {
        assert.equal(await store.find(record.id), undefined)
        assert.equal(await store.find(before.id), undefined)
      },
    }
  })
  expect(orders).toBeGreaterThan(500)
}, 60_000)

test("the excepted session survives revoke-all and every renewal on the way", async () => {
  const orders = await explore(async () => {
    const { opened, replace, revoke, answers, store, afterEach } = world()
    const [kept, other] = [await opened(), await opened()]
    return {
      actors: [replace(kept), replace(other), revoke(kept.id)],
      afterEach,
      async atEnd() {
        assert.equal((await store.find(kept.id))?.record.revision, 1)
        assert.deepEqual(answers.revoked, [other.id])
      },
    }
  })
  expect(orders).toBeGreaterThan(100)
})

test("two renewals and a sign-out: one renewal at most, and the session is gone", async () => {
  const orders = await explore(async () => {
    const { opened, replace, remove, answers, store, afterEach } = world()
    const record = await opened()
    return {
      actors: [replace(record), replace(record), remove(record)],
      afterEach,
      async atEnd() {
        assert.ok(answers.replace.filter(Boolean).length <= 1)
        assert.deepEqual(answers.remove, [true])
        assert.equal(await store.find(record.id), undefined)
      },
    }
  })
  expect(orders).toBeGreaterThanOrEqual(90)
})

test("a device list that tidies up takes no new or renewed session off the index", async () => {
  const orders = await explore(async () => {
    const { opened, entering, insert, replace, list, answers, afterEach, store, userId } = world()
    const [before, record] = [await opened(), entering()]
    return {
      actors: [insert(record), replace(before), list()],
      afterEach,
      async atEnd() {
        assert.deepEqual([...answers.insert, ...answers.replace], [true, true])
        assert.equal((await store.listByUser(userId)).length, 2)
      },
    }
  })
  expect(orders).toBeGreaterThan(200)
}, 60_000)

test("two revoke-alls end each session once between them", async () => {
  const orders = await explore(async () => {
    const { opened, revoke, answers, store, userId, afterEach } = world()
    const record = await opened()
    return {
      actors: [revoke(), revoke()],
      afterEach,
      async atEnd() {
        assert.deepEqual(answers.revoked, [record.id])
        assert.equal(await store.epoch(userId), 2)
      },
    }
  })
  expect(orders).toBeGreaterThan(10)
})

/** With crashes: whatever is left can be found only if it is listed, and a repeated revoke-all ends it. */
async function leavesNothingBehind(
  parallel: (world: World) => Promise<readonly Operation[]>,
): Promise<number> {
  return explore(async () => {
    const here = world()
    const actors = await parallel(here)
    return {
      actors,
      afterEach: here.foundOnlyIfListed,
      async atEnd() {
        await here.store.deleteByUser(here.userId)
        for (const { id } of here.watched) assert.equal(await here.store.find(id), undefined)
      },
    }
  }, true)
}

test("a process that dies at any command of a sign-in or a revoke-all leaves nothing behind", async () => {
  const orders = await leavesNothingBehind(async ({ opened, entering, insert, revoke }) => {
    await opened()
    return [insert(entering()), revoke()]
  })
  expect(orders).toBeGreaterThan(200)
}, 60_000)

test("a process that dies at any command of a renewal, sign-out or revocation leaves nothing", async () => {
  const orders = await leavesNothingBehind(async ({ opened, replace, remove, revoke }) => {
    const record = await opened()
    return [replace(record), remove(record), revoke()]
  })
  expect(orders).toBeGreaterThan(1_000)
}, 60_000)

test("index lost: whichever comes first, renewal or revoke-all, the session is over after both", async () => {
  const orders = await explore(async () => {
    const { opened, replace, revoke, loseIndex, store } = world()
    const record = await opened()
    await loseIndex()
    return {
      actors: [replace(record), revoke()],
      async atEnd() {
        assert.equal(await store.find(record.id), undefined)
      },
    }
  })
  expect(orders).toBeGreaterThanOrEqual(3)
})
