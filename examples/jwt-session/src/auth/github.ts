import { type ApiProfile, oauth2, type Provider } from "@mortise/core/oauth"
import type { GitHubSettings } from "../settings"
import type { GitHubProfile } from "../users/member"

/**
 * GitHub by its addresses, so that an Enterprise Server, or the demo's stand-in, can be meant as well. `keep` hears what GitHub says of its user, at
 * every sign-in: the library hands a profile on to new users only.
 */
export function gitHub(
  { url, api, clientId, clientSecret }: GitHubSettings,
  keep: (profile: GitHubProfile) => Promise<void>,
): Provider {
  return oauth2({
    name: "github",
    label: "GitHub",
    issuer: "https://github.com",
    authorizationEndpoint: `${url}/login/oauth/authorize`,
    tokenEndpoint: `${url}/login/oauth/access_token`,
    clientId,
    clientSecret,
    scopes: ["read:user", "user:email"],
    clientAuthentication: "post",
    async profile(ask): Promise<ApiProfile> {
      const user = objectOf(await ask(`${api}/user`))
      const addresses: unknown = await ask(`${api}/user/emails`)
      const primary = objectOf(Array.isArray(addresses) ? addresses.find((each) => each?.primary) : {})
      const { id, login, is_sponsor: isSponsor } = user
      if (!Number.isSafeInteger(id) || typeof login !== "string") throw new Error("GitHub told no user.")
      await keep({ subject: `${id}`, username: login, isSponsor: isSponsor === true })
      return {
        subject: `${id}`,
        username: login,
        email: typeof primary["email"] === "string" ? primary["email"] : undefined,
        emailVerified: primary["verified"] === true,
      }
    },
  })
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {}
}
