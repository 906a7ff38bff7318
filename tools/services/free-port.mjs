import { createServer } from "node:net"

/**
 * A TCP port that nothing listens on at this moment. Another process can still take it before the service
 * does; the service then fails to start and says so.
 *
 * @param {number} [wanted] this very port, or any if 0
 * @returns {Promise<number>}
 */
export function freePort(wanted = 0) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(wanted, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}
