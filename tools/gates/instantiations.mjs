// How much work a complete configuration makes for the type checker, which an editor repeats at every keystroke.
// Counted on the built declarations, as a host sees them, above what an empty file costs.
import { execFileSync } from "node:child_process"
import { root } from "../command.mjs"
import { makeFresh } from "../fresh.mjs"

const limit = 5_000

await makeFresh()
const empty = instantiations("tools/gates/types/empty.ts")
const full = instantiations("tools/gates/types/full-config.ts")
console.log(
  `type instantiations: ${full} with a full configuration, ${empty} without; limit ${limit} above that`,
)
process.exitCode = full - empty < limit ? 0 : 1

/** @param {string} file */
function instantiations(file) {
  const flags = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--skipLibCheck", "--ignoreConfig"]
  const platform = ["--module", "nodenext", "--target", "es2022", "--types", "node"]
  const output = tsc([...flags, ...platform, "--extendedDiagnostics", file])
  const count = /^Instantiations:\s*(\d+)/m.exec(output)?.[1]
  if (count === undefined) throw new Error(output)
  return Number(count)
}

/** @param {string[]} args */
function tsc(args) {
  try {
    return execFileSync("node_modules/.bin/tsc", args, { cwd: root, encoding: "utf8" })
  } catch (error) {
    throw new Error(String(/** @type {{ stdout?: string }} */ (error).stdout), { cause: error })
  }
}
