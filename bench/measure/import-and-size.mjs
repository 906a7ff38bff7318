import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { lstatSync, readdirSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { withTarballs } from "../../tools/gates/pack/tarballs.mjs"
import { versionOf } from "../machine.mjs"
import { amount, atMost, short } from "../report.mjs"
import { interleave, summary } from "../rounds.mjs"

/** What a server with password sign-in imports and installs. `own` packages come as tarballs of this repository. */
const servers = [
  { entry: "mortise", own: ["core"], packages: ["@node-rs/argon2"] },
  { entry: "mortise-without-hasher", own: ["core"], packages: [] },
  { entry: "lucia", packages: ["lucia", "@lucia-auth/adapter-postgresql", "@node-rs/argon2"] },
  { entry: "express-session", packages: ["express-session", "connect-redis", "redis", "@node-rs/argon2"] },
  { entry: "iron-session", packages: ["iron-session", "@node-rs/argon2"] },
  { entry: "better-auth", packages: ["better-auth"] },
  { entry: "better-auth-minimal", packages: [] },
]

/**
 * What a password server costs before its first request: time to import it in a fresh process, its size minified and
 * gzipped, and what npm installs for it.
 *
 * @param {import("../report.mjs").Conditions} conditions
 * @returns {Promise<import("../report.mjs").Table[]>}
 */
export async function measureImportAndSize({ quick }) {
  const times = await importTimes(quick ? 5 : 15)
  const installed = quick ? new Map() : await installedSizes()
  const rows = []
  for (const { entry } of servers) {
    const { min, gzip } = await bundled(entry)
    const size = installed.get(entry)
    rows.push([
      entry,
      amount(times(entry), "ms"),
      kibibytes(min),
      kibibytes(gzip),
      size === undefined ? "–" : `${short(size.bytes / 2 ** 20)} MiB in ${counted(size.packages)}`,
    ])
  }
  const without = await bundled("mortise-without-hasher")
  return [
    {
      title: "Cold import and size of a password server",
      note: "Each row is a file of `entries/`. Import: a fresh process from start to end, less one that does nothing. Bundle: esbuild for Node, without native code. Installed: npm, production only, with the optional packages of this platform.",
      columns: ["", "import", "min", "min + gzip", "installed"],
      rows,
      targets: [
        atMost("Cold import of a password server", times("mortise").median, 60, "ms"),
        atMost("Core with password and sessions, min + gzip", without.gzip / 1024, 15, "KiB"),
      ],
    },
  ]
}

/**
 * @param {number} rounds
 * @returns {Promise<(entry: string) => import("../rounds.mjs").Summary>}
 */
async function importTimes(rounds) {
  const entries = ["empty", ...servers.map(({ entry }) => entry)]
  // Files that were never read come from the disk.
  for (const entry of entries) await runTime(entry)
  const samples = await interleave(
    Object.fromEntries(entries.map((entry) => [entry, () => runTime(entry)])),
    rounds,
  )
  const nothing = summary(samples["empty"] ?? []).median
  return (entry) => summary((samples[entry] ?? []).map((time) => time - nothing))
}

/**
 * Milliseconds from start to end of a process that imports an entry.
 *
 * @param {string} entry
 */
async function runTime(entry) {
  const before = performance.now()
  const child = spawn(process.execPath, [pathOf(entry)], { stdio: "ignore" })
  const [code] = await once(child, "exit")
  if (code !== 0) throw new Error(`entries/${entry}.mjs could not be imported.`)
  return performance.now() - before
}

/** @param {string} entry */
async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [pathOf(entry)],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Optional drivers that other libraries look for when they are asked for them.
    external: ["@node-rs/*", "node:*"],
    write: false,
    logLevel: "error",
  })
  const text = Buffer.concat(outputFiles.map(({ contents }) => contents))
  return { min: text.length, gzip: gzipSync(text, { level: 9 }).length }
}

/** @param {string} entry */
function pathOf(entry) {
  return fileURLToPath(new URL(`../entries/${entry}.mjs`, import.meta.url))
}

/** @param {number} packages */
function counted(packages) {
  return packages === 1 ? "1 package" : `${packages} packages`
}

/** @param {number} bytes */
function kibibytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`
}

/** @returns {Promise<Map<string, { bytes: number, packages: number }>>} */
function installedSizes() {
  return withTarballs(async (tarballs) => {
    const sizes = new Map()
    for (const { entry, own = [], packages } of servers) {
      const ours = own.map(
        (name) => tarballs.find((path) => basename(path).startsWith(`mortise-${name}-`)) ?? "",
      )
      const specs = [...ours, ...packages.map((name) => `${name}@${versionOf(name)}`)]
      if (specs.length > 0) sizes.set(entry, await installedSize(specs))
    }
    return sizes
  })
}

/** @param {string[]} specs */
async function installedSize(specs) {
  const directory = await mkdtemp(join(tmpdir(), "mortise-install-"))
  try {
    await writeFile(join(directory, "package.json"), "{}")
    const flags = ["--omit=dev", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    await promisify(execFile)("npm", ["install", ...flags, ...specs], { cwd: directory })
    return weigh(join(directory, "node_modules"))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/**
 * @param {string} directory
 * @returns {{ bytes: number, packages: number }}
 */
function weigh(directory) {
  let bytes = 0
  let packages = 0
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) bytes += lstatSync(path).size
    if (entry.isFile() && /node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(path)) packages++
  }
  return { bytes, packages }
}
