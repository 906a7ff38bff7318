import { startChild } from "../child.mjs"
import { contenders } from "../contenders/all.mjs"
import { raw } from "../contenders/bare.mjs"
import { contender as mortise } from "../contenders/mortise.mjs"
import { atMost, short } from "../report.mjs"
import { summary } from "../rounds.mjs"

/**
 * What a session weighs in a process that holds 100,000 of them, each of its own user.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureBytesPerSession({ quick }) {
  const count = quick ? 20_000 : 100_000
  const taking = [raw, ...contenders].filter(({ memory }) => memory)
  /** @type {Map<string, number>} */
  const weights = new Map()
  for (const { name } of taking) {
    const samples = []
    for (let start = 0; start < (quick ? 1 : 3); start++) {
      const child = await startChild("bytes.mjs", { name, count }, ["--expose-gc"])
      samples.push(child.ready)
      await child.stop()
    }
    // What keeps nothing gives back a little of what the warm-up left.
    weights.set(name, Math.max(0, summary(samples).median))
  }
  const bound = weights.get(raw.name) ?? Number.NaN
  const own = weights.get(mortise.name) ?? Number.NaN
  return [
    {
      title: `Memory per session, ${count.toLocaleString("en")} sessions`,
      note: "Heap and buffers after garbage collection, sessions of as many users. The users themselves are there before. Lucia and Better Auth hand what they keep to a Map; iron-session keeps nothing.",
      columns: ["", "bytes per session", "× by hand"],
      rows: taking.map(({ name }) => [
        name,
        short(weights.get(name) ?? Number.NaN),
        short((weights.get(name) ?? Number.NaN) / bound),
      ]),
      targets: [atMost("Memory per session", own, 350, "bytes", bound)],
    },
  ]
}
