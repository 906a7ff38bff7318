import { connect } from "node:net"

/**
 * Sends one command over a connection of its own and gives back the first packet of the answer, unparsed:
 * all that starting a server needs, and no client library has to be installed for it.
 *
 * @param {number} port
 * @param {...string} words
 * @returns {Promise<string>}
 */
export function redisCommand(port, ...words) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1")
    socket.setTimeout(2000, () => socket.destroy(new Error("Redis does not answer.")))
    socket.on("error", reject)
    socket.on("connect", () => {
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
      socket.write(`*${words.length}\r\n${parts.join("")}`)
    })
    socket.once("data", (data) => {
      socket.destroy()
      resolve(data.toString())
    })
  })
}
