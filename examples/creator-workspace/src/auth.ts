import { type Auth, createAuth, opaque, type Principal, type Stores } from "@mortise/core"
import { argon2id } from "@mortise/core/argon2"
import { type OAuthSteps, oauth } from "@mortise/core/oauth"
import { password } from "@mortise/core/password"
import { problemPage } from "./pages/problem.js"
import type { OfferedProvider } from "./providers/offered-providers.js"
import type { Settings } from "./settings.js"

/** What every session carries, so that no page has to ask for the user. */
type CreatorClaims = { readonly email: string }

/** A signed-in creator. */
export type Creator = Principal<CreatorClaims>

/** The realm of this application. */
export type CreatorAuth = Auth<{ readonly password: ReturnType<typeof password> }, CreatorClaims>

/** The realm, and its steps with providers where there are any. */
export interface CreatorSignIn {
  readonly auth: CreatorAuth
  readonly oauth: OAuthSteps | undefined
}

/** Who may come in, and how: everything that this application decides about authentication. */
export function createCreatorAuth(
  settings: Settings,
  stores: Stores,
  offered: readonly OfferedProvider[],
): CreatorSignIn {
  const { origin, secret, trustedProxies } = settings
  const { standIn } = settings.providers
  const options = {
    origin,
    secret,
    stores,
    sessions: opaque({ idle: "7d", absolute: "30d" }),
    claims: ({ email }: { email: string }): CreatorClaims => ({ email }),
    pages: { home: "/workspace" },
    problemPage: ({ status }: { status: number }) => problemPage(status),
    trustedProxies,
  }
  const flows = { password: password({ hasher: argon2id() }) }
  if (offered.length === 0) return { auth: createAuth({ ...options, flows }), oauth: undefined }

  const providers = offered.map(({ provider }) => provider)
  const network = { loopback: standIn === undefined ? [] : [standIn] }
  const auth = createAuth({ ...options, flows: { ...flows, oauth: oauth({ providers, network }) } })
  return { auth, oauth: auth.flows.oauth }
}

declare module "@mortise/express" {
  interface Register {
    auth: CreatorAuth
  }
}
