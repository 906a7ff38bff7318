/**
 * Bytes, minified and gzipped, of subpaths of core, or of another package by its full name. The first is what a host with password sign-in pays, before its hasher and stores.
 *
 * @type {{ subpaths: string[], budget: number }[]}
 */
export const budgets = [
  { subpaths: [".", "./password"], budget: 15_360 },
  { subpaths: ["."], budget: 12_288 },
  { subpaths: ["./password"], budget: 12_288 },
  { subpaths: ["./username"], budget: 2_048 },
  { subpaths: ["./password-confirm"], budget: 2_048 },
  { subpaths: ["./known-devices"], budget: 5_120 },
  { subpaths: ["./password-reset"], budget: 9_216 },
  { subpaths: ["./oauth"], budget: 40_960 },
  { subpaths: ["./oauth/arctic"], budget: 20_480 },
  { subpaths: ["./magic-link"], budget: 12_288 },
  { subpaths: ["./email"], budget: 13_312 },
  { subpaths: ["./deactivation"], budget: 9_216 },
  { subpaths: ["./account"], budget: 8_192 },
  // Beside @simplewebauthn/server, which the host brings.
  { subpaths: ["./passkey"], budget: 13_312 },
  { subpaths: ["./mfa"], budget: 16_384 },
  { subpaths: ["./jwt"], budget: 20_480 },
  { subpaths: ["./refresh"], budget: 20_480 },
  { subpaths: ["./mail"], budget: 5_376 },
  { subpaths: ["./mail/resend"], budget: 9_216 },
  { subpaths: ["./mail/smtp"], budget: 6_144 },
  { subpaths: ["./mail/service-binding"], budget: 1_024 },
  { subpaths: ["./guard"], budget: 4_608 },
  { subpaths: ["./realms"], budget: 8_192 },
  { subpaths: ["./socket"], budget: 8_192 },
  { subpaths: ["./binding"], budget: 2_048 },
  { subpaths: ["./memory"], budget: 5_120 },
  { subpaths: ["./tiered"], budget: 5_120 },
  { subpaths: ["./breach"], budget: 4_096 },
  { subpaths: ["./common-passwords"], budget: 16_384 },
  { subpaths: ["./argon2"], budget: 4_096 },
  { subpaths: ["./scrypt"], budget: 4_096 },
  { subpaths: ["./bcrypt"], budget: 4_096 },
  { subpaths: ["./pbkdf2"], budget: 4_096 },
  { subpaths: ["@mortise/adapter-kv"], budget: 5_120 },
  { subpaths: ["@mortise/adapter-kv/durable-object"], budget: 2_560 },
  { subpaths: ["@mortise/client"], budget: 4_096 },
  { subpaths: ["@mortise/client/passkey"], budget: 2_048 },
  // Beside the framework itself.
  { subpaths: ["@mortise/client/react"], budget: 1_024 },
  { subpaths: ["@mortise/client/solid"], budget: 1_024 },
  // Never part of an application; here so that it is seen to be apart.
  { subpaths: ["./testing"], budget: 40_960 },
]

/** What a bundle of these subpaths with one provider of `./oauth` pays more than without. */
export const providers = {
  beside: [".", "./password"],
  subpath: "./oauth",
  flow: "oauth",
  budgets: [
    { provider: "google", budget: 15_616 },
    { provider: "microsoft", budget: 15_952 },
    { provider: "github", budget: 11_264 },
    { provider: "oidc", budget: 19_968 },
  ],
}

const hashers = ["./argon2", "./scrypt", "./bcrypt", "./pbkdf2"]
const oauth = ["./oauth", "./oauth/arctic"]
const tokens = ["./jwt", "./refresh"]
const mail = ["./mail", "./mail/resend", "./mail/smtp"]
const onNode = [...hashers, "./testing"]

/**
 * Modules that bleed into bundles when an import is put in the wrong place.
 *
 * @type {{ what: string, module: RegExp, except: string[] }[]} `except`: the subpaths that may contain it
 */
export const strangers = [
  { what: "node:*", module: /^node:/, except: onNode },
  { what: "native code", module: /@node-rs\//, except: ["./argon2", "./bcrypt"] },
  { what: "a hasher", module: /\/src\/(hashing\/)?(argon2|scrypt|bcrypt|pbkdf2)(\/|\.ts$)/, except: hashers },
  { what: "memory stores", module: /\/stores\/memory\//, except: ["./memory", "./tiered", "./testing"] },
  { what: "the test kit", module: /\/src\/testing\//, except: ["./testing"] },
  { what: "user names", module: /\/src\/username\./, except: ["./username"] },
  {
    what: "oauth",
    module: /\/flows\/oauth\/|\/routes\/oauth-routes\.|\/oauth4webapi\//,
    except: oauth,
  },
  { what: "jose", module: /\/jose\//, except: [...oauth, ...tokens] },
  { what: "JWT sessions", module: /\/src\/sessions\/jwt\//, except: tokens },
  {
    what: "refresh tokens",
    module: /\/src\/sessions\/refresh\/|\/routes\/refresh-routes\./,
    except: ["./refresh"],
  },
  {
    what: "realms",
    module: /\/src\/(realms|http\/(areas|api-front|realm-boundary|bearer-token))\./,
    except: ["./realms", "./testing"],
  },
  { what: "WebSockets", module: /\/src\/socket\//, except: ["./socket"] },
  { what: "the way out", module: /\/src\/network\//, except: [...oauth, "./mail/resend"] },
  { what: "letters", module: /\/src\/mail\/(letter|templates\/)/, except: mail },
  {
    what: "magic links",
    module: /\/(flows\/magic-link|routes\/magic-link-routes|pages\/link-)/,
    except: ["./magic-link"],
  },
  { what: "addresses", module: /\/(flows\/email|routes\/email-routes|pages\/email-)/, except: ["./email"] },
  {
    what: "deactivation",
    module: /\/(flows\/deactivation|routes\/deactivation-routes|pages\/deactivation-)/,
    except: ["./deactivation"],
  },
  {
    what: "forgotten passwords",
    module: /\/src\/(password-reset|flows\/password\/reset|http\/routes\/password-reset)/,
    except: ["./password-reset"],
  },
  {
    what: "what passwords can do without",
    module: /\/src\/(known-devices|password-confirm|flows\/password\/confirm)\./,
    except: ["./known-devices", "./password-confirm"],
  },
  { what: "passkeys", module: /\/(flows\/passkey\/|routes\/passkey-routes\.)/, except: ["./passkey"] },
  // The host brings it.
  { what: "simplewebauthn", module: /@simplewebauthn\//, except: ["./passkey"] },
  { what: "the arctic bridge", module: /\/flows\/oauth\/providers\/arctic\./, except: ["./oauth/arctic"] },
  // The host brings it.
  { what: "arctic", module: /^arctic$|\/node_modules\/arctic\//, except: [] },
  { what: "zod", module: /\/zod\//, except: [] },
]
