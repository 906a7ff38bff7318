import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"

/**
 * Sends a signal to a process and to all its descendants, the parent first: a stopped parent forks no
 * more, so nothing slips through between listing and stopping.
 *
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function signalTree(pid, signal) {
  sendSignal(pid, signal)
  for (const child of childrenOf(pid)) signalTree(child, signal)
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal 0 only asks whether the process exists
 * @returns {boolean} whether there was such a process
 */
export function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH") return false
    throw error
  }
}

/**
 * The line that it was started with, empty if it is gone.
 *
 * @param {number} pid
 */
export function commandOf(pid) {
  try {
    return existsSync("/proc/self/cmdline")
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
      : execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" })
  } catch {
    return ""
  }
}

/** @param {number} pid */
export function childrenOf(pid) {
  return processTable()
    .filter((entry) => entry.parent === pid)
    .map((entry) => entry.pid)
}

/** /proc where there is one, because small containers come without `ps`. */
function processTable() {
  if (!existsSync("/proc/self/stat")) {
    const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n")
    return rows
      .map((row) => row.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0]) => ({ pid, parent }))
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // pid (name, which may hold anything) state parent …
        const afterName = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1) ?? ""
        return [{ pid: Number(name), parent: Number(afterName.split(" ")[1]) }]
      } catch {
        return [] // It ended while we were reading.
      }
    })
}
