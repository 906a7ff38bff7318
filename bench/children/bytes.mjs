import { serveCalls } from "../child.mjs"
import { named } from "../contenders/all.mjs"

const warmUp = 2000

/** Counts what the sessions of one library weigh in this process. Started with --expose-gc. */
serveCalls(async (/** @type {{ name: string, count: number }} */ { name, count }) => {
  const sessions = await named(name).memory?.()
  if (!sessions) throw new Error(`${name} keeps no sessions in memory.`)
  // The users are there before, and so is the code, which the first sessions make the compiler translate.
  await sessions.register(count + warmUp)
  for (let user = 0; user < warmUp; user++) await sessions.signIn(user)
  const before = heap()
  for (let user = warmUp; user < count + warmUp; user++) await sessions.signIn(user)
  const after = heap()
  // Whatever the collector may think, they are still needed.
  await sessions.check(await sessions.signIn(0))
  return { ready: (after - before) / count, calls: {} }
})

function heap() {
  for (let time = 0; time < 3; time++) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
