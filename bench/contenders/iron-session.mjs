import { json } from "node:stream/consumers"
import { getRequestListener } from "@hono/node-server"
import { verify } from "@node-rs/argon2"
import express from "express"
import { Hono } from "hono"
import { getIronSession, sealData, webCookies } from "iron-session"
import { secret } from "./site.mjs"

/** @typedef {{ userId?: string }} Data */

const options = { cookieName: "session", password: secret }

/**
 * @param {number} user
 * @param {number} lifetime in seconds
 */
async function seal(user, lifetime) {
  const sealed = await sealData({ userId: `user-${user}` }, { password: options.password, ttl: lifetime })
  return `${options.cookieName}=${sealed}`
}

/** The session is in the cookie, so it is the same with every store: none. It cannot be ended before its time. */
const sealed = {
  async register() {},
  signIn: (/** @type {number} */ user) => seal(user, 86_400),
  // Its clocks may differ by a minute, so this one ended an hour before it began.
  expired: () => seal(0, -3600),
}

/** @type {import("./contender.d.ts").Contender} */
export const contender = {
  name: "iron-session",
  packages: ["iron-session"],
  setup: "everything by default; the session is sealed into the cookie and cannot be revoked",

  async memory() {
    const headers = new Headers()
    return {
      ...sealed,
      async check(cookie) {
        const request = /** @type {Request} */ ({ headers: /** @type {unknown} */ ({ get: () => cookie }) })
        const session = await getIronSession(/** @type {never} */ (webCookies(request, headers)), options)
        return /** @type {Data} */ (session).userId
      },
    }
  },

  async express() {
    const app = express()
    app.get("/me", async (req, res) => {
      const { userId } = /** @type {Data} */ (await getIronSession(req, res, options))
      if (userId === undefined) res.status(401).end()
      else res.json({ user: userId })
    })
    return { ...sealed, listener: app }
  },

  async hono() {
    const app = new Hono()
    app.get("/me", async (c) => {
      const { userId } = /** @type {Data} */ (await getIronSession(c.req.raw, c.res, options))
      return userId === undefined ? c.body(null, 401) : c.json({ user: userId })
    })
    return { ...sealed, listener: getRequestListener(app.fetch) }
  },

  async signInServer(accounts) {
    const hashes = new Map(accounts.map(({ email, hash }) => [email, hash]))
    return {
      async listener(req, res) {
        const { email, password } = /** @type {{ email: string, password: string }} */ (await json(req))
        if (!(await verify(hashes.get(email) ?? "", password))) return void res.writeHead(401).end()
        const session = /** @type {Data & { save(): Promise<void> }} */ (
          await getIronSession(req, res, options)
        )
        session.userId = email
        await session.save()
        res.end()
      },
      path: "/login",
      body: ({ email, password }) => ({ email, password }),
    }
  },
}
