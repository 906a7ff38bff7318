import { connect } from "node:net"
import { serveCalls } from "../child.mjs"

/**
 * Asks a server as fast as it answers, over connections that stay open. Written by hand because it shares the machine with
 * the server: a general client takes as much processor as the server that it is to wear out.
 *
 * @typedef {object} Load
 * @property {number} port
 * @property {string[]} requests as they go over the wire; sent in turn
 * @property {number} connections one request under way on each
 * @property {number} milliseconds
 */

let turn = 0

serveCalls(async () => ({ calls: { load } }))

/** @param {Load} settings */
async function load({ port, requests, connections, milliseconds }) {
  const wires = requests.map((request) => Buffer.from(request, "latin1"))
  const startedAt = performance.now()
  const deadline = startedAt + milliseconds
  const lanes = Array.from({ length: connections }, () => ask({ port, wires, deadline }))
  const counts = await Promise.all(lanes)
  return {
    answers: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

/**
 * One connection: how many answers came until the deadline. Any status but 200 is an error: a server that refuses is quick.
 *
 * @param {{ port: number, wires: Buffer[], deadline: number }} settings
 * @returns {Promise<number>}
 */
function ask({ port, wires, deadline }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1")
    let received = ""
    let answers = 0
    const next = () => socket.write(/** @type {Buffer} */ (wires[turn++ % wires.length]))
    socket.setNoDelay(true)
    socket.on("connect", next)
    socket.on("error", reject)
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1")
      if (!isComplete(received)) return
      if (received.slice(9, 12) !== "200")
        return reject(new Error(`The server answered ${received.slice(0, 300)}`))
      received = ""
      answers++
      if (performance.now() < deadline) return next()
      socket.destroy()
      resolve(answers)
    })
  })
}

/**
 * Whether a whole answer is there: as long as it says, or up to its last chunk.
 *
 * @param {string} text
 */
function isComplete(text) {
  const body = text.indexOf("\r\n\r\n") + 4
  if (body === 3) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)
  return length ? text.length >= body + Number(length[1]) : text.endsWith("\r\n0\r\n\r\n")
}
