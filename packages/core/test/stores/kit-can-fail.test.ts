import { describe, expect, test } from "vitest"
import { memoryAtomicStore, memorySessionStore } from "../../src/memory.js"
import {
  atomicOutageChecks,
  atomicStoreChecks,
  auditStoreChecks,
  type Check,
  consentStoreChecks,
  credentialRealmChecks,
  credentialStoreChecks,
  failing,
  sessionStoreChecks,
  staleSessionStoreChecks,
  userRealmChecks,
  userStoreChecks,
} from "../../src/testing.js"
import { atomicDefects, type Defect } from "./broken-atomic.js"
import { auditDefects } from "./broken-audit.js"
import { consentDefects } from "./broken-consents.js"
import { credentialRealmDefects, userRealmDefects } from "./broken-realms.js"
import { credentialDefects, userDefects } from "./broken-records.js"
import { sessionDefects } from "./broken-sessions.js"
import { staleSessionDefects } from "./broken-stale-sessions.js"

/** A check that nothing can fail proves nothing: each is failed here by a store with one defect. */
function describeDefects<B>(port: string, checks: readonly Check<B>[], defects: readonly Defect<B>[]): void {
  describe(`defects of a ${port} store`, () => {
    for (const { defect, caughtBy, open } of defects) {
      test(`${defect} — caught by "${caughtBy}"`, async () => {
        const check = checks.find(({ name }) => name === caughtBy)
        await expect(check?.run(open)).rejects.toThrow()
      })
    }

    test("every check is failed by some defect", () => {
      const caught = new Set(defects.map(({ caughtBy }) => caughtBy))
      expect(checks.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
    })
  })
}

describeDefects("atomic", atomicStoreChecks, atomicDefects)
describeDefects("session", sessionStoreChecks, sessionDefects)
describeDefects("stale session", staleSessionStoreChecks, staleSessionDefects)
describeDefects("user", userStoreChecks, userDefects)
describeDefects("credential", credentialStoreChecks, credentialDefects)
describeDefects("realms' user", userRealmChecks, userRealmDefects)
describeDefects("realms' credential", credentialRealmChecks, credentialRealmDefects)
describeDefects("audit", auditStoreChecks, auditDefects)
describeDefects("consent", consentStoreChecks, consentDefects)

describe("outage checks", () => {
  for (const check of atomicOutageChecks) {
    test(`${check.name}: holds for a store that fails, not for one that answers`, async () => {
      const { watched } = failing(memoryAtomicStore(), () => true)
      await check.run(() => ({ a: watched, b: watched }))
      const store = memoryAtomicStore()
      await expect(check.run(() => ({ a: store, b: store }))).rejects.toThrow("answered")
    })
  }
})

describe("a strict store that calls itself stale", () => {
  for (const check of staleSessionStoreChecks) {
    test(check.name, () =>
      check.run((clock) => {
        const store = { ...memorySessionStore({ clock }), staleness: 60 }
        return { a: store, b: store, newUserId: async () => crypto.randomUUID() }
      }),
    )
  }
})

test("a check closes its bench, however it ended", async () => {
  for (const shared of [true, false]) {
    let closed = 0
    const a = memoryAtomicStore()
    const b = shared ? a : memoryAtomicStore()
    async function close(): Promise<void> {
      closed += 1
    }
    const ended = atomicStoreChecks[1]?.run(() => ({ a, b, close }))
    await (shared ? ended : expect(ended).rejects.toThrow())
    expect(closed).toBe(1)
  }
})
