import { startChild } from "../child.mjs"
import { jwtContenders } from "../contenders/all.mjs"
import { bareJose, bareJoseEdDsa } from "../contenders/jose.mjs"
import { revocable, unrevoked, unrevokedEdDsa } from "../contenders/mortise-jwt.mjs"
import { atMost, micros, times } from "../report.mjs"
import { ratio } from "../rounds.mjs"
import { measureChecks } from "./check-rounds.mjs"

/** More than Mortise keeps (10,000), asked for in turn: each was forgotten when its turn comes again. */
const unseen = 12_000

/**
 * What a check costs when the session is in the cookie: of a token that comes again, as a browser's does with every
 * request, and of one that was never seen. Each contender has a process of its own.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureJwtCheck({ quick }) {
  return [await sameToken(quick), await eachTokenNew(quick)]
}

/** @param {boolean} quick */
async function sameToken(quick) {
  const costs = await costsOf(jwtContenders, { sessions: 1, rounds: quick ? 40 : 150, roundMs: 10 })
  return table({
    title: "Session check with a JWT, the same token again",
    note: "One check after the other, two other cookies beside. CPU is that of the whole process, with its threads and its garbage collector. × bare jose is that of the same algorithm, of HS256 for those who have their own.",
    taking: jwtContenders,
    costs,
    targets: [unrevoked, revocable].map(({ name }) =>
      atMost(`JWT seen before, CPU of ${name}`, costs(name).cpu.median / 1000, 10, "µs"),
    ),
  })
}

/** @param {boolean} quick */
async function eachTokenNew(quick) {
  const taking = [bareJose, unrevoked, revocable, bareJoseEdDsa, unrevokedEdDsa]
  // Rounds so long that each has its share of garbage: what is kept of a token is paid for there.
  const costs = await costsOf(taking, { sessions: unseen, rounds: quick ? 20 : 80, roundMs: 50 })
  const judged = [unrevoked, unrevokedEdDsa]
  return table({
    title: "Session check with a JWT, each token for the first time",
    note: `${unseen.toLocaleString("en")} tokens in random order, more than Mortise keeps. The others keep none: a new token costs them what stands above.`,
    taking,
    costs,
    targets: judged.map(({ name }) => {
      const bound = boundOf(name).name
      return atMost(
        `JWT never seen, CPU of ${name}`,
        ratio(costs(name).cpu, costs(bound).cpu),
        1.1,
        `× ${bound}`,
      )
    }),
  })
}

/** @typedef {import("../contenders/contender.d.ts").Contender} Contender */

/**
 * @param {readonly Contender[]} taking
 * @param {{ sessions: number, rounds: number, roundMs: number }} options
 */
async function costsOf(taking, { sessions, rounds, roundMs }) {
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
  const costs = await measureChecks(runs, { rounds, roundMs })
  await Promise.all(children.map(({ child }) => child.stop()))
  return costs
}

/**
 * @param {object} measured
 * @param {string} measured.title
 * @param {string} measured.note
 * @param {readonly Contender[]} measured.taking
 * @param {Awaited<ReturnType<typeof costsOf>>} measured.costs
 * @param {readonly import("../report.mjs").Target[]} measured.targets
 * @returns {import("../report.mjs").Table}
 */
function table({ title, note, taking, costs, targets }) {
  return {
    title,
    note,
    columns: ["", "CPU per check", "time per check", "CPU × bare jose", "time × bare jose"],
    rows: taking.map(({ name }) => {
      const { cpu, wall } = costs(name)
      const bound = costs(boundOf(name).name)
      return [name, micros(cpu), micros(wall), times(cpu, bound.cpu), times(wall, bound.wall)]
    }),
    targets,
  }
}

/** @param {string} name */
function boundOf(name) {
  return [bareJoseEdDsa.name, unrevokedEdDsa.name].includes(name) ? bareJoseEdDsa : bareJose
}
