import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { setTimeout } from "node:timers/promises"
import { serveCalls } from "../child.mjs"
import { named } from "../contenders/all.mjs"
import { quantile } from "../rounds.mjs"

/** How often the server's own files are read while it is watched, in milliseconds. */
const readEvery = 20

/**
 * @typedef {object} Settings
 * @property {string} name
 * @property {"express" | "hono" | "signInServer"} kind
 * @property {import("../contenders/contender.d.ts").Account[]} [accounts]
 */

serveCalls(async (/** @type {Settings} */ { name, kind, accounts = [] }) => {
  const { listener, ready } =
    kind === "signInServer" ? await signInServer(name, accounts) : await guarded(name, kind)
  const server = createServer(listener)
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)))
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
  return {
    ready: { port, ...ready },
    calls: { cpu: () => cpuSoFar(), mainCpu: () => mainCpuSoFar(), watch, watched },
  }
})

/**
 * @param {string} name
 * @param {"express" | "hono"} kind
 */
async function guarded(name, kind) {
  const made = await named(name)[kind]?.()
  if (!made) throw new Error(`${name} has no server of the kind ${kind}.`)
  await made.register(2)
  return { listener: made.listener, ready: { valid: await made.signIn(0), expired: await made.expired() } }
}

/**
 * @param {string} name
 * @param {import("../contenders/contender.d.ts").Account[]} accounts
 */
async function signInServer(name, accounts) {
  const made = await named(name).signInServer?.(accounts)
  if (!made) throw new Error(`${name} has no sign-in.`)
  return { listener: made.listener, ready: { path: made.path, bodies: accounts.map(made.body) } }
}

/** Milliseconds that this process has computed. */
function cpuSoFar() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** What of that the main thread was, which takes requests while others hash; not a number but on Linux, whose scheduler counts it. */
function mainCpuSoFar() {
  if (process.platform !== "linux") return Number.NaN
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")
  return Number(nanoseconds) / 1e6
}

const delays = monitorEventLoopDelay({ resolution: 1 })
/** @type {number[]} */
let reads = []
let watching = false

/** From now on: how late the event loop is, and how long it takes this process to read a file. */
function watch() {
  reads = []
  watching = true
  delays.reset()
  delays.enable()
  void readFiles()
}

async function readFiles() {
  while (watching) {
    const before = performance.now()
    await readFile(new URL(import.meta.url))
    reads.push(performance.now() - before)
    await setTimeout(readEvery)
  }
}

/** What was seen since, in milliseconds. */
function watched() {
  watching = false
  delays.disable()
  reads.sort((one, other) => one - other)
  return {
    delay: delays.percentile(99) / 1e6,
    readMedian: quantile(reads, 0.5),
    read99: quantile(reads, 0.99),
    readMost: quantile(reads, 1),
  }
}
