import autocannon from "autocannon"
import { serveCalls } from "../child.mjs"

/**
 * The same load from a generator that everybody knows, autocannon. It takes as much processor per answer as the server, on
 * the other core.
 *
 * @typedef {object} GeneralLoad
 * @property {number} port
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {number} connections one request under way on each
 * @property {number} milliseconds
 */

serveCalls(async () => ({ calls: { load } }))

/** @param {GeneralLoad} settings */
async function load({ port, path, headers, connections, milliseconds }) {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    headers,
    connections,
    duration: milliseconds / 1000,
    // It looks only this often whether the time is over.
    sampleInt: 50,
  })
  if (result.non2xx + result.errors > 0)
    throw new Error(`The server refused ${result.non2xx + result.errors} requests.`)
  return { answers: result["2xx"], seconds: result.duration }
}
