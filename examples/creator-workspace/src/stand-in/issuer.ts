import { type ClientMetadata, type JWK, Provider } from "oidc-provider"
import type { Accounts } from "./account.js"
import { memoryAdapter } from "./memory-adapter.js"
import { issuerOf, type Persona, registration } from "./persona.js"
import { errorScreen } from "./screens.js"

/** Where the stand-in runs, and for whom. */
export interface StandInSettings {
  /** Origin of the stand-in, as browsers see it. */
  readonly url: string
  /** Origin of the application, the only one to which browsers are sent back. */
  readonly application: string
  readonly signingKey: JWK
}

const minutes = 60
const hour = 60 * minutes

/** One OpenID provider: discovery, authorization code with PKCE, signed ID tokens, userinfo. Its screens are in `screens.ts`. */
export function issuer(persona: Persona, accounts: Accounts, settings: StandInSettings): Provider {
  const { url, application, signingKey } = settings
  return new Provider(issuerOf(url, persona), {
    adapter: memoryAdapter(),
    clients: [client(persona, application)],
    jwks: { keys: [signingKey] },
    responseTypes: ["code"],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    // Providers in the world put the address into the ID token as well.
    conformIdTokenClaims: false,
    clientAuthMethods: ["client_secret_basic", "client_secret_post"],
    findAccount(_ctx, subject) {
      const account = accounts.find(subject)
      return (
        account && {
          accountId: subject,
          claims: () => ({
            sub: subject,
            email: account.email,
            email_verified: account.emailVerified,
          }),
        }
      )
    },
    interactions: { url: (_ctx, { uid }) => `/${persona.name}/interaction/${uid}` },
    // Below a path that no browser asks for: whoever comes is asked who they are, every time, so that one person can play several.
    cookies: { long: { path: `/${persona.name}/nobody-is-remembered` } },
    routes: {
      authorization: "/oauth/authorize",
      token: "/oauth/token",
      userinfo: "/userinfo",
      jwks: "/jwks",
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
    },
    clientBasedCORS: () => false,
    ttl: {
      AccessToken: hour,
      AuthorizationCode: minutes,
      IdToken: hour,
      Interaction: 10 * minutes,
      Session: hour,
      Grant: hour,
    },
    renderError(ctx, { error, error_description }) {
      ctx.type = "html"
      ctx.body = errorScreen(persona, application, `${error}: ${error_description ?? ""}`)
    },
  })
}

/** As the providers have it that are played: the secret goes in the body, but with GitHub, whose client of arctic sends it in a header. */
function client({ name }: Persona, application: string): ClientMetadata {
  return {
    client_id: registration.clientId,
    client_secret: registration.clientSecret,
    redirect_uris: [`${application}/auth/oauth/${name}/callback`],
    token_endpoint_auth_method: name === "github" ? "client_secret_basic" : "client_secret_post",
  }
}
