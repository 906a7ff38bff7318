import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { hash } from "@node-rs/argon2"
import pg from "pg"
import { createClient } from "redis"
import { describe, expect, inject, test } from "vitest"
import { assertChecks, assertGuards, assertSignsIn, assertWay, tamperedWith } from "../acceptance.mjs"
import { contenders, jwtContenders } from "../contenders/all.mjs"
import { raw, rawMiddleware } from "../contenders/bare.mjs"
import type { Bound, Sessions } from "../contenders/contender.d.ts"
import { guardWays } from "../contenders/mortise-guards.mjs"
import { signInServers } from "../measure/password-sign-in.mjs"

const measured: readonly Bound[] = [raw, rawMiddleware, ...contenders]

/** Those who take part in one way of measuring. */
function taking<Way extends keyof Bound>(way: Way): { name: string; start: NonNullable<Bound[Way]> }[] {
  return measured.flatMap((each) => {
    const start = each[way]
    return start ? [{ name: each.name, start }] : []
  })
}

async function withTwoUsers(sessions: Sessions): Promise<Sessions> {
  await sessions.register(2)
  return sessions
}

describe.concurrent("a session check accepts the valid, refuses the tampered and the expired", () => {
  test.for(taking("memory"))("$name in memory", async ({ name, start }) => {
    await assertChecks(name, await withTwoUsers(await start()))
  })

  test.for(jwtContenders)("$name", async ({ name, memory }) => {
    if (!memory) throw new Error(`${name} has no sessions.`)
    await assertChecks(name, await withTwoUsers(await memory()))
  })

  test.for(taking("redis"))("$name in Redis", async ({ name, start }) => {
    const client = createClient({ url: inject("redisUrl") })
    await client.connect()
    try {
      await assertChecks(name, await withTwoUsers(await start(client)))
    } finally {
      client.destroy()
    }
  })

  test.for(taking("postgres"))("$name in PostgreSQL", async ({ name, start }) => {
    const pool = await ownDatabase()
    try {
      await assertChecks(name, await withTwoUsers(await start(pool)))
    } finally {
      await pool.end()
    }
  })
})

describe.concurrent.for(["express", "hono"] as const)("a guarded route on %s does so too", (kind) => {
  test.for(taking(kind))("$name", async ({ name, start }) => {
    const guarded = await start()
    await guarded.register(1)
    const cookies = { valid: await guarded.signIn(0), expired: await guarded.expired() }
    await serving(guarded.listener, (url) => assertGuards(name, `${url}/me`, cookies))
  })
})

describe("a sign-in accepts the right password and refuses a wrong one", async () => {
  const password = "correct horse battery staple"
  const account = { email: "user-0@bench.example", password, hash: await hash(password) }

  test.for(signInServers)("$name", async ({ name, signInServer }) => {
    if (!signInServer) throw new Error(`${name} signs nobody in.`)
    const { listener, path, body } = await signInServer([account])
    await serving(listener, (url) => assertSignsIn(name, url + path, body(account)))
  })
})

describe("a way through a guard lets the right one pass and refuses the wrong one", async () => {
  test.for(await guardWays())("$name", async (way) => {
    await assertWay(way)
  })
})

describe("the assertions themselves", () => {
  const one: Sessions = {
    register: async () => {},
    signIn: async (user) => `session=abcdefghijklmnop${user}`,
    expired: async () => "session=over",
    check: async (cookie) => /^session=abcdefghijklmnop(\d)$/.exec(cookie)?.[1],
  }

  test("accept a check that checks", async () => {
    await assertChecks("one", one)
  })

  test.for([
    ["refuses everybody", async () => undefined],
    ["takes everybody for the same", async (cookie: string) => (await one.check(cookie)) && "somebody"],
    ["looks at the end only", async (cookie: string) => /\d$/.exec(cookie)?.[0]],
    [
      "forgets that sessions end",
      async (cookie: string) => (cookie === "session=over" ? "0" : one.check(cookie)),
    ],
    [
      "lets in whoever has no session",
      async (cookie: string) => (cookie.startsWith("session=") ? one.check(cookie) : "0"),
    ],
  ] as const)("reject a check that %s", async ([, check]) => {
    await expect(assertChecks("one", { ...one, check })).rejects.toThrow(/^one (?:refused|accepted|took)/)
  })

  test("reject a way that lets everybody pass, or nobody, or has nobody to refuse", async () => {
    const [way] = await guardWays()
    if (!way) throw new Error("There is no way.")
    await expect(assertWay({ ...way, check: () => "somebody" })).rejects.toThrow(/ let the wrong one pass/)
    await expect(assertWay({ ...way, check: () => undefined })).rejects.toThrow(/ refused the right one/)
    await expect(assertWay({ ...way, refuses: [] })).rejects.toThrow(/ has nobody to refuse/)
  })

  test("change one character, in every part of a cookie", () => {
    const cookie = "session=abcdefghijklmnop.qrstuvwxyz"
    for (const tampered of tamperedWith(cookie)) {
      expect([...tampered].filter((character, at) => character !== cookie[at])).toHaveLength(1)
    }
  })
})

/** Libraries name their tables as they like, so each gets a database. */
async function ownDatabase(): Promise<pg.Pool> {
  const url = new URL(inject("postgresUrl"))
  const admin = new pg.Client({ connectionString: url.href })
  await admin.connect()
  const name = `bench_${randomUUID().replaceAll("-", "")}`
  await admin.query(`create database ${name}`)
  await admin.end()
  url.pathname = `/${name}`
  return new pg.Pool({ connectionString: url.href })
}

async function serving(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
