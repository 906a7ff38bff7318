import { Auth } from "@auth/core"
import { encode, getToken } from "@auth/core/jwt"
import { origin, secret } from "./site.mjs"

const cookieName = "authjs.session-token"

/** @type {import("@auth/core").AuthConfig} */
const config = {
  secret,
  basePath: "/auth",
  trustHost: true,
  providers: [],
  session: { strategy: "jwt" },
  logger: { error() {}, warn() {}, debug() {} },
  callbacks: {
    session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub ?? "" } }),
  },
}

/**
 * @param {number} user
 * @param {number} maxAge in seconds
 */
async function sealed(user, maxAge) {
  const email = `user-${user}@bench.example`
  const token = { sub: `user-${user}`, name: email, email }
  return `${cookieName}=${await encode({ token, secret, salt: cookieName, maxAge })}`
}

/** The session is in the cookie: a JWE under a key derived from the secret. It cannot be ended before its time. */
const sessions = {
  async register() {},
  signIn: (/** @type {number} */ user) => sealed(user, 86_400),
  // Its clocks may differ by a quarter of a minute, so this one ended an hour before it began.
  expired: () => sealed(0, -3600),
}

/** @type {import("./contender.d.ts").Contender} */
export const authJs = {
  name: "Auth.js",
  packages: ["@auth/core"],
  setup:
    "sessions in a JWE; its session action by Auth(), which is what auth() of next-auth and getSession() of @auth/express call; it seals a new cookie every time",
  async memory() {
    return {
      ...sessions,
      async check(cookie) {
        const answer = await Auth(new Request(`${origin}/auth/session`, { headers: { cookie } }), config)
        /** @type {{ user: { id: string } } | null} */
        const session = await answer.json()
        return session?.user.id
      },
    }
  },
}

/** @type {import("./contender.d.ts").Contender} */
export const authJsToken = {
  name: "Auth.js, getToken",
  packages: [],
  setup: "its getToken(), which opens the JWE and does nothing else",
  async memory() {
    return {
      ...sessions,
      check: async (cookie) => (await getToken({ req: { headers: { cookie } }, secret }))?.sub,
    }
  },
}
