import { type ApiProfile, oidc } from "@mortise/core/oauth"
import { arctic } from "@mortise/core/oauth/arctic"
import { GitLab } from "arctic"
import * as z from "zod/mini"
import { issuerOf, type Persona, personas, registration } from "../stand-in/persona.js"
import type { OfferedProvider } from "./offered-providers.js"

const { clientId, clientSecret } = registration

const userInfo = z.object({ sub: z.string(), email: z.string(), email_verified: z.boolean() })

/** The same three buttons, all leading to the stand-in: two as OpenID providers, GitHub through arctic as the real one. */
export function standInProviders(
  standIn: string,
  callback: (name: string) => string,
): readonly OfferedProvider[] {
  return personas.map((persona) => {
    const issuer = issuerOf(standIn, persona)
    const provider =
      persona.name === "github"
        ? gitHubStandIn(persona, issuer, callback(persona.name))
        : oidc({
            ...persona,
            issuer,
            clientId,
            clientSecret,
            scopes: ["openid", "email"],
            clientAuthentication: "post",
          })
    return { provider, signInOrigins: [standIn] }
  })
}

/** GitHub's class in arctic has its addresses built in. GitLab's takes them, and does everything else alike. */
function gitHubStandIn(persona: Persona, issuer: string, redirectUri: string): OfferedProvider["provider"] {
  return arctic({
    ...persona,
    issuer,
    responseIssuer: issuer,
    client: new GitLab(issuer, clientId, clientSecret, redirectUri),
    scopes: ["openid", "email"],
    async profile(api): Promise<ApiProfile> {
      const user = userInfo.parse(await api(`${issuer}/userinfo`))
      return { subject: user.sub, email: user.email, emailVerified: user.email_verified }
    },
  })
}
