// Everything written in TypeScript or JSDoc, in two programs: the packages with their tests under the rules
// that a library needs, and what is not published under the rules that suit plain JavaScript. Type tests are
// part of it: a *.test-d.ts states with @ts-expect-error what must not compile.
import { runCommand } from "../command.mjs"

const codes = [
  await runCommand("tsc", ["-p", "tsconfig.json"]),
  await runCommand("tsc", ["-p", "tsconfig.apps.json"]),
]
process.exitCode = Math.max(...codes)
