// `pnpm check [-- <gate> …]`: every gate, one line each, going on after a failure; with names, only those.
// Each can also be run alone, as its command below.
import { spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { environment, root } from "./command.mjs"

const gates = {
  build: ["node", "tools/build.mjs"],
  lint: ["biome", "ci", "--colors=off", "--error-on-warnings", "."],
  typecheck: ["node", "tools/gates/typecheck.mjs"],
  layers: ["node", "tools/gates/layers.mjs"],
  size: ["node", "tools/gates/size.mjs"],
  instantiations: ["node", "tools/gates/instantiations.mjs"],
  publint: ["node", "tools/gates/publint.mjs"],
  attw: ["node", "tools/gates/attw.mjs"],
  pack: ["node", "tools/gates/pack.mjs"],
  knip: ["knip"],
  changeset: ["node", "tools/gates/changeset.mjs"],
  docs: ["node", "tools/gates/docs.mjs"],
}

/** What looks at the built packages; without a build it fails for no reason of its own. */
const needBuild = new Set(["typecheck", "size", "instantiations", "publint", "attw", "pack"])

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in gates))
if (unknown.length > 0) {
  console.error(`There is no gate ${unknown.join(", ")}. There are: ${Object.keys(gates).join(", ")}.`)
  process.exit(2)
}

/** @type {{ name: string, passed: boolean, seconds: number }[]} */
const results = []
for (const [name, command] of Object.entries(gates)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const start = performance.now()
  const broken = needBuild.has(name) && results.some((result) => result.name === "build" && !result.passed)
  const { code, output } = broken ? { code: 1, output: "There is no build.\n" } : await runQuietly(command)
  const seconds = (performance.now() - start) / 1000
  const passed = code === 0
  console.log(`${passed ? "passed" : "FAILED"}  ${name.padEnd(16)}${seconds.toFixed(1).padStart(6)} s`)
  if (!passed) console.log(output.replace(/^/gm, "    "))
  results.push({ name, passed, seconds })
}
mkdirSync(join(root, "test-results"), { recursive: true })
writeFileSync(join(root, "test-results/gates.json"), JSON.stringify(results))
process.exitCode = results.every((result) => result.passed) ? 0 : 1

/**
 * @param {string[]} command
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runQuietly([program = "", ...args]) {
  return new Promise((resolve, reject) => {
    const env = { ...environment, NO_COLOR: "1", FORCE_COLOR: "0" }
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], env })
    let output = ""
    child.stdout.on("data", (data) => (output += data))
    child.stderr.on("data", (data) => (output += data))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, output }))
  })
}
