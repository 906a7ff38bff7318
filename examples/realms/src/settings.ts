import * as z from "zod/mini"

// An empty variable is one that is not set.
const wholeNumber = z.string().check(z.regex(/^\d{1,5}$/, "is no number"))

const environment = z.object({
  PORT: z._default(wholeNumber, "4300"),
  HOST: z._default(z.string(), "127.0.0.1"),
  ORIGIN: z.optional(z.string()),
  DATA_DIR: z._default(z.string(), ".data"),
  AUTH_SECRET: z.string("is missing. Make one: openssl rand -base64 32"),
})

/** What the surroundings decide. Read once, at the start; everything else is decided in the code. */
export interface Settings {
  readonly port: number
  /** The interface to listen on. Default: this machine only. */
  readonly host: string
  /** As browsers see it. Always on localhost: everybody knows the password of everybody here. */
  readonly origin: string
  /** The current secret, then those that it replaced. */
  readonly secret: readonly [string, ...string[]]
  /** Where the database lives. */
  readonly dataDirectory: string
}

/** @throws Error that says which variable is missing or wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)))
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("\n"))
  }
  const { PORT, HOST, ORIGIN = `http://localhost:${PORT}`, DATA_DIR, AUTH_SECRET } = parsed.data
  if (!/^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/.test(ORIGIN)) {
    throw new Error(
      `ORIGIN: the accounts of this demo have a public password. On localhost only, not on ${ORIGIN}.`,
    )
  }
  const [secret = "", ...former] = AUTH_SECRET.split(",")
  return {
    port: Number(PORT),
    host: HOST,
    origin: ORIGIN,
    secret: [secret, ...former],
    dataDirectory: DATA_DIR,
  }
}
