import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { describe, expect, inject, it } from "vitest"
import { startPostgres } from "../services/postgres.mjs"
import { startRedis } from "../services/redis.mjs"
import { redisCommand } from "../services/redis-command.mjs"

const redisModule = fileURLToPath(new URL("../services/redis.mjs", import.meta.url))

describe("the servers of a test run", () => {
  it("are provided to every file", () => {
    expect(inject("postgresUrl")).toMatch(/^postgres:/)
    expect(inject("redisUrl")).toMatch(/^redis:/)
    expect(inject("redisClusterNodes")).toHaveLength(3)
    expect(inject("chromiumPath")).not.toBe("")
    expect(inject("headlessShellPath")).not.toBe("")
  })
})

describe("a redis of one's own", () => {
  it("goes away at kill and comes back with its data at restart", async () => {
    const redis = await startRedis({ durable: true })
    await redisCommand(redis.port, "SET", "key", "kept")
    await redis.kill()
    await expect(redisCommand(redis.port, "GET", "key")).rejects.toThrow("ECONNREFUSED")
    await redis.restart()
    expect(await redisCommand(redis.port, "GET", "key")).toContain("kept")
    await redis.stop()
  })

  it("hangs while paused and answers after resume", async () => {
    const redis = await startRedis()
    redis.pause()
    const answer = redisCommand(redis.port, "PING")
    expect(await Promise.race([answer, setTimeout(200, "nothing")])).toBe("nothing")
    redis.resume()
    expect(await answer).toContain("PONG")
    await redis.stop()
  })

  it.each(["SIGINT", "SIGKILL"] as const)(
    "leaves nothing behind when its owner ends by %s",
    async (signal) => {
      const program = `const { startRedis } = await import(${JSON.stringify(redisModule)})
      const { port } = await startRedis()
      console.log(port)
      setInterval(() => {}, 1000)`
      const owner = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "pipe", "inherit"],
      })
      const port = Number(await once(owner.stdout, "data"))
      expect(await redisCommand(port, "PING")).toContain("PONG")
      const directory = temporaryDirectories().find((name) => holds(name, port))
      expect(directory).toBeDefined()
      owner.kill(signal)
      await expect.poll(() => temporaryDirectories()).not.toContain(directory)
      await expect(redisCommand(port, "PING")).rejects.toThrow("ECONNREFUSED")
    },
  )
})

describe("a postgres of one's own", () => {
  it("accepts connections, also after kill and restart", async () => {
    const postgres = await startPostgres()
    expect(await greeting(postgres.port)).toBe("N")
    await postgres.kill()
    await expect(greeting(postgres.port)).rejects.toThrow("ECONNREFUSED")
    await postgres.restart()
    expect(await greeting(postgres.port)).toBe("N")
    await postgres.stop()
  })
})

function temporaryDirectories(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("mortise-redis-"))
}

function holds(name: string, port: number): boolean {
  return readdirSync(`${tmpdir()}/${name}`).includes(String(port))
}

/** PostgreSQL's one-byte answer to a request for TLS: the shortest proof that it is there. */
async function greeting(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1")
  await once(socket, "connect")
  socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]))
  const [data] = await once(socket, "data")
  socket.destroy()
  return String(data)
}
