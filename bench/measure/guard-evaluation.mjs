import { startChild } from "../child.mjs"
import { atMost, micros } from "../report.mjs"
import { difference } from "../rounds.mjs"
import { measureChecks } from "./check-rounds.mjs"

/**
 * What a guard costs on top of the session check in memory, and what several realms cost on top of one. All in one process,
 * since what is asked for is a difference.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureGuardEvaluation({ quick }) {
  const child = await startChild("guards.mjs", {})
  /** @type {readonly Pick<import("../contenders/mortise-guards.mjs").Way, "name" | "beside" | "what">[]} */
  const ways = child.ready
  const runs = Object.fromEntries(
    ways.map(({ name }) => [name, (/** @type {number} */ count) => child.call("run", name, count)]),
  )
  const costs = await measureChecks(runs, { rounds: quick ? 40 : 400, roundMs: 8 })
  await child.stop()

  const compared = ways.flatMap(({ name, beside }) =>
    beside === undefined ? [] : [{ name, beside, adds: difference(costs(name).cpu, costs(beside).cpu) }],
  )
  return [
    {
      title: "Guard evaluation",
      note: 'One session in memory, a page that a browser navigates to, everything answered at once and without a promise. All ways in one process in turns; what one adds is taken within each round, then its median. Roles: `allOf(hasRole("store"), not(hasRole("admin")))`; access: a list out of the claims; fresh: `"8h"`. The three realms of `site` have pages and an API each.',
      columns: ["", "CPU per check", "adds", "to", "with"],
      rows: ways.map(({ name, what }) => {
        const one = compared.find((way) => way.name === name)
        return [name, micros(costs(name).cpu), one ? micros(one.adds) : "–", one?.beside ?? "–", what]
      }),
      targets: compared
        .filter(({ name }) => name !== "enter(auth)")
        .map(({ name, beside, adds }) =>
          atMost(`Guard evaluation adds, ${name} to ${beside}`, adds.median / 1000, 1, "µs"),
        ),
    },
  ]
}
