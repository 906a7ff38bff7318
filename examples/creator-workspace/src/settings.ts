import * as z from "zod/mini"

// An empty variable is one that is not set.
const text = z.optional(z.string().check(z.minLength(1)))
const wholeNumber = z.string().check(z.regex(/^\d{1,5}$/, "is no number"))

const environment = z.object({
  PORT: z._default(wholeNumber, "4000"),
  HOST: z._default(z.string(), "127.0.0.1"),
  ORIGIN: text,
  AUTH_SECRET: z.string("is missing. Make one: openssl rand -base64 32"),
  TRUSTED_PROXIES: z._default(wholeNumber, "0"),
  DATA_DIR: z._default(z.string(), ".data"),
  DATABASE_URL: text,
  REDIS_URL: text,
})

/** What the surroundings decide. Read once, at the start; everything else is decided in the code. */
export interface Settings {
  readonly port: number
  /** The interface to listen on. Default: this machine only. */
  readonly host: string
  /** As browsers see it. */
  readonly origin: string
  /** The current secret, then those that it replaced. */
  readonly secret: readonly [string, ...string[]]
  /** Reverse proxies of our own in front of this server. */
  readonly trustedProxies: number
  /** Where the embedded database lives if there is no other. */
  readonly dataDirectory: string
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
}

/** @throws Error that says which variable is missing or wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("\n"))
  }
  const { PORT, HOST, ORIGIN, AUTH_SECRET, TRUSTED_PROXIES, DATA_DIR, DATABASE_URL, REDIS_URL } = parsed.data
  const [secret = "", ...former] = AUTH_SECRET.split(",")
  return {
    port: Number(PORT),
    host: HOST,
    origin: ORIGIN ?? `http://localhost:${PORT}`,
    secret: [secret, ...former],
    trustedProxies: Number(TRUSTED_PROXIES),
    dataDirectory: DATA_DIR,
    databaseUrl: DATABASE_URL,
    redisUrl: REDIS_URL,
  }
}
