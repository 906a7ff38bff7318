// Everything written in TypeScript or JSDoc. The packages with their tests under the rules that a library needs;
// benchmarks and tools under those that suit plain JavaScript; each example as a host of its own, with a program for every
// runtime (tsconfig.json, tsconfig.workers.json). Type tests are
// part of it: a *.test-d.ts states with @ts-expect-error what must not compile.
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { root, runCommand } from "../command.mjs"
import { makeFresh } from "../fresh.mjs"

const names = existsSync(join(root, "examples")) ? readdirSync(join(root, "examples")) : []
const examples = names.filter((name) => existsSync(join(root, "examples", name, "package.json")))

await makeFresh()
for (const project of [
  "tsconfig.json",
  "tsconfig.apps.json",
  ...examples.flatMap((name) => programsOf(`examples/${name}`)),
]) {
  if ((await runCommand("tsc", ["-p", project])) !== 0) process.exitCode = 1
}

/** @param {string} folder */
function programsOf(folder) {
  const configs = readdirSync(join(root, folder)).filter((name) => /^tsconfig(\.\w+)?\.json$/.test(name))
  return configs.map((name) => `${folder}/${name}`)
}
