import { locateChromium, locateHeadlessShell } from "../services/chromium.mjs"
import { startPostgres } from "../services/postgres.mjs"
import { startRedis } from "../services/redis.mjs"
import { startRedisCluster } from "../services/redis-cluster.mjs"

/**
 * Starts, once per run, the servers that all test files share; a file keeps to its own schema or key prefix.
 *
 * MORTISE_SERVICES="redis,postgres" starts only those, and "none" starts nothing: for a quick run of one
 * file. Without it everything is there and a missing program fails the run, so no test is silently left out.
 *
 * @param {import("vitest/node").TestProject} project
 */
export default async function setup({ provide }) {
  const wanted = process.env.MORTISE_SERVICES?.split(",")
  /** @type {(() => Promise<void>)[]} */
  const stops = []

  const starts = {
    async postgres() {
      const service = await startPostgres()
      stops.push(service.stop)
      provide("postgresUrl", service.url)
    },
    async redis() {
      const service = await startRedis()
      stops.push(service.stop)
      provide("redisUrl", service.url)
    },
    async "redis-cluster"() {
      const service = await startRedisCluster()
      stops.push(service.stop)
      provide(
        "redisClusterNodes",
        service.nodes.map((node) => node.url),
      )
    },
    async chromium() {
      provide("chromiumPath", await locateChromium())
      provide("headlessShellPath", await locateHeadlessShell())
    },
  }

  const chosen = Object.entries(starts).filter(([name]) => wanted?.includes(name) ?? true)
  const results = await Promise.allSettled(chosen.map(([, start]) => start()))
  const teardown = () => Promise.all(stops.map((stop) => stop()))
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))
  if (failures.length === 0) return teardown
  await teardown()
  throw new Error(failures.map((failure) => failure.message).join("\n\n"), { cause: failures[0] })
}
