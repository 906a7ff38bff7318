import { json } from "node:stream/consumers"
import { setTimeout } from "node:timers/promises"
import { getRequestListener } from "@hono/node-server"
import { NodePostgresAdapter } from "@lucia-auth/adapter-postgresql"
import { verify } from "@node-rs/argon2"
import express from "express"
import { Hono } from "hono"
import { Lucia, TimeSpan } from "lucia"

/** @typedef {import("lucia").Adapter} Adapter */

/**
 * Lucia brings no store in memory: this is the least that its port asks for.
 *
 * @returns {Adapter}
 */
function memoryAdapter() {
  /** @type {Map<string, import("lucia").DatabaseSession>} */
  const sessions = new Map()
  return {
    async getSessionAndUser(id) {
      const session = sessions.get(id)
      return session ? [session, { id: session.userId, attributes: {} }] : [null, null]
    },
    getUserSessions: async (userId) => [...sessions.values()].filter((session) => session.userId === userId),
    async setSession(session) {
      sessions.set(session.id, session)
    },
    async updateSessionExpiration(id, expiresAt) {
      const session = sessions.get(id)
      if (session) session.expiresAt = expiresAt
    },
    async deleteSession(id) {
      sessions.delete(id)
    },
    async deleteUserSessions() {},
    async deleteExpiredSessions() {},
  }
}

/**
 * @param {Adapter} adapter
 * @returns {import("./contender.d.ts").Sessions & { lucia: Lucia }}
 */
function sessionsIn(adapter) {
  const lucia = new Lucia(adapter)
  const brief = new Lucia(adapter, { sessionExpiresIn: new TimeSpan(1, "s") })

  /**
   * @param {Lucia} from
   * @param {number} user
   */
  async function open(from, user) {
    const { id } = await from.createSession(`user-${user}`, {})
    return `${from.sessionCookieName}=${id}`
  }

  return {
    lucia,
    async register() {},
    signIn: (user) => open(lucia, user),
    async expired() {
      const cookie = await open(brief, 0)
      await setTimeout(1100)
      return cookie
    },
    async check(cookie) {
      const id = lucia.readSessionCookie(cookie)
      return id === null ? undefined : (await lucia.validateSession(id)).user?.id
    },
  }
}

/** @type {import("./contender.d.ts").Contender} */
export const contender = {
  name: "Lucia",
  packages: ["lucia", "@lucia-auth/adapter-postgresql"],
  setup: "version 3 by default; its stores keep session ids as they are, a dump of them signs everybody in",

  memory: async () => sessionsIn(memoryAdapter()),

  async postgres(pool) {
    await pool.query("create table if not exists lucia_user (id text primary key)")
    await pool.query(
      "create table if not exists lucia_session (id text primary key, user_id text not null references lucia_user (id), expires_at timestamptz not null)",
    )
    const adapter = new NodePostgresAdapter(pool, { user: "lucia_user", session: "lucia_session" })
    return {
      ...sessionsIn(adapter),
      async register(count) {
        await pool.query(
          "insert into lucia_user select 'user-' || n from generate_series(0, $1::int - 1) as n",
          [count],
        )
      },
    }
  },

  async express() {
    const sessions = sessionsIn(memoryAdapter())
    const app = express()
    app.get("/me", async (req, res) => {
      const user = await sessions.check(req.headers.cookie ?? "")
      if (user === undefined) res.status(401).end()
      else res.json({ user })
    })
    return { ...sessions, listener: app }
  },

  async hono() {
    const sessions = sessionsIn(memoryAdapter())
    const app = new Hono()
    app.get("/me", async (c) => {
      const user = await sessions.check(c.req.header("cookie") ?? "")
      return user === undefined ? c.body(null, 401) : c.json({ user })
    })
    return { ...sessions, listener: getRequestListener(app.fetch) }
  },

  async signInServer(accounts) {
    const { lucia } = sessionsIn(memoryAdapter())
    const hashes = new Map(accounts.map(({ email, hash }) => [email, hash]))
    return {
      async listener(req, res) {
        const { email, password } = /** @type {{ email: string, password: string }} */ (await json(req))
        if (!(await verify(hashes.get(email) ?? "", password))) return void res.writeHead(401).end()
        const { id } = await lucia.createSession(email, {})
        res.setHeader("set-cookie", lucia.createSessionCookie(id).serialize())
        res.end()
      },
      path: "/login",
      body: ({ email, password }) => ({ email, password }),
    }
  },
}
