// `npm run bench [-- <options>]`: installs and builds if needed, then runs bench/run.mjs with the options.
import { runCommand } from "./command.mjs"
import { makeFresh } from "./fresh.mjs"

await makeFresh()
process.exitCode = await runCommand(process.execPath, ["bench/run.mjs", ...process.argv.slice(2)])
