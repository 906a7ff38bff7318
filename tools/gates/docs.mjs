// The reference, from the sources into docs/api. An export without a docstring, or a link to nothing, fails.
import { runCommand } from "../command.mjs"

process.exitCode = await runCommand("typedoc", ["--logLevel", "Warn"])
