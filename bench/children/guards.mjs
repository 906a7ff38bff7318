import { assertWay } from "../acceptance.mjs"
import { serveCalls } from "../child.mjs"
import { guardWays } from "../contenders/mortise-guards.mjs"

serveCalls(async () => {
  const ways = await guardWays()
  for (const way of ways) await assertWay(way)
  return {
    ready: ways.map(({ name, beside, what }) => ({ name, beside, what })),
    calls: {
      run: (name, count) =>
        run(
          ways.find((way) => way.name === name),
          count,
        ),
    },
  }
})

/**
 * Nothing is awaited, so that a difference of some nanoseconds is not that of a promise; nanoseconds per check.
 *
 * @param {import("../contenders/mortise-guards.mjs").Way | undefined} way
 * @param {number} count
 */
function run(way, count) {
  if (!way) throw new Error("There is no such way.")
  const { check, passes } = way
  const cpuBefore = process.cpuUsage()
  const wallBefore = process.hrtime.bigint()
  for (let done = 0; done < count; done++) {
    if (typeof check(passes) !== "string")
      throw new Error(`${way.name} refused the right one, or made it wait.`)
  }
  const wall = Number(process.hrtime.bigint() - wallBefore)
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wall: wall / count, cpu: ((user + system) * 1000) / count }
}
