import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { Miniflare } from "miniflare"

/** The test worker, running in workerd. */
export interface TestWorker {
  /** Runs one check of a suite there; rejects with what it failed with. */
  readonly run: (suite: string, check: string) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Bundles the test worker from the sources and starts it, with a KV namespace and Durable Objects of its own. */
export async function startWorker(): Promise<TestWorker> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("test-worker.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
    target: "es2022",
    platform: "browser",
    conditions: ["@mortise/source", "workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    sourcemap: "inline",
  })
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "test-worker.mjs", contents: outputFiles[0]?.text ?? "" }],
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
    cf: false,
    kvNamespaces: ["SESSIONS"],
    durableObjects: {
      OBJECTS: { className: "InspectedObject", useSQLite: true },
      BROKEN: { className: "BrokenObject", useSQLite: true },
    },
  })
  await miniflare.ready

  async function run(suite: string, check: string): Promise<void> {
    const query = new URLSearchParams({ suite, check })
    const answer = await miniflare.dispatchFetch(`http://localhost/?${query}`)
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(text)
  }

  return { run, stop: () => miniflare.dispose() }
}
