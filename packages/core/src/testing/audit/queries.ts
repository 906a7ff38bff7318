import assert from "node:assert/strict"
import type { AuthEvent } from "../../events.js"
import type { AuditQuery } from "../../stores/ports.js"
import { type Check, check } from "../check.js"
import { signInEntry } from "../fixtures.js"
import type { AuditBench } from "./bench.js"

/** What can be asked of a log. */
export const auditQueryChecks: readonly Check<AuditBench>[] = [
  check(
    "list by types, from and until brings what fits all of them, bounds as they are said",
    async ({ a, b }, clock) => {
      const [userId, otherId] = [crypto.randomUUID(), crypto.randomUUID()]
      // Where no other check has put anything: some of these queries are of everybody.
      const start = clock() + 86_400_000
      const types = ["user.registered", "password.changed", "user.disabled", "password.changed"] as const
      for (const [index, type] of types.entries()) {
        for (const owner of [userId, otherId]) {
          const { flow: _, sessionId: __, ...origin } = Object(signInEntry(owner, start + index).event)
          await a.append({ at: start + index, event: { ...origin, type } as AuthEvent })
        }
      }
      async function found(query: Omit<AuditQuery, "limit">): Promise<readonly string[]> {
        const records = await b.list({ ...query, limit: 20 })
        return records.map(({ at, event }) => `${at - start} ${event.type}`)
      }
      const [registered, changed, disabled, again] = types.map((type, index) => `${index} ${type}`)
      const expected: readonly [Omit<AuditQuery, "limit">, readonly (string | undefined)[]][] = [
        [{ userId }, [again, disabled, changed, registered]],
        [{ userId, types: [] }, []],
        [{ userId, types: ["password.changed"] }, [again, changed]],
        [{ userId, types: ["password.changed", "user.registered"] }, [again, changed, registered]],
        [{ userId, from: start + 1 }, [again, disabled, changed]],
        [{ userId, until: start + 2 }, [changed, registered]],
        [{ userId, from: start + 1, until: start + 3 }, [disabled, changed]],
        [{ userId, from: start + 2, until: start + 2 }, []],
        [{ from: start + 3, until: start + 4 }, [again, again]],
        [{ types: ["user.disabled"], from: start, until: start + 9 }, [disabled, disabled]],
        [{ userId, types: ["password.changed"], from: start + 2 }, [again]],
        [{ userId, types: ["password.changed"], from: start, until: start + 3 }, [changed]],
        [
          { userId: undefined, types: ["user.disabled"], from: start, until: undefined },
          [disabled, disabled],
        ],
      ]
      for (const [query, wanted] of expected) {
        assert.deepEqual(await found(query), wanted, JSON.stringify(query))
      }
    },
  ),

  check("`before` leads from page to page, each record once", async ({ a, b }, clock) => {
    const userId = crypto.randomUUID()
    for (let index = 0; index < 7; index += 1) {
      // Instants that say another order, and somebody else's records in between.
      await a.append(signInEntry(userId, clock() - index))
      await b.append(signInEntry(crypto.randomUUID(), clock()))
    }
    const all = await a.list({ userId, limit: 10 })
    assert.equal(all.length, 7)
    const pages: unknown[] = []
    let before: number | undefined
    // No further than there are records: a log that answers one of them again would never come to its end.
    while (pages.length <= all.length) {
      const page = await b.list({ userId, types: ["sign_in.succeeded"], limit: 3, before })
      if (page.length === 0) break
      pages.push(...page)
      before = page.at(-1)?.number
      // What comes in meanwhile moves nothing.
      await a.append(signInEntry(userId, clock()))
    }
    assert.deepEqual(pages, all)
  }),
]
