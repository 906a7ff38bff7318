import { setTimeout } from "node:timers/promises"
import { getRequestListener } from "@hono/node-server"
import { migrate, postgresStores } from "@mortise/adapter-postgres"
import { redisStores } from "@mortise/adapter-redis"
import { createAuth, opaque } from "@mortise/core"
import { argon2id } from "@mortise/core/argon2"
import { memorySessionStore, memoryStores, memoryUserStore } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { mortise, requireSession } from "@mortise/express"
import * as hono from "@mortise/hono"
import express from "express"
import { Hono } from "hono"
import { cookieName } from "./cookie.mjs"
import { origin, secret } from "./site.mjs"

/**
 * @typedef {import("./contender.d.ts").Sessions} Sessions
 * @typedef {import("@mortise/core").Stores} Stores
 * @typedef {Pick<Stores, "users" | "sessions">} SessionSlots
 * @typedef {import("@mortise/core").User} User
 */

/**
 * @param {SessionSlots} stores
 * @param {import("@mortise/core").OpaqueOptions} [limits]
 */
function sessionsOnly(stores, limits) {
  return createAuth({ origin, secret, stores, sessions: opaque(limits), flows: {} })
}

/** @param {SessionSlots} stores */
export function sessionsIn(stores) {
  const auth = sessionsOnly(stores)
  const brief = sessionsOnly(stores, { idle: "1s", absolute: "1s" })
  return sessionsOf(auth, { users: stores.users, brief, waitMs: 1100 })
}

/**
 * The sessions of a realm.
 *
 * @template {import("@mortise/core").AnyAuth} Realm
 * @param {Realm} auth
 * @param {{ users: Stores["users"], brief: import("@mortise/core").AnyAuth, waitMs: number }} beside
 *   `brief` opens sessions of the same realm that are over after `waitMs`
 * @returns {Sessions & { auth: Realm }}
 */
export function sessionsOf(auth, { users: store, brief, waitMs }) {
  /** @type {User[]} */
  const users = []

  /** @param {number} index */
  async function user(index) {
    users[index] ??= await present(store, `user-${index}@bench.example`)
    return users[index]
  }

  /**
   * @param {import("@mortise/core").AnyAuth} realm
   * @param {User} user
   */
  async function open(realm, user) {
    const ticket = await realm.sessions.begin(user.id)
    const opened = await realm.sessions.open(ticket, user, ["pwd"], {
      address: "127.0.0.1",
      userAgent: "bench",
    })
    if (!opened.ok) throw new Error("A session was not opened.")
    return `${cookieName}=${opened.session.token}`
  }

  return {
    auth,
    async register(count) {
      for (let index = 0; index < count; index++) await user(index)
    },
    signIn: async (index) => open(auth, await user(index)),
    async expired() {
      const cookie = await open(brief, await user(0))
      await setTimeout(waitMs)
      return cookie
    },
    async check(cookie) {
      const header = (/** @type {string} */ name) => (name === "cookie" ? cookie : undefined)
      const { principal } = await auth.authenticate({ method: "GET", target: "/me", header })
      return principal?.userId
    },
  }
}

/**
 * Those who share a database share its users.
 *
 * @param {Stores["users"]} users
 * @param {string} email
 */
async function present(users, email) {
  const created = await users.create({ email, emailVerifiedAt: null, createdAt: Date.now() })
  const user = created ?? (await users.findByEmail(email))
  if (!user) throw new Error(`${email} is neither free nor taken.`)
  return user
}

/** What sessions need, and no log of every event, which the others do not write either. */
export function memorySlots() {
  return { users: memoryUserStore(), sessions: memorySessionStore() }
}

/** @type {import("./contender.d.ts").Contender} */
export const contender = {
  name: "Mortise",
  packages: [
    "@mortise/core",
    "@mortise/adapter-redis",
    "@mortise/adapter-postgres",
    "@mortise/express",
    "@mortise/hono",
  ],
  setup:
    "opaque sessions and everything else by default; no log of events but at sign-ins, whose server is Hono on node:http",

  memory: async () => sessionsIn(memorySlots()),

  async redis(client) {
    return sessionsIn({ ...memorySlots(), ...redisStores(({ args }) => client.sendCommand(args)) })
  },

  async postgres(pool) {
    const query = pool.query.bind(pool)
    await migrate(query)
    const { users, sessions } = postgresStores(query)
    return sessionsIn({ users, sessions })
  },

  async express() {
    const sessions = sessionsIn(memorySlots())
    const app = express()
    app.use(mortise(sessions.auth))
    app.get("/me", requireSession(), (req, res) => void res.json({ user: req.auth?.userId }))
    return { ...sessions, listener: app }
  },

  async hono() {
    const sessions = sessionsIn(memorySlots())
    /** @type {Hono<hono.MortiseEnv<typeof sessions.auth>>} */
    const app = new Hono()
    app.use(hono.mortise(sessions.auth))
    app.get("/me", hono.requireSession(), (c) => c.json({ user: c.get("auth").userId }))
    return { ...sessions, listener: getRequestListener(app.fetch) }
  },

  async signInServer(accounts) {
    const auth = await passwordAuth(accounts)
    const app = new Hono()
    app.use(hono.mortise(auth))
    return { ...login, listener: getRequestListener(app.fetch) }
  },
}

/** @type {import("./contender.d.ts").Bound} */
export const onExpress = {
  name: "Mortise on Express",
  setup: "the same flow, in Express 5 instead of Hono",
  async signInServer(accounts) {
    const app = express()
    app.use(mortise(await passwordAuth(accounts)))
    return { ...login, listener: app }
  },
}

const login = {
  path: "/auth/login",
  body: (/** @type {import("./contender.d.ts").Account} */ { email, password }) => ({ email, password }),
}

/** @param {readonly import("./contender.d.ts").Account[]} accounts */
async function passwordAuth(accounts) {
  const stores = memoryStores()
  const now = Date.now()
  for (const { email, hash } of accounts) {
    const { id } = await present(stores.users, email)
    const credential = {
      kind: /** @type {const} */ ("password"),
      handle: id,
      userId: id,
      secret: hash,
      revision: 0,
    }
    await stores.credentials.insert({ ...credential, createdAt: now, changedAt: now })
  }
  const hasher = argon2id({ waiting: 1000 })
  // All of the load comes from one address.
  const limits = { address: { free: 1_000_000 } }
  return createAuth({
    origin,
    secret,
    stores,
    sessions: opaque(),
    flows: { password: password({ hasher, limits }) },
  })
}
