import { readFileSync } from "node:fs"
import { childrenOf, commandOf, sendSignal } from "../services/process-tree.mjs"

const minute = 60_000

/**
 * A reporter that ends a test file which does not end by itself. Vitest's own time-outs are timers of the file's process: they do not end a file that
 * never lets go of the thread, nor one that awaits something while it is loaded, and such a file holds up the whole run. It is named with what is
 * known of it, and its process is killed, which fails the run; the other files go on.
 */
export default class StuckFiles {
  #patience
  /** @type {NodeJS.Timeout | undefined} */
  #watch
  /** @type {Map<string, { file: string, since: number, doing: string }>} */
  #running = new Map()
  /** @type {Map<number, number>} when each process of a test file was first seen */
  #seen = new Map()
  /** @type {string[]} */
  #said = []

  /** @param {{ patience?: number }} [options] `patience` milliseconds that a file may take */
  constructor({ patience = 10 * minute } = {}) {
    this.#patience = patience
  }

  onTestRunStart() {
    this.#watch = setInterval(() => this.#endWhatIsStuck(), this.#patience / 20).unref()
  }

  /** Once more, where the last lines of the output are. */
  onTestRunEnd() {
    clearInterval(this.#watch)
    for (const line of this.#said) console.error(line)
  }

  /** @param {import("vitest/node").TestModule} module */
  onTestModuleQueued(module) {
    const file = `${module.project.name} ${module.relativeModuleId}`
    this.#running.set(keyOf(module), { file, since: Date.now(), doing: "is being loaded" })
  }

  /** @param {import("vitest/node").TestCase} test */
  onTestCaseReady({ fullName, module }) {
    const running = this.#running.get(keyOf(module))
    if (running) running.doing = `began last with “${fullName}”`
  }

  /** @param {import("vitest/node").TestModule} module */
  onTestModuleEnd(module) {
    this.#running.delete(keyOf(module))
  }

  /** Every file has a process of its own. Which is whose is not known, so all that run are named: the stuck one for the longest. */
  #endWhatIsStuck() {
    const now = Date.now()
    const pids = childrenOf(process.pid).filter((pid) => commandOf(pid).includes("vitest/dist/workers/"))
    this.#seen = new Map(pids.map((pid) => [pid, this.#seen.get(pid) ?? now]))
    const stuck = pids.filter((pid) => now - (this.#seen.get(pid) ?? now) >= this.#patience)
    if (stuck.length === 0) return
    for (const { doing, file, since } of this.#running.values()) {
      this.#say(`Stuck: ${file} has not ended in ${Math.round((now - since) / 1000)} s; it ${doing}.`)
    }
    for (const pid of stuck) {
      const started = childrenOf(pid).map((child) => commandOf(child).slice(0, 150))
      this.#say(`Stuck: ended process ${pid} ${stateOf(pid)}, and what it had started: ${started.join("; ")}`)
      sendSignal(pid, "SIGKILL")
    }
  }

  /** @param {string} line */
  #say(line) {
    this.#said.push(line)
    console.error(line)
  }
}

/** @param {import("vitest/node").TestModule} module */
function keyOf({ moduleId, project }) {
  return `${project.name}\0${moduleId}`
}

/**
 * Whether it runs or waits, and the CPU time that it has had: one that waits either awaits what never comes, or blocks its thread in a call.
 *
 * @param {number} pid
 */
function stateOf(pid) {
  try {
    // pid (name, which may hold anything) state …; the 14th and 15th fields are the CPU time in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? []
    return `(state ${fields[0]}, ${(Number(fields[11]) + Number(fields[12])) / 100} s of CPU)`
  } catch {
    return "" // Only Linux tells.
  }
}
