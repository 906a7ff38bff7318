import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { Log, LogLevel, Miniflare, type WorkerOptions } from "miniflare"
import { unstable_getMiniflareWorkerOptions as wranglerOptions } from "wrangler"
import { migrate } from "../local/migrate.mjs"

const example = fileURLToPath(new URL("..", import.meta.url))

/** A Worker of ours under test. */
export interface TestedWorker {
  /** Its folder, with the wrangler file. */
  readonly name: "core" | "mailer" | "data"
  /** What runs in its place, relative to the example. Default: what runs. */
  readonly entry?: string
  readonly compatibilityFlags?: readonly string[]
  readonly bindings?: Readonly<Record<string, string>>
}

/** A Worker in workerd, with its databases migrated and empty. */
export interface RunningWorker {
  readonly miniflare: Miniflare
  /** Sends it a request. */
  fetch(path: string): Promise<{ status: number; text: string }>
  /** Calls a method of its entrypoint, as a Worker that is bound to it does. Rejects with what it rejected with. */
  call(method: string, ...input: readonly unknown[]): Promise<unknown>
  close(): Promise<void>
}

/** What is bound to the tested Worker, and hands calls on. */
const caller = `export default {
  async fetch(request, { TESTED }) {
    if (!request.headers.has("x-call")) return TESTED.fetch(request)
    const { method, input } = await request.json()
    try {
      return Response.json({ answer: (await TESTED[method](...input)) ?? null })
    } catch (error) {
      return Response.json({ error: error.message })
    }
  },
}`

/** Starts a Worker as its wrangler file says, read from the sources of the packages. */
export async function startWorker({
  name,
  entry = `${name}/src/index.ts`,
  compatibilityFlags = [],
  bindings = {},
}: TestedWorker): Promise<RunningWorker> {
  const folder = await mkdtemp(join(tmpdir(), "smartpages-worker-"))
  const config = join(example, name, "wrangler.jsonc")
  await build({
    absWorkingDir: example,
    entryPoints: { worker: entry },
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["@mortise/source", "workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  })
  const { workerOptions } = wranglerOptions(config)
  const { compatibilityDate, bindings: vars, d1Databases } = workerOptions
  const tested: WorkerOptions = {
    name: `smartpages-${name}`,
    modulesRoot: folder,
    modules: [{ type: "ESModule", path: join(folder, "worker.js") }],
    ...(compatibilityDate !== undefined && { compatibilityDate }),
    compatibilityFlags: [...compatibilityFlags],
    bindings: { ...vars, ...bindings },
    ...(d1Databases && { d1Databases }),
  }
  const miniflare = new Miniflare({
    cf: false,
    log: new Log(LogLevel.ERROR),
    workers: [
      {
        name: "caller",
        compatibilityDate: "2026-04-01",
        modules: true,
        script: caller,
        serviceBindings: { TESTED: `smartpages-${name}` },
      },
      tested,
    ],
  })
  await miniflare.ready
  await migrate(miniflare, config)

  return {
    miniflare,
    async fetch(path) {
      const response = await miniflare.dispatchFetch(`http://localhost${path}`)
      return { status: response.status, text: await response.text() }
    },
    async call(method, ...input) {
      const body = JSON.stringify({ method, input })
      const response = await miniflare.dispatchFetch("http://localhost/", {
        method: "POST",
        headers: { "x-call": "1" },
        body,
      })
      const { answer, error } = (await response.json()) as { answer?: unknown; error?: string }
      if (error !== undefined) throw new Error(error)
      return answer
    },
    async close() {
      await miniflare.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
