import { setTimeout } from "node:timers/promises"
import { memoryAdapter } from "better-auth/adapters/memory"
import { start } from "./better-auth.mjs"

/** @typedef {"jwt" | "compact"} Strategy */

/**
 * An instance with a database of its own, in memory.
 *
 * @param {Strategy} strategy
 * @param {number} maxAge in seconds
 */
function instance(strategy, maxAge) {
  return start({
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    session: { cookieCache: { enabled: true, strategy, maxAge } },
    emailAndPassword: { enabled: true, password: { hash: async () => "unused", verify: async () => true } },
  })
}

/**
 * Those who sign in do so at one instance and are checked by another, whose database is empty: only the cookie cache can
 * say who they are. The library would else accept a damaged or expired cache and ask its database, as it should.
 *
 * @param {Strategy} strategy
 * @returns {import("./contender.d.ts").Sessions}
 */
function cached(strategy) {
  const signingIn = instance(strategy, 86_400)
  const brief = instance(strategy, 1)
  const checking = instance(strategy, 86_400)

  /**
   * @param {ReturnType<typeof instance>} at
   * @param {number} user
   */
  async function open(at, user) {
    const { headers } = await at.api.signInEmail({ body: accountOf(user), returnHeaders: true })
    return headers
      .getSetCookie()
      .map((line) => line.split(";", 1)[0])
      .join("; ")
  }

  return {
    async register(count) {
      for (let user = 0; user < count; user++) await signingIn.api.signUpEmail({ body: accountOf(user) })
    },
    signIn: (user) => open(signingIn, user),
    async expired() {
      await brief.api.signUpEmail({ body: accountOf(0) })
      const cookie = await open(brief, 0)
      await setTimeout(2100)
      return cookie
    },
    async check(cookie) {
      const session = await checking.api.getSession({ headers: new Headers({ cookie }) })
      return session?.user.id
    },
  }
}

/** @param {number} user */
function accountOf(user) {
  const email = `user-${user}@bench.example`
  return { email, name: email, password: "correct horse battery staple" }
}

/** @type {import("./contender.d.ts").Contender} */
export const betterAuthJwt = {
  name: "Better Auth, cookie cache as JWT",
  packages: [],
  setup:
    "session.cookieCache with strategy jwt (HS256); nothing is looked up, so an ended session goes on until the cache is old",
  memory: async () => cached("jwt"),
}

/** @type {import("./contender.d.ts").Contender} */
export const betterAuthCompact = {
  name: "Better Auth, cookie cache",
  packages: [],
  setup: "the same with its default strategy, which is HMAC-SHA-256 over JSON",
  memory: async () => cached("compact"),
}
