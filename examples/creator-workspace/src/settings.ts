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
  const port = count(env, "PORT", 4000)
  const [secret, ...former] = (env["AUTH_SECRET"] ?? "").split(",")
  if (!secret) throw new Error("AUTH_SECRET is missing. Make one: openssl rand -base64 32")
  return {
    port,
    host: env["HOST"] || "127.0.0.1",
    origin: env["ORIGIN"] || `http://localhost:${port}`,
    secret: [secret, ...former],
    trustedProxies: count(env, "TRUSTED_PROXIES", 0),
    dataDirectory: env["DATA_DIR"] || ".data",
    databaseUrl: env["DATABASE_URL"] || undefined,
    redisUrl: env["REDIS_URL"] || undefined,
  }
}

function count(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = env[name]
  if (!text) return otherwise
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new Error(`${name}: "${text}" is no number.`)
}
