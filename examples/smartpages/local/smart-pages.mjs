import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Log, LogLevel, Miniflare } from "miniflare"
import { unstable_getMiniflareWorkerOptions as wranglerOptions } from "wrangler"
import { workers } from "../build.mjs"
import { migrate } from "./migrate.mjs"

const example = fileURLToPath(new URL("..", import.meta.url))

/**
 * What differs from a deployment; everything else stands in the wrangler files.
 *
 * @typedef {object} LocalSettings
 * @property {number} port 0 for any
 * @property {string} dataDirectory where KV, D1 and Durable Objects are kept
 * @property {string} secret AUTH_SECRET
 * @property {URL} standIn origin of the stand-in for Resend
 */

/**
 * All Workers in workerd, bound to each other as the wrangler files say, behind one address.
 *
 * @param {LocalSettings} settings
 * @returns {Promise<Miniflare>} ready, with every migration applied
 */
export async function startSmartPages({ port, dataDirectory, secret, standIn }) {
  const own = {
    core: { ORIGIN: `http://localhost:${port}`, AUTH_SECRET: secret },
    // The stand-in takes any key that looks like one.
    mailer: { RESEND_URL: standIn.origin, RESEND_API_KEY: "re_local" },
    data: {},
  }
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port,
    cf: false,
    log: new Log(LogLevel.WARN),
    defaultPersistRoot: join(dataDirectory, "workers"),
    workers: [front(standIn), ...workers.map((name) => worker(name, own[name]))],
  })
  try {
    await miniflare.ready
    for (const name of workers) await migrate(miniflare, configOf(name))
    return miniflare
  } catch (error) {
    await miniflare.dispose()
    throw error
  }
}

/**
 * @param {typeof workers[number]} name
 * @param {Record<string, string>} bindings
 * @returns {import("miniflare").WorkerOptions}
 */
function worker(name, bindings) {
  const { workerOptions } = wranglerOptions(configOf(name))
  return {
    ...workerOptions,
    name: `smartpages-${name}`,
    modulesRoot: example,
    modules: [{ type: "ESModule", path: join(example, `dist/${name}.js`) }],
    bindings: { ...workerOptions.bindings, ...bindings },
  }
}

/** @param {URL} standIn */
function front({ host }) {
  return {
    name: "front",
    compatibilityDate: "2026-04-01",
    modulesRoot: example,
    modules: [{ type: /** @type {const} */ ("ESModule"), path: join(example, "local/front.js") }],
    serviceBindings: { CORE: "smartpages-core", MAILS: { external: { address: host, http: {} } } },
  }
}

/** @param {string} name */
function configOf(name) {
  return join(example, name, "wrangler.jsonc")
}
