import { assertGuards } from "../acceptance.mjs"
import { startChild } from "../child.mjs"
import { contenders } from "../contenders/all.mjs"
import { raw, rawMiddleware, unguarded } from "../contenders/bare.mjs"
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
  const loads = {
    lean: await startChild("load.mjs", {}),
    general: await startChild("general-load.mjs", {}),
  }
  const express = await requestsOn({ kind: "express", title: "Express 5", least: 0.95, loads, quick })
  const hono = await requestsOn({ kind: "hono", title: "Hono on Node", least: 0.85, loads, quick })
  await Promise.all([loads.lean.stop(), loads.general.stop()])
  return [express, hono]
}

/**
 * @typedef {import("../child.mjs").Child} Child
 * @typedef {{ lean: Child, general: Child }} Loads
 *
 * @typedef {object} Sample
 * @property {number} rate requests per second of our own load
 * @property {number} general requests per second of autocannon's
 * @property {number} cpu microseconds of the server's CPU per request, under our own load
 *
 * @typedef {object} Settings
 * @property {"express" | "hono"} kind
 * @property {string} title
 * @property {number} least
 * @property {Loads} loads
 * @property {boolean} quick
 *
 * @param {Settings} settings
 * @returns {Promise<import("../report.mjs").Table>}
 */
async function requestsOn({ kind, title, least, loads, quick }) {
  const taking = [unguarded, raw, rawMiddleware, ...contenders]
    .filter((each) => each[kind])
    .map(({ name }) => name)
  /** @type {Record<string, Sample[]>} */
  const samples = Object.fromEntries(taking.map((name) => [name, []]))
  // Once more, those alone whose ratio is held against a target, and its floor.
  const judged = [unguarded, raw, rawMiddleware, mortise].filter((each) => each[kind]).map(({ name }) => name)
  // No two starts of a server are equally fast, up to a tenth: memory lies elsewhere, and the compiler decides anew.
  const starts = quick ? [taking] : [taking, taking, ...Array.from({ length: 8 }, () => judged)]
  for (const names of starts) {
    for (const [name, taken] of Object.entries(await oneStart({ kind, names, loads, quick })))
      samples[name]?.push(...taken)
  }

  const of = (/** @type {string} */ name, /** @type {keyof Sample} */ what) =>
    summary((samples[name] ?? []).map((taken) => taken[what]))
  const free = { general: of(unguarded.name, "general"), rate: of(unguarded.name, "rate") }
  const freeCpu = of(unguarded.name, "cpu")
  const reached = (/** @type {"general" | "rate"} */ what, /** @type {string} */ load) =>
    atLeast(
      `Guarded GET /me on ${title}, ${load}`,
      ratio(of(mortise.name, what), free[what]),
      least,
      "× without authentication",
      ratio(of(rawMiddleware.name, what), free[what]),
    )
  return {
    title: `Guarded GET /me on ${title}`,
    note: `${connections} connections from another process, sessions in the server's memory; load by autocannon, and by our own generator, which leaves the server more of the machine. CPU is that of the server, under our own.`,
    columns: [
      "",
      "autocannon",
      "× no authentication",
      "own load",
      "× no authentication",
      "CPU per request",
      "CPU × no authentication",
    ],
    rows: taking.map((name) => [
      name,
      amount(of(name, "general"), "/s"),
      times(of(name, "general"), free.general),
      amount(of(name, "rate"), "/s"),
      times(of(name, "rate"), free.rate),
      amount(of(name, "cpu"), "µs"),
      times(of(name, "cpu"), freeCpu),
    ]),
    targets: [reached("general", "autocannon"), reached("rate", "own load")],
  }
}

/**
 * @param {Pick<Settings, "kind" | "loads" | "quick"> & { names: string[] }} settings
 * @returns {Promise<Record<string, Sample[]>>}
 */
async function oneStart({ kind, names, loads, quick }) {
  const servers = await Promise.all(names.map((name) => startChild("server.mjs", { name, kind })))
  /** @type {Record<string, (milliseconds: number) => Promise<Sample>>} */
  const subjects = {}
  for (const [index, name] of names.entries()) {
    const server = /** @type {import("../child.mjs").Child} */ (servers[index])
    const { port, valid, expired } = server.ready
    if (name !== unguarded.name) await assertGuards(name, `http://127.0.0.1:${port}/me`, { valid, expired })
    const cookie = `theme=dark; ${valid}; lang=en`
    subjects[name] = (milliseconds) => sample(server, loads, { port, cookie, milliseconds })
    await subjects[name](quick ? 500 : 1500)
  }
  const rounds = Object.fromEntries(Object.entries(subjects).map(([name, run]) => [name, () => run(250)]))
  const samples = await interleave(rounds, quick ? 10 : 12)
  await Promise.all(servers.map((server) => server.stop()))
  return samples
}

/**
 * @param {Child} server
 * @param {Loads} loads
 * @param {{ port: number, cookie: string, milliseconds: number }} settings
 * @returns {Promise<Sample>}
 */
async function sample(server, loads, { port, cookie, milliseconds }) {
  const requests = [`GET /me HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookie}\r\n\r\n`]
  const before = await server.call("cpu")
  const lean = await loads.lean.call("load", { port, requests, connections, milliseconds })
  const cpu = (await server.call("cpu")) - before
  const headers = { cookie }
  const general = await loads.general.call("load", { port, path: "/me", headers, connections, milliseconds })
  return {
    rate: lean.answers / lean.seconds,
    general: general.answers / general.seconds,
    cpu: (cpu * 1000) / lean.answers,
  }
}
