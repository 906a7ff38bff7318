import assert from "node:assert/strict"
import type { Credential, CredentialStore } from "../../stores/ports.js"
import { assertOneWinner, type Check, check, sorted } from "../check.js"
import { credentialRecord } from "../fixtures.js"
import { race } from "../race.js"
import { type CredentialBench, inserted, randomHandle } from "./records.js"

const rounds = 6

/** What holds when many callers meet at one credential, half of them on each of two instances. */
export const credentialRaceChecks: readonly Check<CredentialBench>[] = [
  check("insert: exactly one of N parallel callers gets true, and its credential stays", async (bench) => {
    const { a, b, newUserId } = bench
    const owners = await Promise.all(Array.from({ length: 16 }, () => newUserId()))
    for (let round = 0; round < rounds; round += 1) {
      const handle = randomHandle()
      const claim = (index: number): Credential =>
        credentialRecord({ kind: "identity", handle, userId: owners[index] ?? "", createdAt: 1_000 + index })
      const claims = owners.map((_, index) => claim(index))
      const insert = (store: CredentialStore, index: number): Promise<boolean> =>
        store.insert(claims[index] ?? claim(index))
      const answers = await race(16, [(i) => insert(a, i), (i) => insert(b, i)])
      assertOneWinner(answers, "insert")
      assert.deepEqual(await b.find("identity", handle), claims[answers.indexOf(true)])
      const listed = await Promise.all(owners.map((userId) => a.listByUser(userId)))
      const holders = listed.map((list) => list.some((credential) => credential.handle === handle))
      assert.deepEqual(holders, answers, "only the winner's user has it")
    }
  }),

  check(
    "replace: exactly one of N parallel callers with one revision gets true",
    async ({ a, b, newUserId }) => {
      const userId = await newUserId()
      for (let round = 0; round < rounds; round += 1) {
        const credential = await inserted(a, { kind: "totp", handle: randomHandle(), userId })
        const next = (index: number): Credential => ({ ...credential, secret: `from ${index}`, revision: 1 })
        const answers = await race(32, [(i) => a.replace(next(i), 0), (i) => b.replace(next(i), 0)])
        assertOneWinner(answers, "replace")
        assert.deepEqual(
          await a.find("totp", credential.handle),
          next(answers.indexOf(true)),
          "the winner's stays",
        )
      }
    },
  ),

  check(
    "delete: true for exactly one of N parallel callers, and replace brings nothing back",
    async (bench) => {
      const { a, b, newUserId } = bench
      const userId = await newUserId()
      for (let round = 0; round < rounds; round += 1) {
        const credential = await inserted(a, { kind: "recovery_code", handle: randomHandle(), userId })
        const remove = (store: CredentialStore): Promise<boolean> =>
          store.delete("recovery_code", credential.handle)
        const change = async (store: CredentialStore, index: number): Promise<boolean> => {
          await store.replace({ ...credential, secret: `from ${index}`, revision: 1 }, 0)
          return false
        }
        const answers = await race(32, [
          () => remove(a),
          (i) => change(b, i),
          (i) => change(a, i),
          () => remove(b),
        ])
        assertOneWinner(answers, "delete")
        assert.equal(await b.find("recovery_code", credential.handle), undefined)
        assert.deepEqual(await a.listByUser(userId), [])
      }
    },
  ),

  check("deleteByUser: each credential is counted by exactly one of N parallel callers", async (bench) => {
    const { a, b, newUserId } = bench
    for (let round = 0; round < rounds; round += 1) {
      const userId = await newUserId()
      const credentials: Credential[] = []
      for (let count = 0; count < 5; count += 1) {
        credentials.push(await inserted(a, { kind: "passkey", handle: randomHandle(), userId }))
      }
      const change = async (store: CredentialStore, index: number): Promise<number> => {
        const credential = credentials[index % credentials.length] ?? assert.fail()
        await store.replace({ ...credential, revision: 1 }, 0)
        return 0
      }
      const counts = await race(16, [
        () => a.deleteByUser(userId),
        (i) => change(b, i),
        (i) => change(a, i),
        () => b.deleteByUser(userId),
      ])
      assert.equal(
        sorted(counts).reduce((sum, count) => sum + count, 0),
        credentials.length,
      )
      assert.deepEqual(await b.listByUser(userId), [])
      for (const { handle } of credentials) assert.equal(await a.find("passkey", handle), undefined)
    }
  }),
]
