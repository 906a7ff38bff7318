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

/** How long a start may take: the first one of all builds the pages, on a machine that may be busy. */
export const patience = 180_000

/** The demo as its user runs it: the same program, the same output. */
export interface RunningDemo {
  readonly url: string
  readonly port: number
  /** What it has printed so far, line by line. */
  readonly lines: readonly string[]
  /** Ends it and waits until it is gone. Answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts the demo and waits until it says that it is ready. It hears when this process ends, however that happens, and ends too. */
export async function startDemo(options: {
  readonly dataDirectory: string
  readonly port?: number
  /** Default: the demo's own, kept in the data directory. */
  readonly secret?: string
}): Promise<RunningDemo> {
  const port = options.port ?? (await freePort())
  const { AUTH_SECRET: _, ...others } = process.env
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...others,
      NODE_OPTIONS: "",
      PORT: String(port),
      DATA_DIR: options.dataDirectory,
      ...(options.secret !== undefined && { AUTH_SECRET: options.secret }),
    },
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (line) => lines.push(line))
  }
  const demo: RunningDemo = {
    url: `http://localhost:${port}`,
    port,
    lines,
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, "exit")
        child.kill(signal)
        await gone
      }
      return child.exitCode
    },
  }
  try {
    await readiness(child, lines, `ready ${demo.url}`)
  } catch (error) {
    await demo.stop("SIGKILL")
    throw error
  }
  return demo
}

/** A directory for a demo's data, and its removal. */
export async function dataDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "smartpages-"))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function readiness(child: ChildProcess, lines: readonly string[], line: string): Promise<void> {
  const deadline = Date.now() + patience
  while (!lines.includes(line)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`The demo never said "${line}". It said:\n${lines.join("\n")}`)
    }
    await setTimeout(20)
  }
}
