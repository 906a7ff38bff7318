import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { freePort } from "../../../tools/services/free-port.mjs"

const program = fileURLToPath(new URL("../demo.mjs", import.meta.url))

/** The demo as its user runs it: the same program, the same output. */
export interface RunningDemo {
  readonly url: string
  readonly port: number
  /** Ends it and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts the demo and waits until it says that it is ready. It hears when this process ends, however that happens, and ends too. */
export async function startDemo(
  dataDirectory: string,
  options: { readonly port?: number } = {},
): Promise<RunningDemo> {
  const port = options.port ?? (await freePort())
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "", ORIGIN: "", PORT: String(port), DATA_DIR: dataDirectory },
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (line) => lines.push(line))
  }
  const demo: RunningDemo = {
    url: `http://localhost:${port}`,
    port,
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, "exit")
      child.kill(signal)
      await gone
    },
  }
  try {
    await waitForLine(`ready ${demo.url}`, lines, child)
  } catch (error) {
    await demo.stop("SIGKILL")
    throw error
  }
  return demo
}

/** A directory for a demo's data, and its removal. */
export async function emptyDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "quayside-"))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function waitForLine(wanted: string, lines: readonly string[], child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 50_000
  while (!lines.includes(wanted)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`The demo never said "${wanted}". It said:\n${lines.join("\n")}`)
    }
    await setTimeout(20)
  }
}
