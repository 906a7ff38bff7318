// `pnpm build`: the application with Next, into .next.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))

/** What Next builds from. Our packages are bundled as they were built; the lockfile stands for everybody else's. */
const sources = [
  "src",
  "public",
  "next.config.mjs",
  ...["core", "client", "next", "adapter-postgres", "adapter-redis"].map(
    (name) => `../../packages/${name}/dist`,
  ),
  "../../pnpm-lock.yaml",
]

/**
 * Takes some ten seconds, so it runs only when something has changed, into a folder of its own: a server may be running from the one before. Several
 * may call it at once, in several processes: who comes meanwhile waits. Answers the folder.
 */
export async function build() {
  return await alone(join(here, ".data/build-lock"), async () => {
    const folder = `.next/${(await digestOf(sources)).slice(0, 16)}`
    const done = join(here, folder, "done")
    if (
      await access(done).then(
        () => true,
        () => false,
      )
    )
      return folder
    await removeFormer()
    await runNext(folder)
    await writeFile(done, "")
    return folder
  })
}

/** All but the latest. */
async function removeFormer() {
  const folders = await readdir(join(here, ".next")).catch(() => [])
  const paths = folders.map((name) => join(here, ".next", name))
  const ages = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })))
  const [, ...former] = ages.sort((one, other) => other.at - one.at)
  for (const { path } of former) await rm(path, { recursive: true, force: true })
}

/** @param {string} folder */
async function runNext(folder) {
  const program = join(here, "node_modules/next/dist/bin/next")
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    NODE_OPTIONS: "",
    CI: "1",
    BUILD_DIR: folder,
  }
  const next = spawn(process.execPath, [program, "build"], {
    cwd: here,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [next.stdout, next.stderr]) stream.on("data", (data) => (output += data))
  const [code] = await once(next, "close")
  if (code !== 0) throw new Error(`The application could not be built.\n${output}`)
}

/**
 * Runs while no other process is inside. A lock whose owner is gone counts for nothing.
 *
 * @template T
 * @param {string} lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function alone(lock, work) {
  await mkdir(join(lock, ".."), { recursive: true, mode: 0o700 })
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
    return await work()
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

/** @param {string[]} paths */
async function digestOf(paths) {
  const hash = createHash("sha256")
  for (const file of (await Promise.all(paths.map(filesIn))).flat()) {
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

if (process.argv[1] === join(here, "build.mjs")) console.log(`BUILD_DIR=${await build()}`)
