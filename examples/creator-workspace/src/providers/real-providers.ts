import { githubProfile, google, microsoft } from "@mortise/core/oauth"
import { arctic } from "@mortise/core/oauth/arctic"
import { GitHub } from "arctic"
import type { ProviderSettings } from "../settings.js"
import type { OfferedProvider } from "./offered-providers.js"

/**
 * Google and Microsoft as the library knows them. GitHub by way of arctic, to show how any of its sixty providers comes in: the class has the
 * addresses, and a function says who the token belongs to.
 */
export function realProviders(
  settings: ProviderSettings,
  callback: (name: string) => string,
): readonly OfferedProvider[] {
  const offered: OfferedProvider[] = []
  if (settings.google) {
    offered.push({ provider: google(settings.google), signInOrigins: ["https://accounts.google.com"] })
  }
  if (settings.github) {
    const { clientId, clientSecret } = settings.github
    const provider = arctic({
      name: "github",
      label: "GitHub",
      issuer: "https://github.com",
      client: new GitHub(clientId, clientSecret, callback("github")),
      scopes: ["read:user", "user:email"],
      // Reads /user and /user/emails: the number that never changes, and the address that is primary and verified.
      profile: githubProfile,
    })
    offered.push({ provider, signInOrigins: ["https://github.com"] })
  }
  if (settings.microsoft) {
    offered.push({
      provider: microsoft(settings.microsoft),
      // Private accounts are passed on from the one to the other.
      signInOrigins: ["https://login.microsoftonline.com", "https://login.live.com"],
    })
  }
  return offered
}
