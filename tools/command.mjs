import { spawn } from "node:child_process"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The directory of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url))

/** The environment in which programs of the workspace (pnpm, vitest, …) are found without a global installation. */
export const environment = {
  ...process.env,
  PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
}

/**
 * Runs a program in the repository, on this terminal, and gives back its exit code (128 + n after signal n,
 * as a shell does).
 *
 * @param {string} program
 * @param {string[]} [args]
 * @param {NodeJS.ProcessEnv} [additions] to the environment
 * @returns {Promise<number>}
 */
export function runCommand(program, args = [], additions = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...environment, ...additions }
    const child = spawn(program, args, { cwd: root, stdio: "inherit", env })
    const passOn = passSignalsTo(child)
    child.on("error", reject)
    child.on("exit", (code, signal) => {
      passOn.end()
      resolve(code ?? 128 + (signalNumbers[signal ?? ""] ?? 0))
    })
  })
}

/** @type {Record<string, number>} */
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

/**
 * While the child runs, a signal is the child's business: it shuts down, and we report how it ended. At a
 * terminal Ctrl-C reaches both of us already, so passing it on would be a second one.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function passSignalsTo(child) {
  const interrupt = () => process.stdin.isTTY || child.kill("SIGINT")
  const terminate = () => child.kill("SIGTERM")
  process.on("SIGINT", interrupt)
  process.on("SIGTERM", terminate)
  return {
    end() {
      process.off("SIGINT", interrupt)
      process.off("SIGTERM", terminate)
    },
  }
}
