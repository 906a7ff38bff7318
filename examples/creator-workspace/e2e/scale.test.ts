import { setTimeout } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startPostgres } from "../../../tools/services/postgres.mjs"
import { startRedis } from "../../../tools/services/redis.mjs"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"
import { newVisitor, signIn, type Visitor } from "./visitor.js"

let postgres: Awaited<ReturnType<typeof startPostgres>>
let redis: Awaited<ReturnType<typeof startRedis>>
let data: Awaited<ReturnType<typeof dataDirectory>>
let demo: RunningDemo
let a: string
let b: string

beforeAll(async () => {
  ;[postgres, redis, data] = await Promise.all([startPostgres(), startRedis(), dataDirectory()])
  demo = await startDemo({
    scale: true,
    env: { DATABASE_URL: postgres.url, REDIS_URL: redis.url, DATA_DIR: data.path },
  })
  a = (await serverLine("A"))[1] ?? ""
  b = (await serverLine("B"))[1] ?? ""
})
afterAll(async () => {
  await demo?.stop()
  await Promise.all([postgres?.stop(), redis?.stop(), data?.remove()])
})

test("whoever signs in on one server is known to the other, and signed out on both", async () => {
  const visitor = await newVisitor(a)
  for (const url of [a, b, demo.url]) expect((await visitor.get(`${url}/workspace`)).status).toBe(200)

  const again = await signIn(b, visitor.email)
  const out = await fetch(`${b}/auth/logout`, { method: "POST", headers: { cookie: again.cookie } })
  expect(out.status).toBe(200)
  for (const url of [a, b, demo.url]) expect((await again.get(`${url}/workspace`)).status).toBe(401)
  for (const url of [a, b, demo.url]) expect((await visitor.get(`${url}/workspace`)).status).toBe(200)
})

test("a sign-in at a provider that is begun on one server is finished on the other", async () => {
  const form = new URLSearchParams({ return_to: "/devices" })
  const begun = await fetch(`${a}/auth/oauth/google`, { method: "POST", body: form, redirect: "manual" })
  const binding = begun.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const email = `${crypto.randomUUID()}@example.com`
  const callback = new URL(await callbackOf(begun.headers.get("location") ?? "", email))
  expect(callback.origin).toBe(demo.url)
  const finished = await fetch(b + callback.pathname + callback.search, {
    headers: { cookie: binding },
    redirect: "manual",
  })
  expect(finished.headers.get("location")).toBe("/devices")
  const cookie = finished.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const response = await fetch(`${a}/auth/session`, { headers: { cookie } })
  expect(await response.text()).toContain(email)
})

test("the throttle sees the visitor's address through the balancer, whatever the visitor writes about it", async () => {
  const visitor = await newVisitor(demo.url)
  const response = await fetch(`${demo.url}/auth/sessions`, {
    headers: { cookie: visitor.cookie, "x-forwarded-for": "203.0.113.9" },
  })
  const { sessions } = (await response.json()) as { sessions: { address: string }[] }
  expect(sessions.map((session) => session.address)).toEqual(["127.0.0.1"])
})

test("a server that is killed takes nobody's session along, and fails nothing but what was changing on it", async () => {
  const visitors = await Promise.all(Array.from({ length: 4 }, () => newVisitor(demo.url)))
  const traffic = keepBusy(visitors)
  await setTimeout(500)
  const pid = Number((await serverLine("A"))[2])
  const killedAt = performance.now()
  const goneAt = await kill(pid)
  await setTimeout(800)
  const meanwhile = await Promise.all(visitors.map((visitor) => visitor.get(`${b}/workspace`)))
  expect(meanwhile.map((response) => response.status)).toEqual([200, 200, 200, 200])

  await expect.poll(async () => Number((await serverLine("A"))[2]), { timeout: 10_000 }).not.toBe(pid)
  await setTimeout(500)
  // Long enough for the test to mean something.
  await expect.poll(() => traffic.since(goneAt), { timeout: 30_000 }).toBeGreaterThan(100)
  const requests = await traffic.stop()

  const failed = requests.filter((request) => request.status !== 200)
  expect(failed.filter((request) => request.method === "GET")).toEqual([])
  expect(failed.filter((request) => request.from > goneAt || request.to < killedAt)).toEqual([])
  expect(failed.length).toBeLessThanOrEqual(visitors.length)
  for (const visitor of visitors) expect((await visitor.get(`${a}/workspace`)).status).toBe(200)
})

/** What a browser does at the stand-in: follows, types an address, allows, and is sent back. */
async function callbackOf(authorization: string, email: string): Promise<string> {
  const cookies: string[] = []
  async function follow(address: string, body?: URLSearchParams): Promise<string> {
    const response = await fetch(address, {
      method: body ? "POST" : "GET",
      body: body ?? null,
      headers: { cookie: cookies.join("; ") },
      redirect: "manual",
    })
    cookies.push(...response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? ""))
    return new URL(response.headers.get("location") ?? "", address).href
  }
  const question = await follow(authorization)
  return follow(await follow(question, new URLSearchParams({ email, verified: "yes", decision: "allow" })))
}

interface Traffic {
  readonly method: string
  readonly status: number
  readonly from: number
  readonly to: number
}

/** Each visitor reads, and now and then imports, as fast as the answers come. */
function keepBusy(visitors: readonly Visitor[]): {
  /** How many requests were begun after this instant, and answered. */
  since(at: number): number
  stop(): Promise<readonly Traffic[]>
} {
  const seen: Traffic[] = []
  let busy = true

  async function work(visitor: Visitor): Promise<void> {
    for (let turn = 0; busy; turn += 1) {
      const method = turn % 5 === 0 ? "POST" : "GET"
      const from = performance.now()
      const status = await (method === "GET"
        ? visitor.get(`${demo.url}/workspace`)
        : visitor.importArticle(demo.url, `# Draft ${turn}\n`)
      ).then(
        async (response) => {
          await response.arrayBuffer()
          return response.status
        },
        () => 0,
      )
      seen.push({ method, status, from, to: performance.now() })
    }
  }

  const all = Promise.all(visitors.map(work))
  return {
    since: (at) => seen.filter(({ from }) => from > at).length,
    async stop() {
      busy = false
      await all
      return seen
    },
  }
}

/** When it was gone: a process takes connections for some milliseconds after the signal, until its memory is given back. */
async function kill(pid: number): Promise<number> {
  process.kill(pid, "SIGKILL")
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return performance.now()
    }
    await setTimeout(1)
  }
}

function serverLine(name: string): Promise<RegExpMatchArray> {
  return demo.line(new RegExp(`^server ${name} (\\S+) pid (\\d+)$`))
}
