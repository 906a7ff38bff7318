import { atomicOutageChecks, sessionOutageChecks } from "@mortise/core/testing"
import { Redis } from "ioredis"
import { createClient } from "redis"
import { afterAll, beforeAll, describe, test, vi } from "vitest"
import { type RedisService, startRedis } from "../../../tools/services/redis.mjs"
import { type RedisStores, redisStores } from "../src/index.js"
import { freshPrefix } from "./connections.js"

/*
 * Promise 6, with a server of our own to torment, and each client as it comes out of the box, which queues
 * commands and waits: the deadline is what makes the difference.
 */

let service: RedisService
let stores: readonly [RedisStores, RedisStores]
let disconnect: () => void

beforeAll(async () => {
  service = await startRedis()
  const client = createClient({ url: service.url })
  const redis = new Redis(service.url)
  // An outage is what this file is about; without a listener it would end the process.
  client.on("error", () => {})
  redis.on("error", () => {})
  await client.connect()
  const options = { prefix: freshPrefix(), timeout: 0.1 }
  stores = [
    redisStores(({ args }) => client.sendCommand(args), options),
    redisStores(({ args }) => redis.call(...args), options),
  ]
  disconnect = () => {
    client.destroy()
    redis.disconnect()
  }
})
afterAll(async () => {
  disconnect()
  await service.stop()
})

async function untilBack(): Promise<void> {
  for (const { sessions } of stores) await vi.waitFor(() => sessions.find("nobody's"), { timeout: 10_000 })
}

describe("a server that hangs", () => {
  beforeAll(() => service.pause())
  afterAll(async () => {
    service.resume()
    await untilBack()
  })
  outageTests()
})

describe("a server that is gone", () => {
  beforeAll(() => service.kill())
  afterAll(async () => {
    await service.restart()
    await untilBack()
  })
  outageTests()
})

function outageTests(): void {
  for (const check of atomicOutageChecks) {
    test(`challenges: ${check.name}`, () =>
      check.run(() => ({ a: stores[0].challenges, b: stores[1].challenges })))
  }
  for (const check of sessionOutageChecks) {
    test(`sessions: ${check.name}`, () => check.run(() => ({ a: stores[0].sessions, b: stores[1].sessions })))
  }
}
