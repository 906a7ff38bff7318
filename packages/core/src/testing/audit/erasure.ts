import assert from "node:assert/strict"
import type { AuthEvent } from "../../events.js"
import type { AuditStore } from "../../stores/ports.js"
import { type Check, check } from "../check.js"
import { signInEntry } from "../fixtures.js"
import { race } from "../race.js"
import type { AuditBench } from "./bench.js"

/** That a user can be taken out of a log which still verifies, and that nobody can hide a change by pretending so. */
export const auditErasureChecks: readonly Check<AuditBench>[] = [
  check(
    "pseudonymize leaves nothing of the user, and everything of what happened",
    async ({ a, b }, clock) => {
      const [userId, otherId, pseudonym, emailDigest] = [
        name("user"),
        name("user"),
        name("erased"),
        name("digest"),
      ]
      const place = { address: "203.0.113.77", userAgent: name("agent") }
      const refused = { type: "sign_in.refused", flow: "password", cause: "wrong_password" } as const
      const at = { realm: "main", at: clock() }
      await tell(a, { ...at, ...place, type: "user.registered", userId })
      await tell(a, { ...at, ...place, ...refused, userId, emailDigest })
      await tell(a, { ...at, ...place, type: "magic_link.requested", emailDigest, locale: "en" })
      // Another user who had the address before: no record of theirs.
      await tell(a, {
        ...at,
        ...refused,
        address: "192.0.2.1",
        userAgent: "other",
        userId: otherId,
        emailDigest,
      })
      await a.append(signInEntry(otherId, clock()))
      const before = await a.list({ limit: 5 })

      assert.equal(await b.pseudonymize(userId, pseudonym, [emailDigest]), 3)
      const after = await a.list({ limit: 5 })
      assert.deepEqual(after.slice(0, 2), before.slice(0, 2), "another user's records")
      const gone = { ...at, address: "", userAgent: "" }
      assert.deepEqual(
        after.slice(2).map(({ event }) => event),
        [
          { ...gone, type: "magic_link.requested", emailDigest: pseudonym, locale: "en" },
          { ...gone, ...refused, userId: pseudonym, emailDigest: pseudonym },
          { ...gone, type: "user.registered", userId: pseudonym },
        ],
      )
      assert.deepEqual(
        after.map(({ number, hash }) => [number, hash]),
        before.map(({ number, hash }) => [number, hash]),
      )
      assert.deepEqual(await a.list({ userId, limit: 5 }), [])
      assert.equal((await a.list({ userId: pseudonym, limit: 5 })).length, 2)

      const [first] = after.slice(-1)
      assert.deepEqual(await b.verify(), { ok: false, number: first?.number, fault: "unaccounted" })
      await erased(a, pseudonym, clock())
      assert.equal((await b.verify()).ok, true)
      assert.equal(await a.pseudonymize(userId, pseudonym, [emailDigest]), 0, "a second time")
      assert.equal(await a.pseudonymize(pseudonym, pseudonym), 0, "what holds the pseudonym already")
      assert.equal(await a.pseudonymize(name("nobody"), pseudonym), 0)
      assert.equal((await b.verify()).ok, true)
    },
  ),

  check(
    "pseudonymize against parallel appends: the log verifies, and nothing of before is left",
    async (bench, clock) => {
      const { a, b } = bench
      const [userId, pseudonym] = [name("user"), name("erased")]
      for (let index = 0; index < 8; index += 1) await a.append(signInEntry(userId, clock()))
      const append = async (store: AuditStore): Promise<void> =>
        store.append(signInEntry(name("user"), clock()))
      const erase = async (store: AuditStore): Promise<void> => {
        await store.pseudonymize(userId, pseudonym)
      }
      await race(24, [() => append(a), () => append(b), () => erase(a)])
      assert.deepEqual(await b.list({ userId, limit: 5 }), [])
      assert.equal((await b.list({ userId: pseudonym, limit: 50 })).length, 8)
      await erased(a, pseudonym, clock())
      assert.equal((await b.verify()).ok, true)
    },
  ),

  check(
    "a record that was pseudonymized without a later user.erased is unaccounted",
    async (bench, clock) => {
      const { a, b, tamper } = bench
      const [earlier, later] = [name("erased"), name("erased")]
      await erased(a, earlier, clock())
      await a.append(signInEntry(name("user"), clock()))
      const [record] = await a.list({ limit: 1 })
      const number = record?.number ?? 0
      await erased(a, later, clock())
      for (const pseudonym of [name("nobody"), earlier, ""]) {
        const undo = await tamper.pretendErasure(number, pseudonym)
        assert.deepEqual(await b.verify(), { ok: false, number, fault: "unaccounted" }, pseudonym)
        await undo()
      }
      const undo = await tamper.pretendErasure(number, later)
      assert.equal((await b.verify()).ok, true)
      await undo()
    },
  ),

  check("an erasure hides no change of what happened", async ({ a, b, tamper }, clock) => {
    const [userId, pseudonym] = [name("user"), name("erased")]
    await a.append(signInEntry(userId, clock()))
    const [record] = await a.list({ limit: 1 })
    const number = record?.number ?? 0
    await a.pseudonymize(userId, pseudonym)
    await erased(a, pseudonym, clock())
    for (const field of ["at", "type", "realm", "details", "hash"] as const) {
      const undo = await tamper.change(number, field)
      assert.deepEqual(await b.verify(), { ok: false, number, fault: "changed" }, field)
      await undo()
    }
    for (const field of ["userId", "address", "userAgent"] as const) {
      const undo = await tamper.change(number, field)
      assert.deepEqual(await b.verify(), { ok: false, number, fault: "unaccounted" }, field)
      await undo()
    }
    assert.equal((await b.verify()).ok, true)
  }),
]

async function tell(store: AuditStore, event: AuthEvent): Promise<void> {
  await store.append({ at: event.at, event })
}

async function erased(store: AuditStore, pseudonym: string, at: number): Promise<void> {
  await tell(store, { type: "user.erased", realm: "main", at, address: "", userAgent: "", pseudonym })
}

function name(kind: string): string {
  return `${kind}-${crypto.randomUUID()}`
}
