import { sha256 } from "#primitives"
import { type Outcome, refuse } from "../../outcome.js"
import { exclusively } from "../../stores/exclusive.js"
import type { Credential } from "../../stores/ports.js"
import { identityOf, keptOf } from "./identities.js"
import type { TokenKeeper } from "./kept-tokens.js"
import type { OAuthParts } from "./oauth.js"
import type { ProviderTokens } from "./provider.js"
import { ProviderError } from "./provider-error.js"

/** A token that ends within this time is refreshed: it should survive the request that it is for. */
const marginMs = 60_000

/** A token for the provider's API. */
export type GrantedToken = Outcome<{ accessToken: string; expiresAt: number | undefined }>

interface KeepingParts extends OAuthParts {
  readonly keeper: TokenKeeper
}

/** See {@link OAuthSteps.accessToken}. */
export async function accessToken(
  parts: KeepingParts,
  userId: string,
  provider: string,
): Promise<GrantedToken> {
  const { challenges, clock } = parts
  const credential = await latest(parts, userId, provider)
  const tokens = credential && (await tokensOf(parts, credential))
  if (!credential || !tokens) return refuse("not_found")
  if (isFresh(parts, tokens)) return granted(tokens)
  // One asks the provider; the others wait, and find what it got. Many providers take a refresh token once.
  return exclusively(challenges, clock, `oauth-refresh:${sha256(credential.handle)}`, () =>
    refreshed(parts, userId, provider),
  )
}

async function refreshed(parts: KeepingParts, userId: string, provider: string): Promise<GrantedToken> {
  const { clock, settings } = parts
  const credential = await latest(parts, userId, provider)
  const tokens = credential && (await tokensOf(parts, credential))
  if (!credential || !tokens) return refuse("not_found")
  if (isFresh(parts, tokens)) return granted(tokens)
  const { refreshToken } = tokens
  if (refreshToken === undefined) {
    return (tokens.expiresAt ?? 0) > clock() ? granted(tokens) : refuse("reauthentication_required")
  }
  const answered = await settings.providers
    .get(provider)
    ?.refresh?.(refreshToken, identityOf(credential))
    .catch(withdrawn)
  if (!answered) return refuse("reauthentication_required")
  // RFC 6749 §6: without a new refresh token the old one goes on.
  const renewed = { ...answered, refreshToken: answered.refreshToken ?? refreshToken }
  return (await keep(parts, credential, renewed, refreshToken)) ? granted(renewed) : refuse("not_found")
}

/**
 * Keeps what a refresh brought. A sign-in may have written meanwhile: its access token is as good and newer, but if it came without a refresh token,
 * the one that it left in place is the one just used up. False if the identity is gone.
 */
async function keep(
  parts: KeepingParts,
  credential: Credential,
  renewed: ProviderTokens,
  used: string,
): Promise<boolean> {
  if (await replaceTokens(parts, credential, renewed)) return true
  const current = await parts.identities.find(identityOf(credential))
  const tokens = current && (await tokensOf(parts, current))
  if (!current || !tokens) return false
  if (tokens.refreshToken !== used) return true
  return replaceTokens(parts, current, { ...tokens, refreshToken: renewed.refreshToken })
}

function tokensOf({ keeper }: KeepingParts, credential: Credential): Promise<ProviderTokens | undefined> {
  return keeper.open(keptOf(credential).tokens, credential.handle)
}

async function replaceTokens(
  { identities, keeper }: KeepingParts,
  credential: Credential,
  renewed: ProviderTokens,
): Promise<boolean> {
  const tokens = await keeper.seal(renewed, credential.handle)
  return identities.replace(credential, { ...keptOf(credential), tokens })
}

async function latest(
  { identities }: OAuthParts,
  userId: string,
  provider: string,
): Promise<Credential | undefined> {
  const all = await identities.listByUser(userId)
  return all
    .filter((credential) => identities.view(credential).provider === provider)
    .sort((one, other) => other.changedAt - one.changedAt)[0]
}

/** RFC 6749 §5.2: the user, or the provider, has taken the grant back. Everything else may be over in a moment, and is thrown. */
function withdrawn(fault: unknown): undefined {
  if (fault instanceof ProviderError && fault.detail === "invalid_grant") return undefined
  throw fault
}

function isFresh({ clock }: OAuthParts, { expiresAt }: ProviderTokens): boolean {
  return expiresAt === undefined || expiresAt - marginMs > clock()
}

function granted({ accessToken: token, expiresAt }: ProviderTokens): GrantedToken {
  return { ok: true, accessToken: token, expiresAt }
}
