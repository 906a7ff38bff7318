import { assertGuards } from "../acceptance.mjs"
import { startChild } from "../child.mjs"
import { contenders } from "../contenders/all.mjs"
import { raw, unguarded } from "../contenders/bare.mjs"
import { contender as mortise } from "../contenders/mortise.mjs"
import { amount, atLeast, times } from "../report.mjs"
import { interleave, ratio, summary } from "../rounds.mjs"

const connections = 16

/**
 * Requests per second of a guarded `GET /me`, its session in memory, beside the same server without authentication.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureGuardedRoute({ quick }) {
  const load = await startChild("load.mjs", {})
  const express = await requestsOn({ kind: "express", title: "Express 5", least: 0.95, load, quick })
  const hono = await requestsOn({ kind: "hono", title: "Hono on Node", least: 0.85, load, quick })
  await load.stop()
  return [express, hono]
}

/**
 * @typedef {{ rate: number, cpu: number }} Sample requests per second, and microseconds of the server's CPU per request
 *
 * @typedef {object} Settings
 * @property {"express" | "hono"} kind
 * @property {string} title
 * @property {number} least
 * @property {import("../child.mjs").Child} load
 * @property {boolean} quick
 *
 * @param {Settings} settings
 * @returns {Promise<import("../report.mjs").Table>}
 */
async function requestsOn({ kind, title, least, load, quick }) {
  const taking = [unguarded, raw, ...contenders].filter((each) => each[kind]).map(({ name }) => name)
  /** @type {Record<string, Sample[]>} */
  const samples = Object.fromEntries(taking.map((name) => [name, []]))
  // No two starts of a server are equally fast: memory lies elsewhere, and the compiler decides anew.
  for (let start = 0; start < (quick ? 1 : 2); start++) {
    for (const [name, taken] of Object.entries(await oneStart({ kind, taking, load, quick })))
      samples[name]?.push(...taken)
  }

  const rateOf = (/** @type {string} */ name) => summary((samples[name] ?? []).map(({ rate }) => rate))
  const cpuOf = (/** @type {string} */ name) => summary((samples[name] ?? []).map(({ cpu }) => cpu))
  const free = rateOf(unguarded.name)
  const freeCpu = cpuOf(unguarded.name)
  return {
    title: `Guarded GET /me on ${title}`,
    note: `${connections} connections from another process, sessions in the server's memory. CPU is that of the server.`,
    columns: ["", "requests/s", "× no authentication", "CPU per request", "CPU × no authentication"],
    rows: taking.map((name) => [
      name,
      amount(rateOf(name), "/s"),
      times(rateOf(name), free),
      amount(cpuOf(name), "µs"),
      times(cpuOf(name), freeCpu),
    ]),
    targets: [
      atLeast(
        `Guarded GET /me on ${title}`,
        ratio(rateOf(mortise.name), free),
        least,
        "× without authentication",
      ),
    ],
  }
}

/**
 * @param {Pick<Settings, "kind" | "load" | "quick"> & { taking: string[] }} settings
 * @returns {Promise<Record<string, Sample[]>>}
 */
async function oneStart({ kind, taking, load, quick }) {
  const servers = await Promise.all(taking.map((name) => startChild("server.mjs", { name, kind })))
  /** @type {Record<string, (milliseconds: number) => Promise<Sample>>} */
  const subjects = {}
  for (const [index, name] of taking.entries()) {
    const server = /** @type {import("../child.mjs").Child} */ (servers[index])
    const { port, valid, expired } = server.ready
    if (name !== unguarded.name) await assertGuards(name, `http://127.0.0.1:${port}/me`, { valid, expired })
    const requests = [`GET /me HTTP/1.1\r\nhost: localhost\r\ncookie: theme=dark; ${valid}; lang=en\r\n\r\n`]
    subjects[name] = (milliseconds) => sample(server, load, { port, requests, connections, milliseconds })
    await subjects[name](quick ? 500 : 1500)
  }
  const rounds = Object.fromEntries(Object.entries(subjects).map(([name, run]) => [name, () => run(250)]))
  const samples = await interleave(rounds, quick ? 10 : 12)
  await Promise.all(servers.map((server) => server.stop()))
  return samples
}

/**
 * @param {import("../child.mjs").Child} server
 * @param {import("../child.mjs").Child} load
 * @param {object} settings
 * @returns {Promise<Sample>}
 */
async function sample(server, load, settings) {
  const before = await server.call("cpu")
  const { answers, seconds } = await load.call("load", settings)
  const cpu = (await server.call("cpu")) - before
  return { rate: answers / seconds, cpu: (cpu * 1000) / answers }
}
