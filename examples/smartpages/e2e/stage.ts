import type { Miniflare } from "miniflare"
import { freePort } from "../../../tools/services/free-port.mjs"
import { build } from "../build.mjs"
import { startStandIn } from "../local/mails/stand-in.mjs"
import { startSmartPages } from "../local/smart-pages.mjs"
import { dataDirectory } from "./running-demo.js"

/** The Workers as the demo runs them, in this process, so that a test can look into their stores and break them. */
export interface Stage {
  readonly url: string
  readonly miniflare: Miniflare
  /** Where KV, D1 and Durable Objects keep their files. */
  readonly dataDirectory: string
  close(): Promise<void>
}

export async function openStage(secret: string = crypto.randomUUID()): Promise<Stage> {
  await build()
  const [data, standIn, port] = await Promise.all([dataDirectory(), startStandIn(), freePort()])
  const miniflare = await startSmartPages({
    port,
    dataDirectory: data.path,
    secret,
    standIn: standIn.origin,
  })
  return {
    url: `http://localhost:${port}`,
    miniflare,
    dataDirectory: data.path,
    async close() {
      await miniflare.dispose()
      await standIn.stop()
      await data.remove()
    },
  }
}
