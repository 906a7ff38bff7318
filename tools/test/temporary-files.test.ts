import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const module = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))

/** Makes a directory as a browser does, says where, and ends without deleting it: at once, or never. */
const leaves = (and: string) => `const { mkdtempSync } = require("node:fs")
console.log(mkdtempSync(require("node:os").tmpdir() + "/browser-"))
${and}`

/** What `npm test` and `npm run bench` do with a program. */
const wrapped = (program: string) => `const { runCommand } = await import(${module("../command.mjs")})
const { withTemporaryFiles } = await import(${module("../temporary-files.mjs")})
const args = ["-e", ${JSON.stringify(program)}]
process.exitCode = await withTemporaryFiles((environment) => runCommand(process.execPath, args, environment))`

it.each([
  ["fails", "process.exitCode = 3", undefined, 3],
  ["is told to end", "setInterval(() => {}, 1000)", "SIGTERM", 143],
  ["is interrupted", "setInterval(() => {}, 1000)", "SIGINT", 130],
] as const)(
  "what a run leaves in its temporary directory is gone when it %s",
  async (_, and, signal, code) => {
    const run = spawn(process.execPath, ["--input-type=module", "-e", wrapped(leaves(and))], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const exit = once(run, "exit")
    const left = String(await once(run.stdout, "data")).trim()
    if (signal) run.kill(signal)
    expect(await exit).toEqual([code, null])
    expect(left).toMatch(/mortise-\w+\/browser-\w+$/)
    expect(existsSync(dirname(left))).toBe(false)
  },
)
