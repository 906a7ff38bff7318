import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { startPostgres } from "../../../tools/services/postgres.mjs"
import { startRedis } from "../../../tools/services/redis.mjs"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"
import { newVisitor, password, post, type Visitor } from "./visitor.js"

let postgres: Awaited<ReturnType<typeof startPostgres>>
let redis: Awaited<ReturnType<typeof startRedis>>
let data: Awaited<ReturnType<typeof dataDirectory>>
let demo: RunningDemo
let visitor: Visitor

/** What is broken at the moment, and how it is mended. */
let mend: (() => Promise<void>) | undefined

beforeAll(async () => {
  ;[postgres, redis, data] = await Promise.all([
    startPostgres(),
    startRedis({ durable: true }),
    dataDirectory(),
  ])
  demo = await startDemo({ env: { DATABASE_URL: postgres.url, REDIS_URL: redis.url, DATA_DIR: data.path } })
  visitor = await newVisitor(demo.url)
})
afterEach(async () => {
  await mend?.()
  mend = undefined
})
afterAll(async () => {
  await demo?.stop()
  await Promise.all([postgres?.stop(), redis?.stop(), data?.remove()])
})

const ways = ["hangs", "is gone"] as const

/** Breaks a service in one of the two ways in which services break. */
async function breakDown(service: typeof postgres | typeof redis, way: (typeof ways)[number]): Promise<void> {
  if (way === "hangs") {
    service.pause()
    mend = async () => service.resume()
  } else {
    await service.kill()
    mend = () => service.restart()
  }
}

async function timed(answer: Promise<Response>): Promise<{ response: Response; ms: number }> {
  const start = performance.now()
  const response = await answer
  return { response, ms: performance.now() - start }
}

// Again if it fails: a machine that is busy with something else takes longer for everything.
const patient = { retry: 2 }

describe.each(ways)("Redis %s", (way) => {
  test("guarded pages are 503 within a second, and served again without a restart", patient, async () => {
    await breakDown(redis, way)
    for (const path of ["/devices", "/workspace", "/account"]) {
      const { response, ms } = await timed(visitor.get(demo.url + path))
      expect(response.status).toBe(503)
      expect(response.headers.get("content-type")).toContain("application/problem+json")
      expect(await response.json()).toMatchObject({ status: 503, reason: "unavailable" })
      expect(ms).toBeLessThan(1000)
    }
    const page = await fetch(`${demo.url}/devices`, {
      headers: { cookie: visitor.cookie, accept: "text/html" },
      redirect: "manual",
    })
    expect(page.status).toBe(503)
    expect(await page.text()).toContain("<h1>Back in a moment</h1>")

    await mend?.()
    mend = undefined
    await expect.poll(() => statusOf("/devices"), { timeout: 10_000 }).toBe(200)
    expect(await statusOf("/workspace")).toBe(200)
  })

  test("who is not signed in still sees the front page", async () => {
    await breakDown(redis, way)
    expect((await fetch(demo.url)).status).toBe(200)
    expect((await fetch(`${demo.url}/sign-in`)).status).toBe(200)
    await mend?.()
    mend = undefined
    await expect.poll(() => statusOf("/devices"), { timeout: 10_000 }).toBe(200)
  })
})

describe.each(ways)("PostgreSQL %s", (way) => {
  test(
    "sessions go on, what needs the database is 503, and everything is back without a restart",
    patient,
    async () => {
      await breakDown(postgres, way)
      expect(await statusOf("/devices")).toBe(200)

      // The article, and the ways in, are in the database.
      for (const path of ["/workspace", "/account"]) {
        const { response, ms } = await timed(visitor.get(demo.url + path))
        expect(response.status).toBe(503)
        expect(ms).toBeLessThan(1000)
      }
      const login = await post(`${demo.url}/auth/login`, { email: visitor.email, password })
      expect(login.status).toBe(503)
      expect(login.headers.getSetCookie()).toEqual([])

      await mend?.()
      mend = undefined
      await expect.poll(() => statusOf("/workspace"), { timeout: 10_000 }).toBe(200)
      const again = await post(`${demo.url}/auth/login`, { email: visitor.email, password })
      expect(again.status).toBe(200)
    },
  )
})

async function statusOf(path: string): Promise<number> {
  return (await visitor.get(demo.url + path)).status
}
