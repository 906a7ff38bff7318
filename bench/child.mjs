import { fork } from "node:child_process"

/**
 * A process of its own for what must not share a heap, a JIT or an event loop with its rivals.
 *
 * @typedef {object} Child
 * @property {(name: string, ...input: unknown[]) => Promise<any>} call
 * @property {any} ready what the child told when it was ready
 * @property {() => Promise<void>} stop
 */

/** @type {Set<() => Promise<void>>} */
const running = new Set()

/** Stops whoever still runs: after a measurement that failed, before the servers that it used go away. */
export async function stopChildren() {
  await Promise.all([...running].map((stop) => stop()))
}

/**
 * Starts `children/<file>` and waits until it is ready. It ends with `stop`, or with this process.
 *
 * @param {string} file
 * @param {object} settings
 * @param {string[]} [execArgv]
 * @returns {Promise<Child>}
 */
export async function startChild(file, settings, execArgv = []) {
  const path = new URL(`children/${file}`, import.meta.url)
  const child = fork(path, { execArgv })
  const gone = new Promise((resolve) => child.once("exit", resolve))

  /** @returns {Promise<any>} */
  function reply() {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`${file} ended.`))
      child.once("exit", ended)
      child.once("message", (/** @type {{ result?: unknown, error?: string }} */ message) => {
        child.off("exit", ended)
        if (message.error === undefined) resolve(message.result)
        else reject(new Error(message.error))
      })
    })
  }

  async function stop() {
    child.kill()
    await gone
    running.delete(stop)
  }

  running.add(stop)
  child.send(settings)
  const ready = await reply()
  return {
    ready,
    call(name, ...input) {
      const answer = reply()
      child.send({ name, input })
      return answer
    },
    stop,
  }
}

/**
 * The child's side: sets up, tells that it is ready, then answers one call after the other.
 *
 * @param {(settings: any) => Promise<{ ready?: unknown, calls: Record<string, (...input: any[]) => unknown> }>} setUp
 */
export function serveCalls(setUp) {
  process.on("disconnect", () => process.exit())
  /** @param {() => unknown} work */
  async function answer(work) {
    try {
      process.send?.({ result: await work() })
    } catch (error) {
      process.send?.({ error: error instanceof Error ? error.stack : String(error) })
    }
  }
  process.once("message", (settings) => {
    void answer(async () => {
      const { ready, calls } = await setUp(settings)
      process.on("message", (/** @type {{ name: string, input: unknown[] }} */ { name, input }) => {
        void answer(() => calls[name]?.(...input))
      })
      return ready
    })
  })
}
