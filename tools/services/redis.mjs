import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { findProgram } from "./find-program.mjs"
import { freePort } from "./free-port.mjs"
import { keep } from "./keep.mjs"
import { redisCommand } from "./redis-command.mjs"

/**
 * Starts a Redis server of its own.
 *
 * @param {{ durable?: boolean }} [options] `durable` writes every command to disk before it is answered, so
 *   that data survive `kill` and `restart`; without it a restarted server is empty.
 * @returns {Promise<import("./redis.d.mts").RedisService>}
 */
export async function startRedis({ durable = false } = {}) {
  const port = await freePort()
  const keeper = await keep({ name: "redis" })
  try {
    const args = durable ? ["--appendonly", "yes", "--appendfsync", "always"] : []
    const server = await runRedisServer(keeper, { port, args })
    return {
      url: `redis://127.0.0.1:${port}`,
      port,
      ...server,
      kill: () => server.kill(),
      stop: keeper.release,
    }
  } catch (error) {
    await keeper.release()
    throw error
  }
}

/**
 * @param {import("./keep.mjs").Keeper} keeper
 * @param {{ port: number, args: string[] }} options
 */
export async function runRedisServer(keeper, { port, args }) {
  const program = await findProgram({
    names: ["redis-server", "valkey-server"],
    debianPackage: "redis-server",
  })
  const directory = join(keeper.directory, String(port))
  mkdirSync(directory)
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""]
  return keeper.run({ program, args: [...settings, ...args] }, () => answersPing(port))
}

/** @param {number} port */
async function answersPing(port) {
  try {
    return (await redisCommand(port, "PING")).startsWith("+PONG")
  } catch {
    return false
  }
}
