import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { Miniflare } from "miniflare"
import { startChild } from "../child.mjs"
import { amount, atMost, short, times } from "../report.mjs"
import { interleave, summary } from "../rounds.mjs"

const connections = 16

/** What runs in workerd, least first. */
const workers = [
  { name: "no authentication", entry: "bare" },
  { name: "by hand, KV", entry: "by-hand" },
  { name: "Mortise, KV", entry: "kv" },
  { name: "Mortise, Durable Objects", entry: "durable-object" },
]

/**
 * A Worker with Hono, the magic-link flow and a guarded `GET /me`, in workerd: its size, what it costs to start, and the processor time of a request.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureWorker({ quick }) {
  const bundles = new Map(
    await Promise.all(workers.map(async ({ entry }) => /** @type {const} */ ([entry, await bundled(entry)]))),
  )
  const starts = await startTimes(bundles, quick ? 3 : 12)
  const requests = await requestTimes(bundles, quick ? 4 : 24)
  const free = requests("bare")
  const gzip = (/** @type {string} */ entry) => gzipSync(bundles.get(entry) ?? "", { level: 9 }).length / 1024
  return [
    {
      title: "A Worker with magic links, in workerd",
      note: `Start: from a new workerd to its first answer, and the processor time of that process meanwhile; isolate, modules and first request, least and most code alike. Request: processor time of workerd per request over ${connections} connections, KV and objects as miniflare keeps them on disk. Bundle: esbuild for Workers.`,
      columns: ["", "min + gzip", "start", "CPU of start", "CPU per request", "CPU × no authentication"],
      rows: workers.map(({ name, entry }) => [
        name,
        `${short(gzip(entry))} KiB`,
        amount(starts(entry).elapsed, "ms"),
        amount(starts(entry).cpu, "ms"),
        amount(requests(entry), "µs"),
        times(requests(entry), free),
      ]),
      targets: [atMost("Worker with Hono, magic links and KV, min + gzip", gzip("kv"), 60, "KiB")],
    },
  ]
}

/** @param {string} entry */
async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../workers/${entry}.mjs`, import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    write: false,
    logLevel: "error",
  })
  return outputFiles[0]?.text ?? ""
}

/** @param {string} contents */
function started(contents) {
  return new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents }],
    compatibilityDate: "2026-04-01",
    cf: false,
    kvNamespaces: ["SESSIONS"],
    ...(contents.includes("MortiseObject")
      ? { durableObjects: { AUTH: { className: "MortiseObject", useSQLite: true } } }
      : {}),
  })
}

/**
 * @param {Map<string, string>} bundles
 * @param {number} rounds
 */
async function startTimes(bundles, rounds) {
  const samples = await interleave(
    Object.fromEntries(
      [...bundles].map(([entry, contents]) => [
        entry,
        async () => {
          const before = performance.now()
          const known = new Set(workerdIds())
          const worker = started(contents)
          await (await worker.dispatchFetch("http://localhost/me")).text()
          const elapsed = performance.now() - before
          const cpu = cpuOf(newId(known))
          await worker.dispose()
          return { elapsed, cpu }
        },
      ]),
    ),
    rounds,
  )
  return (/** @type {string} */ entry) => ({
    elapsed: summary((samples[entry] ?? []).map(({ elapsed }) => elapsed)),
    cpu: summary((samples[entry] ?? []).map(({ cpu }) => cpu)),
  })
}

/**
 * @param {Map<string, string>} bundles
 * @param {number} rounds
 */
async function requestTimes(bundles, rounds) {
  const load = await startChild("load.mjs", {})
  /** @type {Record<string, (milliseconds: number) => Promise<number>>} */
  const subjects = {}
  const running = []
  for (const [entry, contents] of bundles) {
    const known = new Set(workerdIds())
    const worker = started(contents)
    running.push(worker)
    const { port } = await worker.ready
    const id = newId(known)
    const cookie = await (await worker.dispatchFetch("http://localhost/cookie")).text()
    await assertGuarded(entry, worker, cookie)
    const requests = [`GET /me HTTP/1.1\r\nhost: localhost\r\ncookie: theme=dark; ${cookie}; lang=en\r\n\r\n`]
    subjects[entry] = async (milliseconds) => {
      const before = cpuOf(id)
      const { answers } = await load.call("load", { port: Number(port), requests, connections, milliseconds })
      return ((cpuOf(id) - before) * 1000) / answers
    }
    await subjects[entry](1500)
  }
  const samples = await interleave(
    Object.fromEntries(Object.entries(subjects).map(([entry, run]) => [entry, () => run(1000)])),
    rounds,
  )
  await load.stop()
  await Promise.all(running.map((worker) => worker.dispose()))
  return (/** @type {string} */ entry) => summary(samples[entry] ?? [])
}

/**
 * Only what works is measured: the cookie is let in, and one with another last letter is not.
 *
 * @param {string} entry
 * @param {Miniflare} worker
 * @param {string} cookie
 */
async function assertGuarded(entry, worker, cookie) {
  const changed = cookie.slice(0, -1) + (cookie.endsWith("x") ? "y" : "x")
  const ask = async (/** @type {string} */ one) => {
    const answer = await worker.dispatchFetch("http://localhost/me", { headers: { cookie: one } })
    await answer.text()
    return answer.status
  }
  const answers = [await ask(cookie), entry === "bare" ? 401 : await ask(changed)]
  if (answers.join() !== "200,401") throw new Error(`${entry} answered ${answers.join(" and ")}.`)
}

/** Of this process's children, those that are workerd. */
function workerdIds() {
  const text = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
  return text
    .split(" ")
    .filter(Boolean)
    .filter((id) => readFileSync(`/proc/${id}/comm`, "utf8").startsWith("workerd"))
}

/** @param {ReadonlySet<string>} known */
function newId(known) {
  const id = workerdIds().find((each) => !known.has(each))
  if (id === undefined) throw new Error("workerd did not start.")
  return id
}

/**
 * Milliseconds of processor time that a process has taken, all its threads together. Linux counts in hundredths of a second.
 *
 * @param {string} id
 */
function cpuOf(id) {
  const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}
