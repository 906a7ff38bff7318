import { startChild } from "../child.mjs"
import { contenders } from "../contenders/all.mjs"
import { raw } from "../contenders/bare.mjs"
import { contender as mortise } from "../contenders/mortise.mjs"
import { atMost, micros, times } from "../report.mjs"
import { ratio } from "../rounds.mjs"
import { measureChecks } from "./check-rounds.mjs"

/**
 * What a check costs when the sessions are in the memory of the process. Each library has a process of its own, so that
 * none pays for another's garbage.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureSessionCheck({ quick }) {
  return [await checksAmong(1, quick), await checksAmong(quick ? 5000 : 100_000, quick)]
}

/**
 * @param {number} sessions
 * @param {boolean} quick
 * @returns {Promise<import("../report.mjs").Table>}
 */
async function checksAmong(sessions, quick) {
  const taking = [raw, ...contenders].filter(({ memory }) => memory)
  const children = await Promise.all(
    taking.map(async ({ name }) => {
      const child = await startChild("checker.mjs", { names: [name], store: "memory", sessions })
      return { name, child }
    }),
  )
  const runs = Object.fromEntries(
    children.map(({ name, child }) => [
      name,
      (/** @type {number} */ count) => child.call("run", name, count, 1),
    ]),
  )
  const costs = await measureChecks(runs, { rounds: quick ? 40 : 150, roundMs: 4 })
  await Promise.all(children.map(({ child }) => child.stop()))

  const bound = costs(raw.name)
  const own = costs(mortise.name)
  const among = sessions === 1 ? "1 session" : `${sessions.toLocaleString("en")} sessions`
  return {
    title: `Session check in memory, ${among}`,
    note: "One check after the other, sessions in random order, two other cookies beside. CPU is that of the whole process, with its garbage collector.",
    columns: ["", "CPU per check", "time per check", "CPU × by hand", "time × by hand"],
    rows: taking.map(({ name }) => {
      const { cpu, wall } = costs(name)
      return [name, micros(cpu), micros(wall), times(cpu, bound.cpu), times(wall, bound.wall)]
    }),
    targets: [atMost(`Session check in memory, ${among}, CPU`, ratio(own.cpu, bound.cpu), 3, "× by hand")],
  }
}
