// `node measure.mjs`, on Linux: what the Core Worker costs in workerd, as CPU time of the whole process beyond that of a Worker that only says "ok" with the
// same bindings. What simulates KV runs in the same process and is counted, so on Cloudflare it is less.
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import * as esbuild from "esbuild"
import { Miniflare } from "miniflare"
import { unstable_getMiniflareWorkerOptions as wranglerOptions } from "wrangler"
import { build, bundling } from "./build.mjs"
import { migrate } from "./local/migrate.mjs"

/** @typedef {ReturnType<typeof optionsOf>} WorkerOptions */

const config = fileURLToPath(new URL("core/wrangler.jsonc", import.meta.url))
const origin = "https://smartpages.example"
const rounds = 5
const requests = 500
const parallel = 8
const copies = 20

/** In place of the Mailer and the data Worker. Tells the link of the latest mail. */
const others = {
  name: "others",
  compatibilityDate: "2026-04-01",
  modules: true,
  script: `import { WorkerEntrypoint } from "cloudflare:workers"
let link = ""
export default class extends WorkerEntrypoint {
  sendMagicLink({ url }) { link = url }
  open() { return {} }
  fetch() { return new Response(link) }
}`,
}

await build()
const folder = await mkdtemp(join(tmpdir(), "smartpages-measure-"))
try {
  const core = join(folder, "core.js")
  const bare = join(folder, "bare.js")
  await esbuild.build({ ...bundling, entryPoints: ["core/src/index.ts"], outfile: core, minify: true })
  // The class stands in wrangler's file, so it has to be there.
  const object = `import { DurableObject } from "cloudflare:workers"; export class MortiseObject extends DurableObject {}\n`
  await writeFile(
    bare,
    `${object}export default {
      async fetch({ url }, { SESSIONS }) {
        if (url.endsWith("/kv")) await SESSIONS.get(["session:one", "ended:one"])
        return new Response("ok")
      },
    }`,
  )
  console.log(
    `bundle, min+gzip        ${(gzipSync(readFileSync(core), { level: 9 }).length / 1024).toFixed(1)} KiB`,
  )

  const starts = { core: await medianStart(core), bare: await medianStart(bare) }
  console.log(
    `start and first answer  ${(starts.core - starts.bare).toFixed(1)} ms beyond ${starts.bare.toFixed(1)}`,
  )

  const [nothing = 0, read = 0] = await costs(bare, ["/auth/session", "/kv"], async () => "")
  const paths = ["/auth/session", "/de/login", "/de/dashboard"]
  const visitor = await costs(core, paths.slice(0, 2), async () => "")
  const customer = await costs(core, paths, signIn)
  console.log(`a Worker that says ok   ${nothing.toFixed(2)} ms a request; beyond that`)
  report("one read of KV, as simulated", read - nothing)
  for (const [index, cost] of visitor.entries()) report(`${paths[index]}, a visitor`, cost - nothing)
  for (const index of [0, 2]) report(`${paths[index]}, signed in`, (customer[index] ?? 0) - nothing)
} finally {
  await rm(folder, { recursive: true, force: true })
}

/**
 * @param {string} what
 * @param {number} milliseconds
 */
function report(what, milliseconds) {
  console.log(`${what.padEnd(32)}${milliseconds.toFixed(2)} ms`)
}

/**
 * CPU time from the start of the process to the first answer of each of many copies, per copy: one alone would be lost in what the process does anyway.
 *
 * @param {string} script
 */
async function medianStart(script) {
  const times = []
  for (let round = 0; round < rounds; round++) {
    // Not the files: what serves them would start as often, and wrangler's types do not know of it.
    const { assets: _, ...options } = /** @type {WorkerOptions & { assets?: unknown }} */ (optionsOf(script))
    const names = Array.from({ length: copies }, (_, index) => `copy-${index}`)
    const ask = `export default {
      async fetch(request, env) {
        await Promise.all(Object.values(env).map((copy) => copy.fetch("${origin}/login", { redirect: "manual" })))
        return new Response("ok")
      },
    }`
    const miniflare = new Miniflare({
      cf: false,
      workers: [
        {
          name: "all",
          compatibilityDate: "2026-04-01",
          modules: true,
          script: ask,
          serviceBindings: Object.fromEntries(names.map((name) => [name, name])),
        },
        ...names.map((name) => ({ ...options, name })),
        others,
      ],
    })
    await (await miniflare.dispatchFetch(origin)).text()
    times.push(cpuOfWorkerd() / copies)
    await miniflare.dispose()
  }
  return median(times)
}

/**
 * CPU time of a request to each path, when the Worker is warm.
 *
 * @param {string} script
 * @param {readonly string[]} paths
 * @param {(miniflare: Miniflare) => Promise<string>} prepare answers the cookies
 */
async function costs(script, paths, prepare) {
  const worker = await start(script)
  const cookie = await prepare(worker.miniflare)
  const medians = []
  for (const path of paths) {
    await worker.many(path, cookie)
    const times = []
    for (let round = 0; round < rounds; round++) {
      const before = cpuOfWorkerd()
      await worker.many(path, cookie)
      times.push((cpuOfWorkerd() - before) / requests)
    }
    medians.push(median(times))
  }
  await worker.stop()
  return medians
}

/**
 * Signs somebody in, and answers their cookie.
 *
 * @param {Miniflare} miniflare
 */
async function signIn(miniflare) {
  await migrate(miniflare, config)
  const headers = { "content-type": "application/json" }
  const start = { method: "POST", headers, body: JSON.stringify({ email: "ada@example.com", locale: "de" }) }
  await miniflare.dispatchFetch(`${origin}/auth/start`, start)
  const others = await miniflare.getWorker("others")
  const link = new URL(await (await others.fetch(origin)).text())
  const confirm = { method: "POST", headers, body: JSON.stringify({ token: link.searchParams.get("token") }) }
  const confirmed = await miniflare.dispatchFetch(`${origin}/auth/confirm`, confirm)
  return confirmed.headers.getSetCookie()[0]?.split(";")[0] ?? ""
}

/** @param {string} script */
function optionsOf(script) {
  const { workerOptions } = wranglerOptions(config)
  return {
    ...workerOptions,
    name: "smartpages-core",
    modulesRoot: folder,
    modules: [{ type: /** @type {const} */ ("ESModule"), path: script }],
    bindings: { ORIGIN: origin, AUTH_SECRET: randomUUID() },
    serviceBindings: { MAILER: "others", DATA: "others" },
  }
}

/** The CPU time so far of the only workerd that is running, in milliseconds. */
function cpuOfWorkerd() {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ")
  const pid = children.find((child) => readFileSync(`/proc/${child}/comm`, "utf8").trim() === "workerd")
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** @param {string} script */
async function start(script) {
  const miniflare = new Miniflare({ cf: false, workers: [optionsOf(script), others] })
  const url = await miniflare.ready

  /**
   * @param {string} path
   * @param {string} cookie
   */
  async function get(path, cookie) {
    const response = await fetch(new URL(path, url), { headers: { cookie }, redirect: "manual" })
    await response.arrayBuffer()
    if (response.status >= 400) throw new Error(`${path} answered ${response.status}.`)
  }

  return {
    miniflare,
    /**
     * @param {string} path
     * @param {string} cookie
     */
    async many(path, cookie) {
      let left = requests
      await Promise.all(
        Array.from({ length: parallel }, async () => {
          while (left-- > 0) await get(path, cookie)
        }),
      )
    },
    stop: () => miniflare.dispose(),
  }
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}
