import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { freePort } from "../../../tools/services/free-port.mjs"

const programs = {
  demo: fileURLToPath(new URL("../demo.mjs", import.meta.url)),
  server: fileURLToPath(new URL("../dist/server.js", import.meta.url)),
}

/** How a demo is started. */
export interface DemoOptions {
  /** The demo (default), or the server alone as it is deployed, which the demo has built before. */
  readonly program?: keyof typeof programs
  readonly scale?: boolean
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
}

/** The demo as its user runs it: the same program, the same output. */
export interface RunningDemo {
  readonly url: string
  readonly port: number
  /** What it has printed so far, line by line. */
  readonly lines: readonly string[]
  /** The latest line that matches, waited for. */
  line(pattern: RegExp): Promise<RegExpMatchArray>
  /** Ends it and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/**
 * Starts the demo and waits until it says that it is ready. It hears when this process ends, however that happens, and ends too.
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const { program = "demo", scale = false, port, env = {} } = options
  const chosen = port ?? (await freePortOfDemo())
  const child = spawn(process.execPath, [programs[program], ...(scale ? ["--scale"] : [])], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "", PORT: String(chosen), ...env },
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (line) => lines.push(line))
  }
  const demo: RunningDemo = {
    url: `http://localhost:${chosen}`,
    port: chosen,
    lines,
    line: (pattern) => waitFor(lines, pattern, child),
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, "exit")
      child.kill(signal)
      await gone
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
  const path = await mkdtemp(join(tmpdir(), "parlour-"))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function waitFor(
  lines: readonly string[],
  pattern: RegExp,
  child: ChildProcess,
): Promise<RegExpMatchArray> {
  const deadline = Date.now() + 60_000
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

/** A port whose followers are free too. With --scale the servers take the two ports that follow; the mail server the two after. */
async function freePortOfDemo(): Promise<number> {
  for (;;) {
    const port = await freePort()
    const others = await Promise.allSettled([1, 2, 3, 4].map((more) => freePort(port + more)))
    if (others.every((other) => other.status === "fulfilled")) return port
  }
}
