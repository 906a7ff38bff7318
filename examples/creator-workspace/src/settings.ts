import * as z from "zod/mini"

// An empty variable is one that is not set.
const text = z.optional(z.string().check(z.minLength(1)))
const wholeNumber = z.string().check(z.regex(/^\d{1,5}$/, "is no number"))

const place = {
  PORT: z._default(wholeNumber, "4000"),
  HOST: z._default(z.string(), "127.0.0.1"),
  ORIGIN: text,
  DATA_DIR: z._default(z.string(), ".data"),
  STAND_IN_URL: z.optional(
    z.string().check(z.regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/, "must be http://127.0.0.1 with a port")),
  ),
}

const environment = z.object({
  ...place,
  AUTH_SECRET: z.string("is missing. Make one: openssl rand -base64 32"),
  TRUSTED_PROXIES: z._default(wholeNumber, "0"),
  DATABASE_URL: text,
  REDIS_URL: text,
  GOOGLE_CLIENT_ID: text,
  GOOGLE_CLIENT_SECRET: text,
  GITHUB_CLIENT_ID: text,
  GITHUB_CLIENT_SECRET: text,
  MICROSOFT_CLIENT_ID: text,
  MICROSOFT_CLIENT_SECRET: text,
  MICROSOFT_TENANT: z._default(z.string(), "common"),
})

/** What a provider has given this application, when it was registered there. */
export interface Registration {
  readonly clientId: string
  readonly clientSecret: string
}

/** Which providers visitors may come through. At most one of the two kinds is there: real ones, or the stand-in that plays all three. */
export interface ProviderSettings {
  readonly google: Registration | undefined
  readonly github: Registration | undefined
  readonly microsoft: (Registration & { readonly tenant: string }) | undefined
  /** Origin of the stand-in. Only where the application itself is on localhost. */
  readonly standIn: string | undefined
}

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
  readonly providers: ProviderSettings
}

/** @throws Error that says which variable is missing or wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = read(environment, env)
  const [secret = "", ...former] = given.AUTH_SECRET.split(",")
  const origin = given.ORIGIN ?? `http://localhost:${given.PORT}`
  return {
    port: Number(given.PORT),
    host: given.HOST,
    origin,
    secret: [secret, ...former],
    trustedProxies: Number(given.TRUSTED_PROXIES),
    dataDirectory: given.DATA_DIR,
    databaseUrl: given.DATABASE_URL,
    redisUrl: given.REDIS_URL,
    providers: providerSettings(given, origin),
  }
}

/** What the stand-in for the providers has to know. It is never told the secret. */
export interface StandInProgramSettings {
  /** Its own origin, and where it listens. */
  readonly url: string
  readonly host: string
  /** Origin of the application. */
  readonly application: string
  readonly dataDirectory: string
}

/** @throws Error that says which variable is missing or wrong */
export function readStandInSettings(env: NodeJS.ProcessEnv): StandInProgramSettings {
  const { HOST, PORT, ORIGIN, DATA_DIR, STAND_IN_URL } = read(z.object(place), env)
  if (STAND_IN_URL === undefined) throw new Error("STAND_IN_URL is missing: http://127.0.0.1:4003")
  return {
    url: STAND_IN_URL,
    host: HOST,
    application: ORIGIN ?? `http://localhost:${PORT}`,
    dataDirectory: DATA_DIR,
  }
}

function read<T extends z.ZodMiniType>(shape: T, env: NodeJS.ProcessEnv): z.infer<T> {
  const parsed = shape.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)))
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("\n"))
}

function providerSettings(given: z.infer<typeof environment>, origin: string): ProviderSettings {
  const google = registration(given, "GOOGLE")
  const github = registration(given, "GITHUB")
  const microsoft = registration(given, "MICROSOFT")
  const standIn = given.STAND_IN_URL
  if (standIn && (google || github || microsoft)) {
    throw new Error("STAND_IN_URL plays all providers. Leave it out, or the ids of the real ones.")
  }
  // Whoever reaches the stand-in may say that they are anybody.
  if (standIn && !["localhost", "127.0.0.1"].includes(new URL(origin).hostname)) {
    throw new Error(`STAND_IN_URL is for a demo on localhost, not for ${origin}.`)
  }
  return {
    google,
    github,
    microsoft: microsoft && { ...microsoft, tenant: given.MICROSOFT_TENANT },
    standIn,
  }
}

function registration(
  given: z.infer<typeof environment>,
  name: "GOOGLE" | "GITHUB" | "MICROSOFT",
): Registration | undefined {
  const clientId = given[`${name}_CLIENT_ID`]
  const clientSecret = given[`${name}_CLIENT_SECRET`]
  if (clientId && clientSecret) return { clientId, clientSecret }
  if (clientId) throw new Error(`${name}_CLIENT_SECRET is missing beside ${name}_CLIENT_ID.`)
  if (clientSecret) throw new Error(`${name}_CLIENT_ID is missing beside ${name}_CLIENT_SECRET.`)
  return undefined
}
