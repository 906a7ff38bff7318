// `npm run demo [-- <name> [options]]`: installs and builds if needed, then runs examples/<name>/demo.mjs,
// which gets the options, the terminal and the signals.
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { root, runCommand } from "./command.mjs"
import { makeFresh } from "./fresh.mjs"

const [first, ...rest] = process.argv.slice(2)
const named = first !== undefined && !first.startsWith("-")
const name = named ? first : "creator-workspace"
const options = named ? rest : process.argv.slice(2)

const examples = join(root, "examples")
const names = existsSync(examples) ? readdirSync(examples) : []
const demos = names.filter((each) => existsSync(join(examples, each, "demo.mjs")))

if (demos.includes(name)) {
  await makeFresh()
  process.exitCode = await runCommand(process.execPath, [join(examples, name, "demo.mjs"), ...options])
} else {
  console.error(`There is no demo "${name}". There are: ${demos.join(", ") || "none yet"}.`)
  process.exitCode = 1
}
