// The program behind keep.mjs: starts processes for its parent and outlives it just long enough to end them.
//
// A test worker can be interrupted, time out or be killed outright, and then runs no clean-up. This process
// has its own session, so a Ctrl-C in the terminal does not reach it; it waits for the end of its standard
// input, which the operating system closes however the parent ends, and leaves neither process nor file behind.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { openSync, rmSync } from "node:fs"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { signalTree } from "./process-tree.mjs"

const [directory = "", stopSignal = "SIGTERM"] = process.argv.slice(2)

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set()

for await (const line of createInterface({ input: process.stdin })) {
  const { program, args, log, uid, gid } = JSON.parse(line)
  const output = openSync(log, "a")
  const child = spawn(program, args, { stdio: ["ignore", output, output], cwd: directory, uid, gid })
  running.add(child)
  child.on("exit", () => running.delete(child))
  child.on("error", () => running.delete(child))
  process.stdout.write(`${child.pid ?? 0}\n`)
}

await Promise.all([...running].map(endProcess))
rmSync(directory, { recursive: true, force: true })

/**
 * Asks first, so that shared memory is given back too; a paused process cannot hear it, hence SIGCONT.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
async function endProcess(child) {
  if (child.pid === undefined) return
  const ended = once(child, "exit")
  signalTree(child.pid, "SIGCONT")
  child.kill(/** @type {NodeJS.Signals} */ (stopSignal))
  const gaveUp = Symbol()
  if ((await Promise.race([ended, setTimeout(3000, gaveUp, { ref: false })])) !== gaveUp) return
  signalTree(child.pid, "SIGKILL")
  await ended
}
