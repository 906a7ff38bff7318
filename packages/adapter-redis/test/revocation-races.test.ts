import assert from "node:assert/strict"
import type { SessionRecord, SessionStore } from "@mortise/core"
import { race, sessionRecord } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { redisStores } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"

/* interleavings.test.ts tries every order of a few; here are many, over two clients and real sockets. */

describe.each(Object.entries(clients))("%s", (_, connect) => {
  let connections: readonly [Connection, Connection]

  beforeAll(async () => {
    connections = [await connect(), await connect()]
  })
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()))
  })

  const sizes = [
    { callers: 16, rounds: 40 },
    { callers: 64, rounds: 12 },
    { callers: 200, rounds: 6 },
  ]
  test.each(sizes)(
    "revoke-all against $callers sign-ins and renewals",
    async ({ callers, rounds }) => {
      const tally = { opened: 0, refused: 0 }
      for (let round = 0; round < rounds; round += 1) {
        const prefix = freshPrefix()
        const [a, b] = connections
        const stores = [a, b].map(({ send }) => redisStores(send, { prefix }).sessions)
        await revokeAmong({ stores, callers, delay: round % 6, tally })
      }
      // Else the revocation came before or after everybody, and the race was none.
      expect(tally.opened).toBeGreaterThan(0)
      expect(tally.refused).toBeGreaterThan(0)
    },
    60_000,
  )
})

interface Crowd {
  readonly stores: readonly SessionStore[]
  readonly callers: number
  /** How many round trips the revocation waits. */
  readonly delay: number
  readonly tally: { opened: number; refused: number }
}

async function revokeAmong({ stores, callers, delay, tally }: Crowd): Promise<void> {
  const [a, b] = [stores[0] ?? assert.fail(), stores[1] ?? assert.fail()]
  const userId = crypto.randomUUID()
  const before = sessionRecord({ userId })
  assert.equal(await a.insert(before), true)
  const ids = [before.id]

  async function signIn(store: SessionStore): Promise<void> {
    for (let count = 0; count < 3; count += 1) {
      const record = sessionRecord({ userId })
      ids.push(record.id)
      tally[(await store.insert(record)) ? "opened" : "refused"] += 1
    }
  }
  async function renew(store: SessionStore): Promise<void> {
    let current: SessionRecord | undefined = before
    while (current !== undefined) {
      await store.replace({ ...current, revision: current.revision + 1 }, current.revision)
      current = (await store.find(before.id))?.record
    }
  }
  async function revoke(store: SessionStore): Promise<void> {
    for (let count = 0; count < delay; count += 1) await store.find("nobody's")
    const ended = await store.deleteByUser(userId)
    assert.ok(ended.includes(before.id))
    await assertGone("right after it has answered")
  }
  async function assertGone(when: string): Promise<void> {
    const found = await Promise.all(ids.map((id) => a.find(id)))
    assert.deepEqual(
      found.filter((each) => each !== undefined),
      [],
      when,
    )
    assert.deepEqual(await b.listByUser(userId), [], when)
  }

  const callersInTurn = [() => signIn(a), () => renew(b), () => signIn(b), () => renew(a)]
  const others = race(callers, callersInTurn)
  await Promise.all([others, revoke(b)])
  await assertGone("after all have ended")
}
