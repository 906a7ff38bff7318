import * as z from "zod/mini"

// An empty variable is one that is not set.
const text = z.optional(z.string().check(z.minLength(1)))
const wholeNumber = z.string().check(z.regex(/^\d{1,5}$/, "is no number"))
const loopback = z.string().check(z.regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/, "must be http://127.0.0.1:port"))
const smtpUrl = z
  .string("is missing: smtps://user:password@smtp.example.com, or start the demo, which has a mail server")
  .check(z.regex(/^smtps?:\/\/[^\s/]+\/?$/, "must be smtp://host:port or smtps://host:port"))

const place = {
  PORT: z._default(wholeNumber, "4400"),
  HOST: z._default(z.string(), "127.0.0.1"),
  ORIGIN: text,
  SMTP_URL: smtpUrl,
}

const environment = z.object({
  ...place,
  DATA_DIR: z._default(z.string(), ".data"),
  AUTH_SECRET: z.string("is missing. Make one: openssl rand -base64 32"),
  TRUSTED_PROXIES: z._default(wholeNumber, "0"),
  DATABASE_URL: text,
  REDIS_URL: text,
  MAIL_FROM: z._default(z.string(), "Parlour <parlour@example.com>"),
  MAILBOX_URL: z.optional(loopback),
  KEEPERS: z._default(z.string(), ""),
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
  readonly smtpUrl: string
  readonly mailFrom: string
  /** The demo's mail server, whose mails are shown to whoever asks: on localhost only. */
  readonly mailbox: string | undefined
  /** Addresses of the people who keep the house: they see the whole audit log. */
  readonly keepers: ReadonlySet<string>
}

/** @throws Error that says which variable is missing or wrong */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = read(environment, env)
  const [secret = "", ...former] = given.AUTH_SECRET.split(",")
  const origin = given.ORIGIN ?? `http://localhost:${given.PORT}`
  // Whoever reads the mails of this site is anybody on it.
  if (given.MAILBOX_URL && new URL(origin).hostname !== "localhost") {
    throw new Error(`MAILBOX_URL is for a demo on localhost, not for ${origin}.`)
  }
  return {
    port: Number(given.PORT),
    host: given.HOST,
    origin,
    secret: [secret, ...former],
    trustedProxies: Number(given.TRUSTED_PROXIES),
    dataDirectory: given.DATA_DIR,
    databaseUrl: given.DATABASE_URL,
    redisUrl: given.REDIS_URL,
    smtpUrl: given.SMTP_URL,
    mailFrom: given.MAIL_FROM,
    mailbox: given.MAILBOX_URL,
    keepers: new Set(given.KEEPERS.split(",").flatMap((one) => one.trim().toLowerCase() || [])),
  }
}

/** What the demo's mail server has to know. It is never told the secret. */
export interface MailboxSettings {
  readonly host: string
  readonly smtpPort: number
  readonly httpPort: number
}

/** @throws Error that says which variable is missing or wrong */
export function readMailboxSettings(env: NodeJS.ProcessEnv): MailboxSettings {
  const { SMTP_URL, MAILBOX_URL } = read(z.object({ ...place, MAILBOX_URL: loopback }), env)
  const smtp = new URL(SMTP_URL)
  return { host: smtp.hostname, smtpPort: Number(smtp.port), httpPort: Number(new URL(MAILBOX_URL).port) }
}

function read<T extends z.ZodMiniType>(shape: T, env: NodeJS.ProcessEnv): z.infer<T> {
  const parsed = shape.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)))
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("\n"))
}
