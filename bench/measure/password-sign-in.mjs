import { hash } from "@node-rs/argon2"
import { assertSignsIn } from "../acceptance.mjs"
import { startChild } from "../child.mjs"
import { contenders } from "../contenders/all.mjs"
import { bareVerify, bareVerifyOnExpress, raw } from "../contenders/bare.mjs"
import { contender as mortise, onExpress } from "../contenders/mortise.mjs"
import { origin } from "../contenders/site.mjs"
import { amount, atLeast, atMost, short, times } from "../report.mjs"
import { interleave, ratio, summary } from "../rounds.mjs"

/** What OWASP asks of argon2id, and the default of Mortise. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const password = "correct horse battery staple"
/** Milliseconds of full load before anything counts. */
const settling = 20_000

/**
 * Sign-ins per second with 1, 8 and 64 under way, each of another user, beside a server that does nothing but the argon2
 * call; and what a full load does to everything else in the process.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measurePasswordSignIn({ quick }) {
  const stored = await hash(password, parameters)
  const accounts = Array.from({ length: 2000 }, (_, index) => ({
    email: `user-${index}@bench.example`,
    password,
    hash: stored,
  }))
  const taking = signInServers.map(({ name }) => name)
  const load = await startChild("load.mjs", {})
  const servers = await Promise.all(
    taking.map((name) => startChild("server.mjs", { name, kind: "signInServer", accounts })),
  )
  const named = taking.map((name, index) => ({ name, server: /** @type {Child} */ (servers[index]) }))
  for (const { name, server } of named) {
    const { port, path, bodies } = server.ready
    await assertSignsIn(name, `http://127.0.0.1:${port}${path}`, bodies[0])
  }
  if (!quick) for (const { server } of named) await settle(server, load)

  const tables = []
  for (const inFlight of [1, 8, 64]) tables.push(await signInsOf({ named, load, inFlight, quick }))
  await Promise.all([load, ...servers].map((child) => child.stop()))
  return tables
}

/** Everything that signs in. The two on Express tell what of the rest is Express. */
export const signInServers = [
  bareVerify,
  raw,
  ...contenders.filter(({ signInServer }) => signInServer),
  bareVerifyOnExpress,
  onExpress,
]

/** Whose ratio is held against a target, or tells what of it is the framework or the task itself: they are asked once more, by themselves. */
const judged = [bareVerify, raw, mortise, bareVerifyOnExpress, onExpress].map(({ name }) => name)

/**
 * @typedef {import("../child.mjs").Child} Child
 * @typedef {{ rate: number, cpu: number, main: number }} Rate `cpu` and `main` (what of it the main thread was) in milliseconds per sign-in
 * @typedef {Rate & { delay: number, readMedian: number, read99: number, readMost: number }} Sample
 *
 * @param {{ named: { name: string, server: Child }[], load: Child, inFlight: number, quick: boolean }} settings
 * @returns {Promise<import("../report.mjs").Table>}
 */
