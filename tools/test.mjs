// `npm test`: on a machine with only Node and npm, installs, builds and runs all tests once. Arguments go to
// vitest: `npm test -- packages/core`. The servers that tests need are started and stopped by vitest itself,
// see vitest/global-setup.mjs.
import { runCommand } from "./command.mjs"
import { makeFresh } from "./fresh.mjs"
import { withTemporaryFiles } from "./temporary-files.mjs"

await makeFresh()
// The JSON is for .ci/run, which counts.
const json = ["--reporter=json", "--outputFile.json=test-results/vitest.json"]
const reporters = ["--reporter=default", "--reporter=./tools/vitest/stuck-files.mjs", ...json]
const args = ["run", ...reporters, ...process.argv.slice(2)]
process.exitCode = await withTemporaryFiles((environment) => runCommand("vitest", args, environment))
