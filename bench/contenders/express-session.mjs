import { setTimeout } from "node:timers/promises"
import { verify } from "@node-rs/argon2"
import { RedisStore } from "connect-redis"
import express from "express"
import session, { MemoryStore } from "express-session"
import { secret } from "./site.mjs"

/**
 * @typedef {import("express").Request & { session: import("express-session").Session & { userId?: string } }} SessionRequest
 */

/** @param {import("express-session").Store} store */
function middlewareOver(store) {
  return session({ secret, store, resave: false, saveUninitialized: false })
}

/**
 * One request through the middleware, with no more of a request and a response than it touches. It is over when the
 * middleware has let the response end: that is when it has written that the session was used.
 *
 * @template Result
 * @param {import("express").RequestHandler} middleware
 * @param {string | undefined} cookie
 * @param {(session: SessionRequest["session"]) => Result} handle
 * @returns {Promise<{ result: Result, setCookie: string }>}
 */
function exchange(middleware, cookie, handle) {
  return new Promise((resolve, reject) => {
    /** @type {Result} */
    let result
    let setCookie = ""
    const req = {
      headers: cookie ? { cookie } : {},
      url: "/me",
      originalUrl: "/me",
      method: "GET",
      socket: {},
    }
    const res = {
      statusCode: 200,
      _implicitHeader() {
        this.writeHead(200)
      },
      writeHead(/** @type {number} */ _status) {},
      getHeader: () => undefined,
      setHeader(/** @type {string} */ name, /** @type {string | string[]} */ value) {
        if (name.toLowerCase() === "set-cookie") setCookie = String(value)
      },
      end: () => resolve({ result, setCookie }),
    }
    const request = /** @type {SessionRequest} */ (/** @type {unknown} */ (req))
    middleware(request, /** @type {import("express").Response} */ (/** @type {unknown} */ (res)), (error) => {
      if (error) return reject(error)
      result = handle(request.session)
      res.end()
    })
  })
}

/**
 * @param {import("express-session").Store} store
 * @returns {import("./contender.d.ts").Sessions & { middleware: import("express").RequestHandler }}
 */
function sessionsIn(store) {
  const middleware = middlewareOver(store)

  /**
   * @param {number} user
   * @param {number} lifetime in milliseconds
   */
  async function open(user, lifetime) {
    const { setCookie } = await exchange(middleware, undefined, (session) => {
      session.cookie.maxAge = lifetime
      session.userId = `user-${user}`
    })
    return String(setCookie.split(";", 1)[0])
  }

  return {
    middleware,
    async register() {},
    signIn: (user) => open(user, 86_400_000),
    async expired() {
      const cookie = await open(0, 1000)
      await setTimeout(1100)
      return cookie
    },
    check: async (cookie) => (await exchange(middleware, cookie, (session) => session.userId)).result,
  }
}

/** @type {import("./contender.d.ts").Contender} */
export const contender = {
  name: "express-session",
  packages: ["express-session", "connect-redis"],
  setup: "resave and saveUninitialized off; with its MemoryStore, on Redis with connect-redis",

  memory: async () => sessionsIn(new MemoryStore()),
  redis: async (client) => sessionsIn(new RedisStore({ client })),

  async express() {
    const sessions = sessionsIn(new MemoryStore())
    const app = express()
    app.use(sessions.middleware)
    app.get("/me", (request, res) => {
      const { userId } = /** @type {SessionRequest} */ (request).session
      if (userId === undefined) res.status(401).end()
      else res.json({ user: userId })
    })
    return { ...sessions, listener: app }
  },

  async signInServer(accounts) {
    const hashes = new Map(accounts.map(({ email, hash }) => [email, hash]))
    const app = express()
    app.use(middlewareOver(new MemoryStore()), express.json())
    app.post("/login", async (request, res) => {
      const { email, password } = request.body
      if (!(await verify(hashes.get(email) ?? "", password))) return void res.status(401).end()
      request.session.regenerate(() => {
        const { session } = /** @type {SessionRequest} */ (request)
        session.userId = email
        session.save(() => res.json({ user: email }))
      })
    })
    return { listener: app, path: "/login", body: ({ email, password }) => ({ email, password }) }
  },
}
