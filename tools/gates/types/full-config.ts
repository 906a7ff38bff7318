// A host that uses everything there is; instantiations.mjs counts what it costs the type checker.

import { postgresStores } from "@mortise/adapter-postgres"
import { redisStores } from "@mortise/adapter-redis"
import { type AuthEvent, createAuth } from "@mortise/core"
import { argon2id } from "@mortise/core/argon2"
import { jwt } from "@mortise/core/jwt"
import { magicLink } from "@mortise/core/magic-link"
import { resend } from "@mortise/core/mail/resend"
import { memoryStores } from "@mortise/core/memory"
import { encryptedTokens, github, google, microsoft, oauth } from "@mortise/core/oauth"
import { password } from "@mortise/core/password"
import { refreshTokens } from "@mortise/core/refresh"

const client = { clientId: "…", clientSecret: "…" }

export const auth = createAuth({
  origin: "https://app.example.com",
  secret: ["4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE", "Yh5GuE4fPz0Jq7n1sVbQx9RmT2wKc8Ld"],
  stores: {
    ...memoryStores(),
    ...postgresStores(async () => ({ rows: [] })),
    ...redisStores(async () => "OK"),
  },
  sessions: refreshTokens({
    beside: jwt({
      keys: [{ alg: "EdDSA", key: "…" }],
      lifetime: "12h",
      grace: "1h",
      revocation: "session",
      acceptStaleness: 0,
    }),
    access: "5m",
    grace: { browser: "10s", native: "30s" },
    dpop: "optional",
  }),
  flows: {
    password: password({ hasher: argon2id() }),
    oauth: oauth({
      providers: [google(client), github(client), microsoft(client)],
      create: (profile) => profile.emailVerified === true,
      tokens: encryptedTokens(),
    }),
    magicLink: magicLink({
      send: resend({ apiKey: "…", from: "login@app.example.com", appName: "App" }),
      locales: ["en", "de"],
      pages: (locale) => ({ home: `/${locale}` }),
      code: true,
    }),
  },
  claims: (user) => ({ email: user.email }),
  realm: "app",
  cookie: {},
  basePath: "/auth",
  paths: { login: "/api/v1/login" },
  pages: { signIn: "/sign-in" },
  trustedOrigins: ["https://admin.example.com"],
  trustedProxies: 1,
  on: (event: AuthEvent) => console.log(event.type),
})

export const outcome = await auth.flows.password.signIn({ email: "ada@example.com", password: "…" }, {})

const { principal } = await auth.authenticate({ method: "GET", target: "/", header: () => null })
export const email: string | undefined = principal?.claims.email

const link = await auth.flows.magicLink.confirm({ token: "…" })
export const locale: "en" | "de" | undefined = link.ok ? link.locale : undefined
