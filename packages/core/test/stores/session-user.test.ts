import { describe, expect, test } from "vitest"
import type { Clock } from "../../src/clock.js"
import { memorySessionStore, memoryUserStore } from "../../src/memory.js"
import type { SessionStore, UserStore } from "../../src/stores/ports.js"
import { type SessionUserBench, sessionUserChecks } from "../../src/testing.js"
import { runChecks } from "./run-checks.js"

/**
 * What a database with both tables does in one statement, done in two steps: good enough where nobody races.
 */
function joined(sessions: SessionStore, users: UserStore): SessionStore {
  return {
    ...sessions,
    async find(id) {
      const found = await sessions.find(id)
      const user = found && (await users.find(found.record.userId))
      return found && user && user.disabledAt === null ? { ...found, user } : undefined
    },
    async listByUser(userId) {
      return (await users.find(userId)) ? sessions.listByUser(userId) : []
    },
    async replace(record, expectedRevision) {
      return (await users.find(record.userId)) !== undefined && sessions.replace(record, expectedRevision)
    },
  }
}

function openJoined(clock: Clock): SessionUserBench {
  const users = memoryUserStore()
  const store = joined(memorySessionStore({ clock }), users)
  return { a: store, b: store, users }
}

runChecks("sessions joined with users", sessionUserChecks, openJoined)

describe("a store that does not look at its users", () => {
  for (const check of sessionUserChecks) {
    test(`fails "${check.name}"`, async () => {
      const store = memorySessionStore()
      const users = memoryUserStore()
      await expect(check.run(() => ({ a: store, b: store, users }))).rejects.toThrow()
    })
  }
})
