import { type Auth, createAuth, opaque, type Principal, type Stores } from "@mortise/core"
import { argon2id } from "@mortise/core/argon2"
import { oauth } from "@mortise/core/oauth"
import { password } from "@mortise/core/password"
import { problemPage } from "./pages/problem.js"
import { linkPath } from "./pages/sign-in.js"
import type { OfferedProvider } from "./providers/offered-providers.js"
import type { Settings } from "./settings.js"

/** What every session carries, so that no page has to ask for the user. */
type CreatorClaims = { readonly email: string }

/** A signed-in creator. */
export type Creator = Principal<CreatorClaims>

/** The realm of this application. */
export type CreatorAuth = Auth<
  { readonly password: ReturnType<typeof password>; readonly oauth: ReturnType<typeof oauth> },
  CreatorClaims
>

/** Who may come in, and how: everything that this application decides about authentication. Without providers it is passwords only. */
export function createCreatorAuth(
  settings: Settings,
  stores: Stores,
  offered: readonly OfferedProvider[],
): CreatorAuth {
  const { standIn } = settings.providers
  return createAuth({
    origin: settings.origin,
    secret: settings.secret,
    stores,
    sessions: opaque({ idle: "7d", absolute: "30d" }),
    flows: {
      password: password({ hasher: argon2id() }),
      oauth: oauth({
        providers: offered.map(({ provider }) => provider),
        network: { loopback: standIn === undefined ? [] : [standIn] },
      }),
    },
    claims: (user): CreatorClaims => ({ email: user.email }),
    pages: { home: "/workspace", link: linkPath },
    problemPage: ({ status }) => problemPage(status),
    trustedProxies: settings.trustedProxies,
  })
}

declare module "@mortise/express" {
  interface Register {
    auth: CreatorAuth
  }
}
