import { createHmac } from "node:crypto"
import { setTimeout } from "node:timers/promises"
import { getRequestListener } from "@hono/node-server"
import { hash, verify } from "@node-rs/argon2"
import { betterAuth } from "better-auth"
import { memoryAdapter } from "better-auth/adapters/memory"
import { getMigrations } from "better-auth/db/migration"
import { fromNodeHeaders, toNodeHandler } from "better-auth/node"
import express from "express"
import { Hono } from "hono"
import { origin, secret } from "./site.mjs"

/**
 * @typedef {import("better-auth").BetterAuthOptions} Options
 * @typedef {ReturnType<typeof start>} Auth
 */

/** @type {Options} */
const common = {
  baseURL: origin,
  secret,
  logger: { disabled: true },
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
}

/** @param {Options} options */
export function start(options) {
  /** @type {Options} */
  const all = { ...common, ...options }
  return betterAuth(all)
}

/**
 * @param {Options} options
 * @param {(user: string) => void} [beforeSession]
 * @returns {import("./contender.d.ts").Sessions & { auth: Auth }}
 */
function sessionsIn(options, beforeSession) {
  const auth = start(options)
  const brief = start({ ...options, session: { expiresIn: 1 } })
  /** @type {string[]} */
  const users = []

  /** @param {number} index */
  async function user(index) {
    users[index] ??= await created(auth, `user-${index}@bench.example`)
    return users[index]
  }

  /**
   * @param {Auth} from
   * @param {number} index
   */
  async function open(from, index) {
    const { internalAdapter, authCookies } = await from.$context
    const id = await user(index)
    beforeSession?.(id)
    const { token } = await internalAdapter.createSession(id)
    const signature = createHmac("sha256", secret).update(token).digest("base64")
    return `${authCookies.sessionToken.name}=${encodeURIComponent(`${token}.${signature}`)}`
  }

  return {
    auth,
    async register(count) {
      for (let index = 0; index < count; index++) await user(index)
    },
    signIn: (index) => open(auth, index),
    async expired() {
      const cookie = await open(brief, 0)
      await setTimeout(1100)
      return cookie
    },
    async check(cookie) {
      const session = await auth.api.getSession({ headers: new Headers({ cookie }) })
      return session?.user.id
    },
  }
}

const provisioned = /** @type {const} */ ({ method: "admin" })

/**
 * @param {Auth} auth
 * @param {string} email
 */
async function created(auth, email) {
  const { internalAdapter } = await auth.$context
  const { id } = await internalAdapter.createUser({ email, name: email, emailVerified: true }, provisioned)
  return id
}

/** Users in its memory adapter, sessions in a Map through its secondary storage, which is quicker than the former. */
function inMemory() {
  /** @type {Map<string, string>} */
  const entries = new Map()
  return sessionsBesideUsers({
    get: (key) => entries.get(key) ?? null,
    set: (key, value) => void entries.set(key, value),
    delete: (key) => void entries.delete(key),
    getAndDelete(key) {
      const value = entries.get(key) ?? null
      entries.delete(key)
      return value
    },
    increment(key) {
      const count = Number(entries.get(key) ?? 0) + 1
      entries.set(key, String(count))
      return count
    },
  })
}

/** @param {NonNullable<Options["secondaryStorage"]>} secondaryStorage */
function sessionsBesideUsers(secondaryStorage) {
  /** @type {{ user: { id: string }[], session: object[], account: object[], verification: object[] }} */
  const tables = { user: [], session: [], account: [], verification: [] }
  /** @type {Map<string, { id: string }>} */
  const known = new Map()
  // Its memory adapter goes through all users to find the session's; no check does that, and filling must end some day.
  const only = (/** @type {string} */ id) => {
    for (const user of tables.user) known.set(user.id, user)
    const user = known.get(id)
    tables.user = user ? [user] : []
  }
  return sessionsIn({ database: memoryAdapter(tables), secondaryStorage }, only)
}

/** @type {import("./contender.d.ts").Contender} */
export const contender = {
  name: "Better Auth",
  packages: ["better-auth"],
  setup:
    "users in its memory adapter or PostgreSQL, sessions in its secondary storage (a Map, Redis) or PostgreSQL; no cookie cache, which would keep ended sessions alive, but where it is named",

  memory: async () => inMemory(),

  redis: async (client) =>
    sessionsBesideUsers({
      get: (key) => client.get(key),
      set: (key, value, seconds) => client.set(key, value, seconds ? { EX: seconds } : {}),
      async delete(key) {
        await client.del(key)
      },
      getAndDelete: (key) => client.getDel(key),
      async increment(key, seconds) {
        const [count] = await client.multi().incr(key).expire(key, seconds, "NX").execTyped()
        return count
      },
    }),

  async postgres(pool) {
    const { runMigrations } = await getMigrations({ ...common, database: pool })
    await runMigrations()
    return sessionsIn({ database: pool })
  },

  async express() {
    const sessions = inMemory()
    const app = express()
    app.get("/me", async (req, res) => {
      const session = await sessions.auth.api.getSession({ headers: fromNodeHeaders(req.headers) })
      if (!session) res.status(401).end()
      else res.json({ user: session.user.id })
    })
    return { ...sessions, listener: app }
  },

  async hono() {
    const sessions = inMemory()
    const app = new Hono()
    app.get("/me", async (c) => {
      const session = await sessions.auth.api.getSession({ headers: c.req.raw.headers })
      return session ? c.json({ user: session.user.id }) : c.body(null, 401)
    })
    return { ...sessions, listener: getRequestListener(app.fetch) }
  },

  async signInServer(accounts) {
    const auth = start({
      database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
      emailAndPassword: {
        enabled: true,
        password: {
          hash: (password) => hash(password),
          verify: ({ hash, password }) => verify(hash, password),
        },
      },
    })
    const { internalAdapter } = await auth.$context
    for (const { email, hash } of accounts) {
      const userId = await created(auth, email)
      await internalAdapter.createAccount({
        userId,
        providerId: "credential",
        accountId: userId,
        password: hash,
      })
    }
    return {
      listener: toNodeHandler(auth),
      path: "/api/auth/sign-in/email",
      body: ({ email, password }) => ({ email, password }),
    }
  },
}
