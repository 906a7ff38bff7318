import {
  type Auth,
  type CookieOptions,
  createAuth,
  opaque,
  type Principal,
  type SessionStrategy,
} from "@mortise/core"
import { jwt } from "@mortise/core/jwt"
import { oauth } from "@mortise/core/oauth"
import { note } from "../errors/trace"
import { onlyOne } from "../only-one"
import { problemPage } from "../problem-page"
import { readSettings, type Settings } from "../settings"
import { gitHub } from "./github"
import { type OpenStores, openStores } from "./stores"

/** What every session carries, besides the user's id: no page has to ask the database who somebody is. */
export interface MemberClaims {
  readonly username: string
  readonly email: string
  readonly isSponsor: boolean
}

/** A signed-in member. */
export type SignedIn = Principal<MemberClaims>

/** The realm of Almanac. */
export type AlmanacAuth = Auth<{ readonly oauth: ReturnType<typeof oauth> }, MemberClaims>

/** The application, as far as it outlives a request. */
export interface Almanac {
  readonly settings: Settings
  readonly stores: OpenStores
  readonly auth: AlmanacAuth
}

/** Made when the first request comes: while Next builds, there are neither secrets nor databases. */
export function almanac(): Almanac {
  return onlyOne("application", () => {
    const settings = readSettings(process.env)
    const stores = openStores(settings)
    return { settings, stores, auth: createAlmanacAuth(settings, stores) }
  })
}

/** The same, for what takes an `Auth` or a way to it. */
export function auth(): AlmanacAuth {
  return almanac().auth
}

/** What may be different in another server of the same application, as `/errors` plays them. */
export interface Differently {
  readonly secret?: string
  readonly realm?: string
  readonly clock?: () => number
  readonly cookie?: CookieOptions
}

/** Who may come in, and how: everything that this application decides about authentication. */
export function createAlmanacAuth(
  settings: Settings,
  stores: OpenStores,
  differently: Differently = {},
): AlmanacAuth {
  const { origin, secret, trustedProxies, github } = settings
  return createAuth({
    origin,
    secret,
    trustedProxies,
    stores: stores.auth,
    sessions: sessionsOf(settings),
    flows: {
      oauth: oauth({
        providers: [gitHub(github, stores.members.keepProfile)],
        network: { loopback: github.url.startsWith("http:") ? [github.url] : [] },
      }),
    },
    claims: ({ username, email, isSponsor }): MemberClaims => ({ username, email, isSponsor }),
    pages: { home: "/desk", signedOut: "/" },
    problemPage: ({ status, detail }) => problemPage(status, detail),
    async on(event) {
      note(event)
      if (event.type === "sign_in.succeeded") await stores.members.touch(event.userId, event.at)
    },
    ...differently,
  })
}

/** One line apart. Tokens are signed with a key of their own, so that others can check them by `/auth/jwks`; or with the secret, where there is none. */
function sessionsOf({ sessions, lifetime, grace, jwtKey }: Settings): SessionStrategy<"sessions" | "users"> {
  return sessions === "jwt"
    ? jwt({ lifetime, grace, ...(jwtKey && { keys: [{ alg: "EdDSA", key: jwtKey }] }) })
    : opaque({ idle: lifetime, absolute: "30d" })
}
