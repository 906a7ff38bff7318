import type { EpochMs } from "../../clock.js"
import { createSeal } from "../../crypto/seal.js"
import type { SecretRing } from "../../crypto/secret-ring.js"
import type { Credential, CredentialKind, Json } from "../../stores/ports.js"

/** A credential as its owner may have it. */
export interface ExportedCredential {
  readonly kind: CredentialKind
  readonly createdAt: EpochMs
  /** When its secret was last set, or what is kept beside it last changed. */
  readonly changedAt: EpochMs
  /** What else says something to its owner: `provider`, `issuer`, `subject`, `email` of an identity; `id`, `name` of a passkey; `number`. */
  readonly details: { readonly [name: string]: Json }
}

/** What of a credential's secret is none, by name, where the secret is JSON. Whatever is not named here is not handed out. */
const shown: Readonly<Record<CredentialKind, readonly string[]>> = {
  password: [],
  identity: ["provider", "email"],
  totp: [],
  passkey: ["name", "use", "transports", "deviceType", "backedUp", "aaguid", "lastUsedAt"],
  phone: [],
  recovery_code: [],
}

/** Undefined for a mere reservation, which opens nothing. */
export async function describedCredential(
  secrets: SecretRing,
  credential: Credential,
): Promise<ExportedCredential | undefined> {
  const { changedAt, createdAt, kind, secret } = credential
  if (secret === "") return undefined
  const kept = shown[kind].length === 0 ? {} : objectIn(secret)
  const fields = shown[kind].flatMap((name) =>
    kept[name] === undefined ? [] : [[name, kept[name]] as const],
  )
  const own = kind === "phone" ? await numberIn(secrets, credential) : namedBy(credential)
  return { kind, createdAt, changedAt, details: { ...own, ...Object.fromEntries(fields) } }
}

/** A number is kept sealed, so that no dump has it; its owner may have it. One that was sealed under a secret that is gone is nobody's any more. */
async function numberIn(
  secrets: SecretRing,
  { secret, userId }: Credential,
): Promise<{ readonly [name: string]: Json }> {
  const number = await createSeal(secrets, "telephone numbers").open(secret, `phone ${userId}`)
  return number === undefined ? {} : { number }
}

/** What a handle says to its owner: issuer and subject of an identity, the credential id of a passkey. */
function namedBy({ handle, kind }: Credential): { readonly [name: string]: Json } {
  const bar = handle.indexOf("|")
  if (kind === "identity") return { issuer: handle.slice(0, bar), subject: handle.slice(bar + 1) }
  return kind === "passkey" ? { id: handle } : {}
}

/** A secret that is no JSON object has nothing to show. */
function objectIn(secret: string): { readonly [name: string]: Json } {
  try {
    const value: unknown = JSON.parse(secret)
    return typeof value === "object" && value !== null ? (value as { [name: string]: Json }) : {}
  } catch {
    return {}
  }
}
