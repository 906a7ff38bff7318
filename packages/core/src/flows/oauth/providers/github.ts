import type { Provider } from "../provider.js"
import { text } from "./json-object.js"
import { type Api, type ApiProfile, oauth2 } from "./oauth2.js"
import { noProfile, type ProviderOptions } from "./openid.js"

/** GitHub (docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps), by its API: it has no ID tokens. */
export function github(
  options: ProviderOptions & { readonly profile?: (api: Api) => Promise<ApiProfile> },
): Provider {
  return oauth2({
    name: "github",
    label: "GitHub",
    scopes: ["read:user", "user:email"],
    clientAuthentication: "post",
    ...options,
    issuer: "https://github.com",
    responseIssuer: "https://github.com/login/oauth",
    authorizationEndpoint: "https://github.com/login/oauth/authorize",
    tokenEndpoint: "https://github.com/login/oauth/access_token",
    profile: options.profile ?? githubProfile,
  })
}

/**
 * The user by the number that never changes (names do, and are given away), with the address that is primary and verified. The public
 * address of a profile is not looked at: it is free text.
 */
export async function githubProfile(api: Api): Promise<ApiProfile> {
  const user = (await api("https://api.github.com/user")) as Readonly<Record<string, unknown>> | null
  const id = user?.["id"]
  if (!Number.isSafeInteger(id)) throw noProfile("id")
  const addresses: unknown = await api("https://api.github.com/user/emails")
  if (!Array.isArray(addresses)) throw noProfile("emails")
  const primary = addresses.find((each) => each?.primary === true)
  return {
    subject: `${id}`,
    email: text(primary?.email),
    emailVerified: primary?.verified === true,
    name: text(user?.["name"]),
    username: text(user?.["login"]),
    picture: text(user?.["avatar_url"]),
  }
}
