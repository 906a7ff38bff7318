import type { Clock, EpochMs } from "../../clock.js"
import type { Network } from "../../network/network.js"
import type { Refreshing } from "./providers/refreshing.js"

/** What a provider says of its user, mapped to one shape. To be shown; only `email` with `emailVerified` decides anything. */
export interface Profile {
  /** As the provider writes it; made canonical before it is used. */
  readonly email?: string | undefined
  /** Whether the provider says that the user reads mail there. Never to be assumed: a provider that does not say so says no. */
  readonly emailVerified?: boolean | undefined
  readonly name?: string | undefined
  readonly username?: string | undefined
  /** Address of an image, https. */
  readonly picture?: string | undefined
}

/** What a provider's token endpoint granted. Bearer secrets: they go nowhere but into the sealed part of a credential. */
export interface ProviderTokens {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  readonly idToken?: string | undefined
  readonly scope?: string | undefined
  /** When the access token ends, if the provider told. */
  readonly expiresAt?: EpochMs | undefined
}

/** Who came back from a provider: an identity that was proven, and what is said of it. */
export interface ProvenIdentity {
  /** URL of whoever vouches for the subject (OpenID Connect Core §2, `iss`). */
  readonly issuer: string
  /** Unique and never reassigned within the issuer; 1 to 255 printable ASCII characters (OpenID Connect Core §2, `sub`). */
  readonly subject: string
  readonly profile: Profile
  /** Undefined once the flow has let go of them. */
  readonly tokens: ProviderTokens | undefined
}

/** The one-time values of one attempt. All of them come out of what the browser holds, see `transaction.ts`. */
export interface Attempt {
  readonly redirectUri: string
  /** Whether the user is to be asked to sign in there again, though the provider may still know them. */
  readonly again: boolean
  /** RFC 6749 §10.12: binds the answer to this attempt. */
  readonly state: string
  /** OpenID Connect Core §3.1.2.1: binds the ID token to this attempt. */
  readonly nonce: string
  /** RFC 7636: binds the code to this attempt; 43 characters. */
  readonly verifier: string
}

/** What a provider is given once, by the flow. */
export interface ProviderKit {
  readonly clock: Clock
  readonly network: Network
  /** Where it must send the browser back to, so that a provider that knows it already can be compared. */
  readonly redirectUri: string
  /** Where tokens are kept: makes {@link ConnectedProvider.refresh}. */
  readonly refreshing?: Refreshing | undefined
}

/**
 * A provider as a host configures it: `google()`, `oidc()`, `oauth2()`, or the arctic bridge. Inside, it is three questions; whatever goes
 * wrong with one of them is thrown as ProviderError.
 */
export interface Provider {
  /** In addresses and in the host's own code: `google`. Lower case letters, digits and "-". */
  readonly name: string
  /** For people: `Google`. */
  readonly label: string
  /** How the browser brings the answer. `form_post` is a post from the provider's site (OAuth 2.0 Form Post Response Mode). */
  readonly responseMode: "query" | "form_post"
  /** @throws ConfigError */
  connect(kit: ProviderKit): ConnectedProvider
}

/** A provider at work in one realm. */
export interface ConnectedProvider {
  /** First half: where the browser is sent. */
  authorizationUrl(attempt: Attempt): Promise<URL>
  /** Second half: from what the browser brought back to a proven identity. State, browser and provider have been compared before. */
  identify(parameters: URLSearchParams, attempt: Attempt): Promise<ProvenIdentity>
  /** New tokens for a refresh token (RFC 6749 §6), of the same identity (OpenID Connect Core §12.2). Only where tokens are kept. */
  readonly refresh?:
    | ((
        refreshToken: string,
        identity: Pick<ProvenIdentity, "issuer" | "subject">,
      ) => Promise<ProviderTokens | undefined>)
    | undefined
}
