import { randomInt } from "node:crypto"
import { createServer } from "node:net"

/** Below the range from which systems take the ports of outgoing connections, any of which could else be gone a moment later. */
const range = /** @type {const} */ ([10_240, 32_000])

/**
 * A TCP port that nothing listens on at this moment. Another process can still take it before the service
 * does; the service then fails to start and says so.
 *
 * @param {number} [wanted] this very port, or any if 0
 * @returns {Promise<number>}
 */
export async function freePort(wanted = 0) {
  for (let tries = wanted === 0 ? 20 : 1; ; tries--) {
    try {
      return await tried(wanted || randomInt(...range))
    } catch (fault) {
      if (tries === 1) throw fault
    }
  }
}

/**
 * @param {number} port
 * @returns {Promise<number>}
 */
function tried(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)))
  })
}
