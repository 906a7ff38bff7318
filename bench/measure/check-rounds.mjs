import { interleaveJudged, summary } from "../rounds.mjs"

/**
 * @typedef {(count: number) => Promise<{ wall: number, cpu: number }>} Run nanoseconds per check
 * @typedef {{ wall: import("../rounds.mjs").Summary, cpu: import("../rounds.mjs").Summary }} Cost
 */

/**
 * Measures several ways to check a session against each other, in rounds so short that most of them are not interrupted.
 *
 * @param {Record<string, Run>} runs
 * @param {{ rounds: number, roundMs: number, judged?: readonly string[], more?: number }} options `more` rounds for those whose
 *   ratio is held against a target
 * @returns {Promise<(name: string) => Cost>}
 */
export async function measureChecks(runs, { rounds, roundMs, judged = [], more = 0 }) {
  /** @type {Record<string, () => ReturnType<Run>>} */
  const subjects = {}
  for (const [name, run] of Object.entries(runs)) {
    const count = await warmedUp(run, roundMs)
    subjects[name] = () => run(count)
  }
  const samples = await interleaveJudged(subjects, { rounds, judged, more })
  return (name) => {
    const taken = samples[name] ?? []
    return { wall: summary(taken.map(({ wall }) => wall)), cpu: summary(taken.map(({ cpu }) => cpu)) }
  }
}

/**
 * Runs it until the compiler has had its chance, and answers how many checks make a round.
 *
 * @param {Run} run
 * @param {number} roundMs
 */
async function warmedUp(run, roundMs) {
  const until = Date.now() + 500
  let count = 10
  while (Date.now() < until) {
    const { wall } = await run(count)
    count = Math.max(5, Math.round((roundMs * 1e6) / wall))
  }
  return count
}
