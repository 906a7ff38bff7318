import type { JWK } from "jose"
import { ClientSecretPost } from "oauth4webapi"
import { misconfigured } from "../../../errors.js"
import type { Profile, Provider } from "../provider.js"
import type { JsonObject } from "./json-object.js"
import { openIdProvider, type ProviderOptions, type StandardClaims, standardProfile } from "./openid.js"

/** What Microsoft's ID tokens say beyond the standard. */
export interface MicrosoftClaims extends StandardClaims {
  /** The tenant, a GUID. */
  readonly tid?: string
  /** Whether the tenant has proven that the domain of `email` is its own; an optional claim that the application must ask for. */
  readonly xms_edov?: unknown
}

/** Whose accounts are taken. */
export interface MicrosoftOptions extends ProviderOptions {
  /** A tenant's GUID, or `"organizations"`, `"consumers"`, or `"common"` for both. Default `"common"`. */
  readonly tenant?: string
  /** Maps the claims, in place of the usual mapping. */
  readonly profile?: (claims: MicrosoftClaims) => Profile
}

const guid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
/** The one tenant of all private accounts. */
const consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"

/**
 * Microsoft Entra ID and private Microsoft accounts (learn.microsoft.com/entra/identity-platform/v2-protocols-oidc). Every tenant is an issuer
 * of its own: the token's `tid` says which, its `iss` must be that tenant's, and the key that signed it must be one that may sign for it.
 * `email` is whatever a tenant's administrator typed in, so it counts as verified only with the claim `xms_edov`.
 * @throws ConfigError `ERR_CONFIG_PROVIDER` for a tenant that is none
 */
export function microsoft(options: MicrosoftOptions): Provider {
  const { tenant = "common" } = options
  if (!["common", "organizations", "consumers"].includes(tenant) && !guid.test(tenant)) {
    throw misconfigured(
      "ERR_CONFIG_PROVIDER",
      "microsoft: tenant",
      tenant,
      'the id of your tenant, or "common"',
    )
  }
  const base = addressOf(tenant)
  return openIdProvider<MicrosoftClaims>(
    {
      name: "microsoft",
      label: "Microsoft",
      scopes: ["openid", "email", "profile"],
      authentication: ClientSecretPost,
      server: {
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      },
      manyIssuers: !guid.test(tenant),
      tokenRules: { issuer: (claims) => issuerFor(tenant, claims), maySign },
      profile: (claims) => ({
        ...standardProfile(claims),
        emailVerified: claims.xms_edov === true || claims.xms_edov === "1" || claims.xms_edov === 1,
      }),
    },
    options,
  )
}

function addressOf(tenant: string): string {
  return `https://login.microsoftonline.com/${tenant}`
}

/** The issuer that a token of this tenant must have; undefined for a tenant that may not come in. */
function issuerFor(tenant: string, { tid }: JsonObject): string | undefined {
  if (typeof tid !== "string" || !guid.test(tid)) return undefined
  const mayEnter =
    tenant === "common" ||
    (tenant === "organizations" ? tid !== consumers : tid === (tenant === "consumers" ? consumers : tenant))
  return mayEnter ? `${addressOf(tid)}/v2.0` : undefined
}

/** A key's `issuer` names the tenants that it signs for, `{tenantid}` being every organization; so a key for private accounts signs for no company. */
function maySign({ issuer }: JWK & { issuer?: unknown }, { iss, tid }: JsonObject): boolean {
  return (
    issuer === undefined || (typeof issuer === "string" && issuer.replace("{tenantid}", `${tid}`) === iss)
  )
}
