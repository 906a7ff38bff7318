import { memoryAtomicStore, memorySessionStore } from "@mortise/core/memory"
import { sessionRecord } from "@mortise/core/testing"
import { tiered } from "@mortise/core/tiered"
import { serveCalls } from "../child.mjs"

/** Counts what copies of sessions with their users weigh in the memory of a node. Started with --expose-gc. */
serveCalls(async (/** @type {{ count: number }} */ { count }) => {
  const warm = 2000
  const truth = {
    ...memorySessionStore(),
    // Nothing is kept here but in the memory that is weighed.
    find: (/** @type {string} */ id) => {
      const record = sessionRecord({ id, address: "203.0.113.77", userAgent: "bench" })
      const email = `${record.userId.slice(0, 12)}@bench.example`
      const { createdAt, userId } = record
      return {
        record,
        user: { id: userId, email, emailVerifiedAt: createdAt, disabledAt: null, createdAt },
      }
    },
  }
  const nothing = { ...memoryAtomicStore(), add: async () => false }
  const sessions = tiered({ memory: { max: count + warm, ttl: "1h" }, redis: nothing, postgres: truth })
  const fill = async (/** @type {number} */ many) => {
    for (let done = 0; done < many; done++) await sessions.find(sessionRecord().id)
  }
  await fill(warm)
  const before = heap()
  await fill(count)
  const after = heap()
  // Whatever the collector may think, they are still needed.
  await sessions.find("A".repeat(22))
  return { ready: after - before, calls: {} }
})

function heap() {
  for (let time = 0; time < 3; time++) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
