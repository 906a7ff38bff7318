/** How sessions are kept. */
export const sessionKinds = ["jwt", "database", "redis"] as const
export type SessionKind = (typeof sessionKinds)[number]

/** What the surroundings decide. Read once, when the first request comes; everything else is decided in the code. */
export interface Settings {
  /** As browsers see it. */
  readonly origin: string
  /** The current secret, then those that it replaced. */
  readonly secret: readonly [string, ...string[]]
  /** Reverse proxies of our own in front of Next, `server.mjs` among them: it tells Next where a connection comes from. */
  readonly trustedProxies: number
  readonly sessions: SessionKind
  /** Ed25519, PEM: signs the tokens, so that others can check them by `/auth/jwks`. Without it they are signed with the secret. */
  readonly jwtKey: string | undefined
  /** Seconds after which a session has to be refreshed, and how much longer it may be. */
  readonly lifetime: number
  readonly grace: number
  /** Where the embedded database lives if there is no other. */
  readonly dataDirectory: string
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  readonly github: GitHubSettings
  /** Whether `/errors` may break things, one request at a time. Only in the demo. */
  readonly errorsPage: boolean
}

/** GitHub, an Enterprise Server, or the demo's stand-in: all have the same addresses below their own. */
export interface GitHubSettings {
  readonly url: string
  readonly api: string
  readonly clientId: string
  readonly clientSecret: string
}

/** @throws Error that says which variable is missing or wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const [secret = "", ...former] = (env["AUTH_SECRET"] ?? "").split(",")
  if (!secret) throw new Error("AUTH_SECRET is missing. Make one: openssl rand -base64 32")
  const sessions = sessionKinds.find((kind) => kind === (env["SESSIONS"] || "jwt"))
  if (!sessions) throw new Error(`SESSIONS is ${env["SESSIONS"]}. There are: ${sessionKinds.join(", ")}.`)
  if (sessions === "redis" && !env["REDIS_URL"]) throw new Error("SESSIONS=redis takes a REDIS_URL.")
  const origin = env["ORIGIN"] || `http://localhost:${env["PORT"] || 4200}`
  const errorsPage = env["ERRORS_PAGE"] === "1"
  if (errorsPage && !/^http:\/\/localhost(:|$)/.test(origin)) {
    throw new Error(`ERRORS_PAGE is for a demo on localhost, not for ${origin}.`)
  }
  return {
    origin,
    secret: [secret, ...former],
    trustedProxies: wholeNumber(env, "TRUSTED_PROXIES", 0) + 1,
    sessions,
    jwtKey: env["JWT_PRIVATE_KEY"] || undefined,
    lifetime: wholeNumber(env, "SESSION_LIFETIME", 43_200),
    grace: wholeNumber(env, "SESSION_GRACE", 3600),
    dataDirectory: env["DATA_DIR"] || ".data",
    databaseUrl: env["DATABASE_URL"] || undefined,
    redisUrl: env["REDIS_URL"] || undefined,
    github: {
      url: env["GITHUB_URL"] || "https://github.com",
      api: env["GITHUB_API_URL"] || "https://api.github.com",
      clientId: env["GITHUB_CLIENT_ID"] ?? "",
      clientSecret: env["GITHUB_CLIENT_SECRET"] ?? "",
    },
    errorsPage,
  }
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = env[name] || `${otherwise}`
  if (/^\d{1,7}$/.test(text)) return Number(text)
  throw new Error(`${name} is ${text}. Write a whole number.`)
}
