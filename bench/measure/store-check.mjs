import { startChild } from "../child.mjs"
import { contenders } from "../contenders/all.mjs"
import { bareGet, bareJoin, bareRow, raw } from "../contenders/bare.mjs"
import { contender as mortise } from "../contenders/mortise.mjs"
import { atMost, micros, times } from "../report.mjs"
import { ratio } from "../rounds.mjs"
import { measureChecks } from "./check-rounds.mjs"

/** How many checks are under way at once: one tells the time of an answer, many tell what a busy server pays. */
const crowd = 64

/**
 * What a check costs when the sessions are in Redis, beside the bare GET of the same value.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export function measureRedisCheck({ quick, redisUrl }) {
  return checksIn({ title: "Redis", store: "redis", url: redisUrl, bounds: [bareGet], quick })
}

/**
 * The same in PostgreSQL, beside one prepared SELECT through the same pool.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export function measurePostgresCheck({ quick, postgresUrl }) {
  return checksIn({
    title: "PostgreSQL",
    store: "postgres",
    url: postgresUrl,
    bounds: [bareRow, bareJoin],
    quick,
  })
}

/**
 * @typedef {object} Settings
 * @property {string} title
 * @property {"redis" | "postgres"} store
 * @property {string} url
 * @property {readonly import("../contenders/contender.d.ts").Bound[]} bounds
 * @property {boolean} quick
 *
 * @param {Settings} settings
 */
async function checksIn({ title, store, url, bounds, quick }) {
  const taking = [...bounds, raw, ...contenders].filter((each) => each[store]).map(({ name }) => name)
  // Mortise shares its client with what it is compared with. The others are by themselves: one that follows its requests
  // with AsyncLocalStorage makes every promise of its process slower.
  const shared = [...bounds, raw, mortise].map(({ name }) => name).filter((name) => taking.includes(name))
  const alone = taking.filter((name) => !shared.includes(name))
  const children = []
  for (const names of [shared, ...alone.map((name) => [name])]) {
    children.push({ names, child: await startChild("checker.mjs", { names, store, url, sessions: 1000 }) })
  }
  /** @type {import("../report.mjs").Table[]} */
  const tables = []
  for (const inFlight of [1, crowd]) {
    /** @type {Record<string, import("./check-rounds.mjs").Run>} */
    const runs = {}
    for (const { names, child } of children) {
      for (const name of names) runs[name] = (count) => child.call("run", name, count, inFlight)
    }
    const costs = await measureChecks(runs, {
      rounds: quick ? 30 : 80,
      roundMs: 15,
      judged: shared,
      more: quick ? 0 : 240,
    })
    const judged = inFlight === 1 ? bounds : []
    tables.push({
      title: `Session check in ${title}, ${inFlight} in flight`,
      note: `${inFlight === 1 ? "One check after the other" : `${inFlight} checks under way at any time`}, 1,000 sessions in random order. CPU is that of the asking process.`,
      columns: ["", "time per check", "CPU per check", ...bounds.map(({ name }) => `time × ${name}`)],
      rows: taking.map((name) => {
        const { cpu, wall } = costs(name)
        return [
          name,
          micros(wall),
          micros(cpu),
          ...bounds.map((bound) => times(wall, costs(bound.name).wall)),
        ]
      }),
      targets: judged.map(({ name }) =>
        atMost(
          `Session check in ${title}`,
          ratio(costs(mortise.name).wall, costs(name).wall),
          1.15,
          `× ${name}`,
          taking.includes(raw.name) ? ratio(costs(raw.name).wall, costs(name).wall) : undefined,
        ),
      ),
    })
  }
  await Promise.all(children.map(({ child }) => child.stop()))
  return tables
}