async function signInsOf({ named, load, inFlight, quick }) {
  const milliseconds = quick ? 800 : 2000
  /** @type {Record<string, () => Promise<Rate>>} */
  const rates = {}
  /** @type {Record<string, () => Promise<Sample>>} */
  const subjects = {}
  for (const { name, server } of named) {
    const requests = server.ready.bodies.map((/** @type {object} */ body) => requestOf(server, body))
    const settings = { port: server.ready.port, requests, connections: inFlight, milliseconds }
    subjects[name] = () => sample(server, load, settings)
    if (judged.includes(name)) rates[name] = () => rateOf(server, load, { ...settings, milliseconds: 1000 })
  }
  for (const run of Object.values(subjects)) await run()
  const samples = await interleave(subjects, quick ? 3 : 4)
  // A second of one at a time is fifty sign-ins, and another second two more or less.
  const more = await interleave(rates, quick ? 0 : 24)
  const of = (/** @type {string} */ name, /** @type {keyof Sample} */ what) =>
    summary((samples[name] ?? []).map((taken) => taken[what]))
  const ratesOf = (/** @type {string} */ name, /** @type {keyof Rate} */ what) =>
    summary([...(samples[name] ?? []), ...(more[name] ?? [])].map((taken) => taken[what]))
  const bare = ratesOf(bareVerify.name, "rate")
  return {
    title: `Password sign-in, ${inFlight} in flight`,
    note: "Each of another user; argon2id with m=19456, t=2, p=1. Event loop and file reads are those of the signing-in process, in milliseconds: the delay's 99th percentile (of which 1 ms is the sampling), and how long it takes to read a small file every 20 ms. They are watched under the same load in rounds of their own, which do not count for rate and CPU.",
    columns: [
      "",
      "sign-ins/s",
      "× bare argon2",
      "CPU per sign-in",
      "main thread",
      "loop delay p99",
      "file read median",
      "file read p99",
    ],
    rows: named.map(({ name }) => [
      name,
      amount(ratesOf(name, "rate"), "/s"),
      times(ratesOf(name, "rate"), bare),
      amount(ratesOf(name, "cpu"), "ms"),
      mainThread(ratesOf(name, "main").median),
      .../** @type {const} */ (["delay", "readMedian", "read99"]).map(
        (what) => `${short(of(name, what).median)} ms`,
      ),
    ]),
    targets: [
      atLeast(
        `Password sign-ins, ${inFlight} in flight`,
        ratio(ratesOf(mortise.name, "rate"), bare),
        0.97,
        "× bare argon2",
        ratio(ratesOf(raw.name, "rate"), bare),
      ),
      ...(inFlight === 64
        ? [
            atMost("Event-loop delay p99, 64 sign-ins in flight", of(mortise.name, "delay").median, 10, "ms"),
            atMost("File read p99, 64 sign-ins in flight", of(mortise.name, "read99").median, 50, "ms"),
          ]
        : []),
    ],
  }
}

/** @param {number} milliseconds not a number where nobody counts them */
function mainThread(milliseconds) {
  return Number.isNaN(milliseconds) ? "–" : `${short(milliseconds)} ms`
}

/**
 * First the rate, then, under the same load once more, what it does to the rest of the process: whoever answers file reads
 * at once is asked for ten times as many, and would be charged for them.
 *
 * @param {Child} server
 * @param {Child} load
 * @param {object} settings
 * @returns {Promise<Sample>}
 */
async function sample(server, load, settings) {
  const rate = await rateOf(server, load, settings)
  await server.call("watch")
  await load.call("load", settings)
  return { ...rate, ...(await server.call("watched")) }
}

/**
 * @param {Child} server
 * @param {Child} load
 * @param {object} settings
 * @returns {Promise<Rate>}
 */
async function rateOf(server, load, settings) {
  const [cpuBefore, mainBefore] = [await server.call("cpu"), await server.call("mainCpu")]
  const { answers, seconds } = await load.call("load", settings)
  const cpu = (await server.call("cpu")) - cpuBefore
  const main = (await server.call("mainCpu")) - mainBefore
  return { rate: answers / seconds, cpu: cpu / answers, main: main / answers }
}

/**
 * Nobody's first requests count: the compiler is at work until each function has run some thousand times, which at two hundred
 * sign-ins a second takes longer than any round.
 *
 * @param {Child} server
 * @param {Child} load
 */
async function settle(server, load) {
  const requests = server.ready.bodies.map((/** @type {object} */ body) => requestOf(server, body))
  const { port } = server.ready
  await load.call("load", { port, requests, connections: 8, milliseconds: settling })
}

/**
 * @param {Child} server
 * @param {object} body
 */
function requestOf(server, body) {
  const text = JSON.stringify(body)
  const head = `POST ${server.ready.path} HTTP/1.1\r\nhost: localhost:3000\r\norigin: ${origin}\r\n`
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}
