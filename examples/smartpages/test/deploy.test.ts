import { execFile } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { build as analyze } from "esbuild"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { build, workers } from "../build.mjs"
import { patience } from "../e2e/running-demo.js"

const example = fileURLToPath(new URL("..", import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "smartpages-deploy-"))
  // The Core Worker's assets.
  await build()
}, patience)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What wrangler must say that a Worker is bound to, and how many bytes it may have, minified and gzipped. */
const expected = {
  core: {
    bindings: [
      "env.AUTH (MortiseObject)",
      "env.SESSIONS (",
      "env.CUSTOMERS (smartpages-customers)",
      "env.MAILER (smartpages-mailer)",
      "env.DATA (smartpages-data)",
      "env.ASSETS",
      'env.ORIGIN ("https://smartpages.example")',
    ],
    database: "smartpages-customers",
    most: 60 * 1024,
  },
  mailer: {
    bindings: ["env.TEMPLATES (smartpages-templates)", "env.MAIL_FROM ("],
    database: "smartpages-templates",
    most: 20 * 1024,
  },
  data: {
    bindings: ["env.RECORDS (smartpages-records)"],
    database: "smartpages-records",
    most: 5 * 1024,
  },
} as const

describe.each(workers)("the %s Worker", (name) => {
  test("is what wrangler would deploy: its bindings are there, it is small, and it asks nothing of Node", async () => {
    const outdir = join(folder, name)
    const output = await wrangler("deploy", "--dry-run", "--config", configOf(name), "--outdir", outdir)
    for (const binding of expected[name].bindings) expect(output).toContain(binding)
    const complaints = output.split("\n").filter((line) => /WARNING|ERROR/.test(line))
    // Said of any package that is free of side effects and imports one of its own pieces for the order alone.
    expect(complaints.filter((line) => !line.includes("[ignored-bare-import]"))).toEqual([])

    const bundle = await readFile(join(outdir, "index.js"), "utf8")
    expect(gzipSync(bundle, { level: 9 }).length).toBeLessThanOrEqual(expected[name].most)
    expect(await importsOf(join(outdir, "index.js"))).toEqual(["cloudflare:workers"])
    expect(bundle).not.toMatch(/\brequire\s*\(/)
  })

  test("has migrations that wrangler applies", async () => {
    const { database } = expected[name]
    const migrate = ["d1", "migrations", "apply", database, "--local", "--persist-to", join(folder, "d1")]
    const applied = await wrangler(...migrate, "--config", configOf(name))
    for (const file of await readdir(join(example, name, "migrations"))) {
      expect(applied).toMatch(new RegExp(`${file} +│ ✅`))
    }
    expect(await wrangler(...migrate, "--config", configOf(name))).toContain("No migrations to apply")
  })
})

function configOf(name: string): string {
  return join(example, name, "wrangler.jsonc")
}

/** What a bundle imports from outside of itself. */
async function importsOf(bundle: string): Promise<readonly string[]> {
  const { metafile } = await analyze({
    entryPoints: [bundle],
    bundle: true,
    format: "esm",
    packages: "external",
    external: ["cloudflare:*", "node:*"],
    metafile: true,
    write: false,
    outdir: folder,
  })
  return Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path))
}

/** Runs wrangler without a terminal and without Cloudflare; rejects if it fails. */
async function wrangler(...args: readonly string[]): Promise<string> {
  const program = join(example, "node_modules/wrangler/bin/wrangler.js")
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      CI: "true",
      NODE_OPTIONS: "",
      NO_COLOR: "1",
      FORCE_COLOR: "0",
      WRANGLER_SEND_METRICS: "false",
    },
  })
  return stdout + stderr
}
