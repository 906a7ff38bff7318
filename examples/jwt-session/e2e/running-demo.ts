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

/** How long a start may take: the first one of all builds the application, on a machine that may be busy. */
export const patience = 240_000

/** The demo as its user runs it: the same program, the same output. */
export interface RunningDemo {
  readonly url: string
  readonly port: number
  /** What it has printed so far, line by line. */
  readonly lines: readonly string[]
  /** The latest line that matches, waited for. */
  line(pattern: RegExp): Promise<RegExpMatchArray>
  /** Ends it and waits until it is gone. Answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts the demo and waits until it says that it is ready. It hears when this process ends, however that happens, and ends too. */
export async function startDemo(env: Readonly<Record<string, string>>): Promise<RunningDemo> {
  const port = Number(env["PORT"] ?? (await freePortOfDemo()))
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "", ...env, PORT: String(port) },
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (line) => lines.push(line))
  }
  const demo: RunningDemo = {
    url: `http://localhost:${port}`,
    port,
    lines,
    line: (pattern) => waitFor(lines, pattern, child),
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
    await demo.line(new RegExp(`^ready ${demo.url}$`))
  } catch (error) {
    await demo.stop("SIGKILL")
    throw error
  }
  return demo
}

/** A directory for a demo's data, and its removal. */
export async function dataDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "almanac-"))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function waitFor(
  lines: readonly string[],
  pattern: RegExp,
  child: ChildProcess,
): Promise<RegExpMatchArray> {
  const deadline = Date.now() + patience
  for (;;) {
    const match = lines
      .filter((line) => pattern.test(line))
      .at(-1)
      ?.match(pattern)
    if (match) return match
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`The demo never said ${pattern}. It said:\n${lines.join("\n")}`)
    }
    await setTimeout(20)
  }
}

/** A port with another that is free, three further on: the stand-in takes it. */
async function freePortOfDemo(): Promise<number> {
  for (;;) {
    const port = await freePort()
    const standIn = await freePort(port + 3).catch(() => undefined)
    if (standIn) return port
  }
}
