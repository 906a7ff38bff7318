// Imports point one way, and files are small and named after what they do. The order stands in
// layers/core-rules.mjs.
import { root } from "../command.mjs"
import { checkLayers } from "./layers/check-layers.mjs"

const { problems, files, median, long } = checkLayers(root)
console.log(`${files} source files, median ${median} lines`)
for (const { file, lines } of long) console.log(`warning: ${file} has ${lines} lines`)
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
