import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { sendSignal, signalTree } from "./process-tree.mjs"

/**
 * @typedef {object} Command
 * @property {string} program
 * @property {string[]} args
 * @property {number} [uid]
 * @property {number} [gid]
 *
 * @typedef {object} Process
 * @property {() => void} pause stops it and its children where they stand: connections hang, none is refused
 * @property {() => void} resume
 * @property {(signal?: NodeJS.Signals) => Promise<void>} kill ends it without warning and waits until it is gone
 * @property {() => Promise<void>} restart starts the same command again, on the same port and files
 *
 * @typedef {object} Keeper
 * @property {string} directory a private directory, deleted at the end
 * @property {(command: Command, ready: () => Promise<boolean> | boolean) => Promise<Process>} run
 * @property {() => Promise<void>} release ends every process and deletes the directory
 */

/**
 * Starts a keeper: its processes and its directory end with `release`, or with this process, whatever ends it.
 *
 * @param {{ name: string, stopSignal?: NodeJS.Signals }} options
 * @returns {Promise<Keeper>}
 */
export async function keep({ name, stopSignal = "SIGTERM" }) {
  const directory = await mkdtemp(join(tmpdir(), `mortise-${name}-`))
  const keeper = spawn(
    process.execPath,
    [fileURLToPath(new URL("keeper.mjs", import.meta.url)), directory, stopSignal],
    // Without the caller's NODE_OPTIONS: a coverage or loader hook has no business in there.
    { detached: true, stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, NODE_OPTIONS: "" } },
  )
  const answers = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]()
  // A program that forgets to stop its services can still end, which then stops them.
  const pipe = /** @type {import("node:net").Socket} */ (keeper.stdout)
  keeper.unref()
  pipe.unref()

  /** @param {Command & { log: string }} command */
  async function spawnKept(command) {
    pipe.ref()
    keeper.stdin.write(`${JSON.stringify(command)}\n`)
    const pid = Number((await answers.next()).value)
    pipe.unref()
    if (!pid) throw new Error(`${name}: ${command.program} could not be started.`)
    return pid
  }

  /** @type {Keeper["run"]} */
  async function run(command, ready) {
    const log = join(directory, "log")
    const start = async () => {
      const pid = await spawnKept({ ...command, log })
      await untilReady({ name, pid, ready, log })
      return pid
    }
    let pid = await start()
    return {
      pause: () => signalTree(pid, "SIGSTOP"),
      resume: () => signalTree(pid, "SIGCONT"),
      async kill(signal = "SIGKILL") {
        sendSignal(pid, signal)
        while (sendSignal(pid, 0)) await setTimeout(5)
      },
      async restart() {
        pid = await start()
      },
    }
  }

  return {
    directory,
    run,
    async release() {
      if (keeper.exitCode !== null) return
      const exit = once(keeper, "exit")
      keeper.ref()
      keeper.stdin.end()
      await exit
    },
  }
}

/** @param {{ name: string, pid: number, ready: () => Promise<boolean> | boolean, log: string }} options */
async function untilReady({ name, pid, ready, log }) {
  const deadline = Date.now() + 30_000
  while (!(await ready())) {
    const cause = !sendSignal(pid, 0)
      ? "ended"
      : Date.now() > deadline
        ? "is not ready after 30 s"
        : undefined
    if (cause !== undefined) throw new Error(`${name} ${cause}:\n${readFileSync(log, "utf8").slice(-2000)}`)
    await setTimeout(10)
  }
}
