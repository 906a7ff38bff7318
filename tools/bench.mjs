// `npm run bench [-- <options>]`: installs and builds if needed, then runs bench/run.mjs with the options.
import { runCommand } from "./command.mjs"
import { makeFresh } from "./fresh.mjs"
import { withTemporaryFiles } from "./temporary-files.mjs"

await makeFresh()
const args = ["bench/run.mjs", ...process.argv.slice(2)]
process.exitCode = await withTemporaryFiles((environment) => runCommand(process.execPath, args, environment))
