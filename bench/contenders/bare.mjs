import { hash, randomBytes } from "node:crypto"
import { json } from "node:stream/consumers"
import { setTimeout } from "node:timers/promises"
import { getRequestListener } from "@hono/node-server"
import { migrate, postgresStores } from "@mortise/adapter-postgres"
import { redisStores } from "@mortise/adapter-redis"
import { verify } from "@node-rs/argon2"
import express from "express"
import { Hono } from "hono"
import { cookieName, sessionCookie } from "./cookie.mjs"
import { memorySlots, sessionsIn } from "./mortise.mjs"
import { signInByHand } from "./sign-in-by-hand.mjs"

/** @typedef {import("./contender.d.ts").Bound} Bound */

function handWritten() {
  /** @type {Map<string, Kept>} */
  const sessions = new Map()
  return byHand({
    keep: (id, session) => void sessions.set(id, session),
    find: (id) => sessions.get(id),
  })
}

/**
 * The same where a session is a text at the other end of a connection: what is added to the bare question by whoever reads
 * the answer.
 *
 * @param {{ set(id: string, value: string): Promise<unknown>, get(id: string): Promise<string | null> }} store
 */
function handWrittenIn(store) {
  return byHand({
    keep: (id, session) => store.set(id, JSON.stringify(session)),
    async find(id) {
      const text = await store.get(id)
      return text === null ? undefined : JSON.parse(text)
    },
  })
}

/**
 * What no opaque session can do without: cut the token out of the cookie, hash its secret, look the session up,
 * compare in constant time, look at its end.
 *
 * @typedef {{ userId: string, secretHash: string, expiresAt: number }} Kept
 *
 * @param {object} store
 * @param {(id: string, session: Kept) => unknown} store.keep
 * @param {(id: string) => Kept | undefined | Promise<Kept | undefined>} store.find
 */
function byHand({ keep, find }) {
  /**
   * @param {number} user
   * @param {number} lifetime in milliseconds
   */
  async function open(user, lifetime) {
    const id = randomBytes(16).toString("base64url")
    const secret = randomBytes(32).toString("base64url")
    const secretHash = hash("sha256", secret, "base64url")
    await keep(id, { userId: `user-${user}`, secretHash, expiresAt: Date.now() + lifetime })
    return `${cookieName}=${id}.${secret}`
  }

  return {
    async register() {},
    signIn: (/** @type {number} */ user) => open(user, 86_400_000),
    async expired() {
      const cookie = await open(0, 10)
      await setTimeout(50)
      return cookie
    },
    async check(/** @type {string} */ cookie) {
      const token = sessionCookie(cookie)
      if (token === undefined) return undefined
      const found = find(token.slice(0, 22))
      const session = found instanceof Promise ? await found : found
      if (session === undefined || Date.now() >= session.expiresAt) return undefined
      return equal(hash("sha256", token.slice(23), "base64url"), session.secretHash)
        ? session.userId
        : undefined
    },
  }
}

/**
 * @param {string} one
 * @param {string} other
 */
function equal(one, other) {
  let difference = one.length ^ other.length
  for (let index = 0; index < one.length; index++)
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index)
  return difference === 0
}

/** @type {Bound} */
export const raw = {
  name: "by hand",
  setup:
    "cut out the cookie, SHA-256 by node:crypto's hash, Map, comparison in constant time, expiry; its sign-in counts tries per address and account under keyed digests, hashes three at a time, opens such a session and writes two entries of a chained log, over node:http",
  memory: async () => handWritten(),

  async redis(client) {
    return handWrittenIn({
      set: (id, value) => client.set(`by-hand:${id}`, value),
      get: (id) => client.get(`by-hand:${id}`),
    })
  },

  async express() {
    const sessions = handWritten()
    const app = express()
    app.get("/me", async (req, res) => {
      const user = await sessions.check(req.headers.cookie ?? "")
      if (user === undefined) res.status(401).end()
      else res.json({ user })
    })
    return { ...sessions, listener: app }
  },

  async hono() {
    const sessions = handWritten()
    const app = new Hono()
    app.get("/me", async (c) => {
      const user = await sessions.check(c.req.header("cookie") ?? "")
      return user === undefined ? c.body(null, 401) : c.json({ user })
    })
    return { ...sessions, listener: getRequestListener(app.fetch) }
  },

  async signInServer(accounts) {
    return signInByHand(accounts, handWritten().signIn)
  },
}

/** @type {Bound} */
export const rawMiddleware = {
  name: "by hand, as middleware",
  setup:
    "the same in two functions before the handler: one that loads the session, one that refuses who has none",

  async express() {
    const sessions = handWritten()
    const app = express()
    app.use(async (req, res, next) => {
      res.locals["user"] = await sessions.check(req.headers.cookie ?? "")
      next()
    })
    app.get(
      "/me",
      (_req, res, next) => (res.locals["user"] === undefined ? void res.status(401).end() : next()),
      (_req, res) => void res.json({ user: res.locals["user"] }),
    )
    return { ...sessions, listener: app }
  },

  async hono() {
    const sessions = handWritten()
    /** @type {Hono<{ Variables: { user: string | undefined } }>} */
    const app = new Hono()
    app.use(async (c, next) => {
      c.set("user", await sessions.check(c.req.header("cookie") ?? ""))
      await next()
    })
    app.get(
      "/me",
      (c, next) => (c.get("user") === undefined ? Promise.resolve(c.body(null, 401)) : next()),
      (c) => c.json({ user: c.get("user") }),
    )
    return { ...sessions, listener: getRequestListener(app.fetch) }
  },
}

