import { setTimeout } from "node:timers/promises"
import { freePort } from "./free-port.mjs"
import { keep } from "./keep.mjs"
import { runRedisServer } from "./redis.mjs"
import { redisCommand } from "./redis-command.mjs"

const slotCount = 16384

/**
 * Starts a Redis Cluster: three masters that share the slots, no replicas. Resolves when every node
 * reports the whole cluster as ready.
 *
 * @returns {Promise<import("./redis-cluster.d.mts").RedisClusterService>}
 */
export async function startRedisCluster() {
  const keeper = await keep({ name: "redis-cluster" })
  try {
    const ports = [await clusterPort(), await clusterPort(), await clusterPort()]
    const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--appendonly", "no"]
    const servers = await Promise.all(ports.map((port) => runRedisServer(keeper, { port, args })))
    await formCluster(ports)
    const nodes = servers.map((server, index) => {
      const port = ports[index] ?? 0
      return { url: `redis://127.0.0.1:${port}`, port, ...server, kill: () => server.kill() }
    })
    return { nodes, stop: keeper.release }
  } catch (error) {
    await keeper.release()
    throw error
  }
}

/**
 * What `redis-cli --cluster create` does, without its waiting.
 *
 * @param {number[]} ports
 */
async function formCluster(ports) {
  const share = Math.ceil(slotCount / ports.length)
  for (const [index, port] of ports.entries()) {
    const slots = Array.from({ length: slotCount }, (_, slot) => slot).slice(
      index * share,
      (index + 1) * share,
    )
    await expectOk(port, "CLUSTER", "ADDSLOTS", ...slots.map(String))
    // Distinct epochs, given before the nodes meet, spare them an election about who owns what.
    await expectOk(port, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1))
  }
  const [first = 0, ...others] = ports
  for (const port of others) await expectOk(first, "CLUSTER", "MEET", "127.0.0.1", String(port))
  await Promise.all(ports.map((port) => untilComplete(port, ports.length)))
}

/**
 * @param {number} port
 * @param {...string} words
 */
async function expectOk(port, ...words) {
  const answer = await redisCommand(port, ...words)
  if (!answer.startsWith("+OK")) throw new Error(`${words.slice(0, 2).join(" ")}: ${answer}`)
}

/**
 * @param {number} port
 * @param {number} nodes
 */
async function untilComplete(port, nodes) {
  const deadline = Date.now() + 30_000
  for (;;) {
    const info = await redisCommand(port, "CLUSTER", "INFO")
    if (info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${nodes}`)) return
    if (Date.now() > deadline) throw new Error(`The Redis cluster does not form:\n${info}`)
    await setTimeout(20)
  }
}

/** A port whose companion on the cluster bus, 10,000 above, exists and is free as well. */
async function clusterPort() {
  for (;;) {
    const port = await freePort()
    const bus = port + 10_000
    if (bus < 65_536 && (await freePort(bus).catch(() => undefined)) === bus) return port
  }
}
