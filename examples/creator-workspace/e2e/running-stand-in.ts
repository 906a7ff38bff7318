import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { freePort } from "../../../tools/services/free-port.mjs"
import { build } from "../build.mjs"

const program = fileURLToPath(new URL("../dist/stand-in.js", import.meta.url))

/** The providers' stand-in as a program by itself, so that it can break down while the demo goes on. */
export interface RunningStandIn {
  readonly url: string
  /** Answers nothing, and closes nothing. */
  pause(): void
  resume(): void
  kill(): Promise<void>
  /** After `kill`: the same addresses, the same key, nobody remembered. */
  restart(): Promise<void>
}

/** Starts it for an application at `application`. It hears when this process ends, however that happens, and ends too. */
export async function startStandIn(application: string, dataDirectory: string): Promise<RunningStandIn> {
  await build()
  const url = `http://127.0.0.1:${await freePort()}`
  const env = { ...process.env, STAND_IN_URL: url, ORIGIN: application, DATA_DIR: dataDirectory }
  let child = await start(env)
  return {
    url,
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, "exit")
      child.kill("SIGKILL")
      await gone
    },
    async restart() {
      child = await start(env)
    },
  }
}

async function start(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "ignore", "inherit", "ipc"], env })
  await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("The stand-in did not start."))),
  ])
  return child
}