/** @type {Bound} */
export const unguarded = {
  name: "no authentication",
  setup: "the same route and answer, nothing asked",

  async express() {
    const app = express()
    app.get("/me", (_req, res) => void res.json({ user: someUser }))
    return { ...handWritten(), listener: app }
  },

  async hono() {
    const app = new Hono()
    app.get("/me", (c) => c.json({ user: someUser }))
    return { ...handWritten(), listener: getRequestListener(app.fetch) }
  },
}

const someUser = "user-0"

/** @type {Bound} */
export const bareGet = {
  name: "bare GET",
  isQuestion: true,
  setup: "the GET that Mortise sends, sent again through the same client; its answer is not looked at",

  async redis(client) {
    /** @type {[string, ...string[]]} */
    let sent = ["PING"]
    const stores = redisStores(({ args }) => {
      sent = args
      return client.sendCommand(args)
    })
    const sessions = sessionsIn({ ...memorySlots(), ...stores })
    return repeated(sessions, () => {
      const command = sent
      return () => client.sendCommand(command)
    })
  },
}

/** @type {Bound} */
export const bareRow = {
  name: "bare SELECT, row",
  isQuestion: true,
  setup: "`select *` of the sessions row by primary key, prepared, through the same pool",

  postgres: (pool) =>
    repeatedStatement(pool, ({ values }) => ({
      name: "bench.row",
      text: "select * from mortise.sessions where id = $1",
      values: values.slice(0, 1),
    })),
}

/** @type {Bound} */
export const bareJoin = {
  name: "bare SELECT, join",
  isQuestion: true,
  setup:
    "the statement that Mortise sends (session and user by their primary keys), sent again; its answer is not looked at",
  postgres: (pool) => repeatedStatement(pool, (statement) => statement),
}

/**
 * @typedef {{ name: string, text: string, values: (string | number | boolean | null)[] }} Statement
 *
 * @param {import("pg").Pool} pool
 * @param {(sent: Statement) => Statement} chosen
 */
async function repeatedStatement(pool, chosen) {
  await migrate((statement) => pool.query(statement))
  /** @type {Statement} */
  let sent = { name: "", text: "", values: [] }
  const { users, sessions: kept } = postgresStores((statement) => {
    sent = statement
    return pool.query(statement)
  })
  const sessions = sessionsIn({ users, sessions: kept })
  return repeated(sessions, () => {
    const statement = chosen(sent)
    return () => pool.query(statement)
  })
}

/**
 * Sessions of which only the question to the store is left: whose "cookie" is a number, and whose check asks what
 * Mortise asked for that session.
 *
 * @param {import("./contender.d.ts").Sessions} sessions
 * @param {() => () => Promise<unknown>} lastQuestion makes what asks again what was asked last
 * @returns {import("./contender.d.ts").Sessions}
 */
function repeated(sessions, lastQuestion) {
  /** @type {(() => Promise<unknown>)[]} */
  const questions = []
  return {
    ...sessions,
    async signIn(user) {
      await sessions.check(await sessions.signIn(user))
      return String(questions.push(lastQuestion()) - 1)
    },
    async check(number) {
      return (await questions[Number(number)]?.()) ? "somebody" : undefined
    },
  }
}

/** @type {Bound} */
export const bareVerify = {
  name: "bare argon2",
  setup:
    "node:http, JSON.parse and the verify call of @node-rs/argon2, answered with 200 or 401; no session, no limit, no queue",

  async signInServer(accounts) {
    const hashes = new Map(accounts.map(({ email, hash }) => [email, hash]))
    return {
      async listener(req, res) {
        const { email, password } = /** @type {{ email: string, password: string }} */ (await json(req))
        res.statusCode = (await verify(hashes.get(email) ?? "", password)) ? 200 : 401
        res.end()
      },
      path: "/login",
      body: ({ email, password }) => ({ email, password }),
    }
  },
}

/** @type {Bound} */
export const bareVerifyOnExpress = {
  name: "bare argon2 on Express",
  setup: "the same in Express 5, with its JSON parser",

  async signInServer(accounts) {
    const hashes = new Map(accounts.map(({ email, hash }) => [email, hash]))
    const app = express()
    app.post("/login", express.json(), async (req, res) => {
      const { email, password } = req.body
      res.status((await verify(hashes.get(email) ?? "", password)) ? 200 : 401).end()
    })
    return { listener: app, path: "/login", body: ({ email, password }) => ({ email, password }) }
  },
}
