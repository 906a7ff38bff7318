import { ClientSecretPost } from "oauth4webapi"
import type { Profile, Provider } from "../provider.js"
import { openIdProvider, type ProviderOptions, type StandardClaims, standardProfile } from "./openid.js"

/** What Google's ID tokens say beyond the standard. */
export interface GoogleClaims extends StandardClaims {
  /** The Workspace domain; absent for private accounts. */
  readonly hd?: string
}

/**
 * Google (developers.google.com/identity/openid-connect). Restrict it to one Workspace with `create` and the profile, not with the `hd`
 * parameter, which only fills in a form.
 */
export function google(
  options: ProviderOptions & { readonly profile?: (claims: GoogleClaims) => Profile },
): Provider {
  return openIdProvider<GoogleClaims>(
    {
      name: "google",
      label: "Google",
      scopes: ["openid", "email", "profile"],
      authentication: ClientSecretPost,
      server: {
        issuer: "https://accounts.google.com",
        authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
        token_endpoint: "https://oauth2.googleapis.com/token",
        jwks_uri: "https://www.googleapis.com/oauth2/v3/certs",
      },
      profile: standardProfile,
    },
    options,
  )
}
