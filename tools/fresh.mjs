import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root, runCommand } from "./command.mjs"

const stamp = join(root, "node_modules/.cache/mortise-build")

/** What a build reads besides the packages themselves. */
const shared = ["pnpm-lock.yaml", "tsconfig.base.json", "tools/tsup-preset.mjs"]

/** Directories that a build does not read. */
const unread = new Set(["node_modules", "dist", "test", "e2e", "coverage"])

/**
 * Installs and builds what is missing or out of date, and nothing else: a second call takes milliseconds.
 *
 * @returns {Promise<void>}
 */
export async function makeFresh() {
  await installIfStale()
  await buildIfStale()
}

/** Compares the lockfile with the one that pnpm keeps of what it has installed. */
async function installIfStale() {
  const installed = join(root, "node_modules/.pnpm/lock.yaml")
  const wanted = readFileSync(join(root, "pnpm-lock.yaml"), "utf8")
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  await orFail("npx", ["--yes", packageManager, "install", "--frozen-lockfile"])
}

/**
 * Compares the contents of the sources, because a checkout changes times without changing anything, with
 * those of the last build that succeeded.
 */
async function buildIfStale() {
  const packages = readdirSync(join(root, "packages"))
  const sources = digest([...shared, ...packages.flatMap((name) => filesBelow(join("packages", name)))])
  const complete = packages.every((name) => existsSync(join(root, "packages", name, "dist")))
  if (complete && existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return
  await orFail("pnpm", ["--recursive", "--filter", "./packages/*", "run", "build"])
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, sources)
}

/**
 * @param {string} directory relative to the repository
 * @returns {string[]}
 */
function filesBelow(directory) {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (!entry.isDirectory()) return [path]
    return unread.has(entry.name) ? [] : filesBelow(path)
  })
}

/** @param {string[]} files */
function digest(files) {
  const hash = createHash("sha256")
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0")
  return hash.digest("hex")
}

/**
 * @param {string} program
 * @param {string[]} args
 */
async function orFail(program, args) {
  const code = await runCommand(program, args)
  if (code !== 0) process.exit(code)
}
