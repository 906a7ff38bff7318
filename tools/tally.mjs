// The last line of .ci/run: vitest's tests and the gates, counted from the reports that they left. It takes
// vitest's exit code: a run that failed without a failed test (a file that does not load, an unhandled error,
// a build that broke) counts as one failure.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./command.mjs"

const tests = read("vitest.json")
const gates = read("gates.json")

const succeeded = process.argv[2] === "0" && tests?.success === true
const failedTests = succeeded ? 0 : Math.max(1, tests?.numFailedTests ?? 0)
const failedGates = gates?.filter((/** @type {{ passed: boolean }} */ gate) => !gate.passed).length ?? 1
const passed = (tests?.numPassedTests ?? 0) + (gates === undefined ? 0 : gates.length - failedGates)
const failed = failedTests + failedGates

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

/** @param {string} name */
function read(name) {
  const path = join(root, "test-results", name)
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined
}
