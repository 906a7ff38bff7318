import { startChild } from "../child.mjs"
import { contender as mortise } from "../contenders/mortise.mjs"
import { tieredBare, tieredWithUser } from "../contenders/mortise-tiered.mjs"
import { atMost, micros, short, times } from "../report.mjs"
import { ratio, summary } from "../rounds.mjs"
import { measureChecks } from "./check-rounds.mjs"

/**
 * What a check costs that the memory of `tiered()` answers, beside the plain memory store, and what that memory weighs.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureTiered({ quick }) {
  return [await checks(quick), await weight(quick)]
}

/**
 * @param {boolean} quick
 * @returns {Promise<import("../report.mjs").Table>}
 */
async function checks(quick) {
  const sessions = quick ? 5000 : 50_000
  const names = [mortise, tieredBare, tieredWithUser].map(({ name }) => name)
  const children = await Promise.all(
    names.map(async (name) => ({
      name,
      child: await startChild("checker.mjs", { names: [name], store: "memory", sessions }),
    })),
  )
  const runs = Object.fromEntries(
    children.map(({ name, child }) => [
      name,
      (/** @type {number} */ count) => child.call("run", name, count, 1),
    ]),
  )
  // Every session once, so that it is in the memory whose answers are measured.
  for (const run of Object.values(runs)) await run(sessions)
  const costs = await measureChecks(runs, { rounds: quick ? 60 : 150, roundMs: 4 })
  await Promise.all(children.map(({ child }) => child.stop()))
  const plain = costs(mortise.name)
  return {
    title: `Session check in the memory of tiered(), ${sessions.toLocaleString("en")} sessions`,
    note: "One check after the other, in random order, each store in a process of its own, after every session was checked once.",
    columns: ["", "CPU per check", "time per check", "CPU × plain", "time × plain"],
    rows: names.map((name) => {
      const { cpu, wall } = costs(name)
      return [name, micros(cpu), micros(wall), times(cpu, plain.cpu), times(wall, plain.wall)]
    }),
    targets: [tieredBare, tieredWithUser].map(({ name }) =>
      atMost(`${name}, check from memory`, ratio(costs(name).wall, plain.wall), 1.3, "× plain memory store"),
    ),
  }
}

/**
 * @param {boolean} quick
 * @returns {Promise<import("../report.mjs").Table>}
 */
async function weight(quick) {
  const count = quick ? 20_000 : 100_000
  const samples = []
  for (let start = 0; start < (quick ? 1 : 3); start++) {
    const child = await startChild("tiered-bytes.mjs", { count }, ["--expose-gc"])
    samples.push(child.ready)
    await child.stop()
  }
  const each = summary(samples).median / count
  return {
    title: `Memory of tiered(), ${count.toLocaleString("en")} sessions with their users`,
    note: "Heap after garbage collection; session, user and instant as one string each.",
    columns: ["", "bytes per session"],
    rows: [["tiered()", short(each)]],
    targets: [atMost("Memory of tiered(), 100,000 sessions", (each * 100_000) / 1e6, 45, "MB")],
  }
}
