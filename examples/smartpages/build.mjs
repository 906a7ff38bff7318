// `pnpm build`: the pages with Astro into web/dist, the Workers with esbuild into dist/, as wrangler bundles them.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as esbuild from "esbuild"

const here = fileURLToPath(new URL(".", import.meta.url))

/** The Workers, by their folders. */
export const workers = /** @type {const} */ (["core", "mailer", "data"])

/** What the pages are built from. The lockfile stands for Astro and Solid themselves. */
const pageSources = [
  "web/src",
  "web/public",
  "web/astro.config.mjs",
  "words",
  "data/src",
  "../../pnpm-lock.yaml",
]

/** Builds what is not built yet. Several may call it at once, in several processes. */
export async function build() {
  await mkdir(join(here, "dist"), { recursive: true })
  await Promise.all([buildPages(), buildWorkers()])
}

/** Astro takes seconds, so it runs only when something has changed; who comes meanwhile waits. */
async function buildPages() {
  const stamp = join(here, "dist/pages-stamp")
  const wanted = await digestOf(pageSources)
  await alone(join(here, "dist/pages-lock"), async () => {
    if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return
    await rm(stamp, { force: true })
    await runAstro()
    await writeFile(stamp, wanted)
  })
}

async function runAstro() {
  const program = join(here, "node_modules/astro/astro.js")
  const env = { ...process.env, NODE_ENV: "production", ASTRO_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "" }
  const astro = spawn(process.execPath, [program, "build"], {
    cwd: join(here, "web"),
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [astro.stdout, astro.stderr]) stream.on("data", (data) => (output += data))
  const [code] = await once(astro, "close")
  if (code !== 0) throw new Error(`The pages could not be built.\n${output}`)
}

/** How wrangler bundles a Worker. */
export const bundling = /** @satisfies {esbuild.BuildOptions} */ ({
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2024",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*"],
  // Our packages are free of side effects and may import pieces for their order alone.
  logOverride: { "ignored-bare-import": "silent" },
})

/** Takes a tenth of a second. A file that is already right is not touched: a Worker may be running from it. */
async function buildWorkers() {
  const { outputFiles } = await esbuild.build({
    ...bundling,
    entryPoints: Object.fromEntries(workers.map((name) => [name, `${name}/src/index.ts`])),
    outdir: "dist",
    sourcemap: "inline",
    write: false,
  })
  for (const { path, contents } of outputFiles) {
    const present = await readFile(path).catch(() => undefined)
    if (present?.equals(contents)) continue
    const fresh = `${path}.${process.pid}`
    await writeFile(fresh, contents)
    await rename(fresh, path)
  }
}

/**
 * Runs while no other process is inside. A lock whose owner is gone counts for nothing.
 *
 * @param {string} lock
 * @param {() => Promise<void>} work
 */
async function alone(lock, work) {
  for (;;) {
    const taken = await writeFile(lock, `${process.pid}`, { flag: "wx" }).then(
      () => true,
      () => false,
    )
    if (taken) break
    const owner = Number(await readFile(lock, "utf8").catch(() => ""))
    if (owner > 0 && !isRunning(owner)) await rm(lock, { force: true })
    await setTimeout(100)
  }
  try {
    await work()
  } finally {
    await rm(lock, { force: true })
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** @param {string[]} sources */
async function digestOf(sources) {
  const hash = createHash("sha256")
  for (const file of (await Promise.all(sources.map(filesIn))).flat()) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(here, file)))
      .update("\0")
  }
  return hash.digest("hex")
}

/**
 * @param {string} path a file, or a folder with everything below it
 * @returns {Promise<string[]>}
 */
async function filesIn(path) {
  const entries = await readdir(join(here, path), { withFileTypes: true }).catch(() => undefined)
  if (!entries) return [path]
  return (await Promise.all(entries.map(({ name }) => filesIn(`${path}/${name}`)))).flat().sort()
}

if (process.argv[1] === join(here, "build.mjs")) await build()
