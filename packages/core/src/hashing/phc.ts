import { decodeBase64, encodeBase64 } from "./base64.js"

/** The parts of `$id$v=version$name=number,…$salt$hash`. */
export interface PhcString {
  readonly id: string
  /** Undefined where the string has no `v=` field. */
  readonly version?: number | undefined
  /** In the order in which they stand in the string. */
  readonly params: Readonly<Record<string, number>>
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

// The longest that is read, 64 bytes of salt and 64 of hash, needs about 220.
const longest = 256

/**
 * Reads a PHC string (github.com/P-H-C/phc-string-format), stricter than its specification: salt and hash must be there, every number
 * is written without leading zeros, and the parameters are exactly `names`, in that order. Linear in the length, which is at most 256.
 * Checks no bounds: those are the algorithm's.
 * @returns undefined for everything else, and for what is no string
 */
export function parsePhc(text: string, names: readonly string[]): PhcString | undefined {
  if (typeof text !== "string" || text.length > longest) return undefined
  const [before, id, ...fields] = text.split("$")
  const versioned = fields[0]?.startsWith("v=") === true
  const [settings, saltText, hashText, ...surplus] = versioned ? fields.slice(1) : fields
  if (before !== "" || !id || !settings || !saltText || !hashText || surplus.length > 0) return undefined
  const version = versioned ? parseDecimal(fields[0]?.slice(2)) : undefined
  const params = parseParams(settings, names)
  const salt = decodeBase64(saltText)
  const hash = decodeBase64(hashText)
  if (!params || !salt || !hash || (versioned && version === undefined)) return undefined
  return { id, version, params, salt, hash }
}

/** Writes a PHC string. The caller answers for `id` and names being made of lower-case letters, digits and `-`. */
export function formatPhc({ id, version, params, salt, hash }: PhcString): string {
  const settings = Object.entries(params).map(([name, value]) => `${name}=${value}`)
  const versionField = version === undefined ? [] : [`v=${version}`]
  const fields = ["", id, ...versionField, settings.join(","), encodeBase64(salt), encodeBase64(hash)]
  return fields.join("$")
}

/** A whole number below ten thousand million in its only spelling: decimal digits, no sign, no leading zero. */
export function parseDecimal(text = ""): number | undefined {
  return /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined
}

function parseParams(text: string, names: readonly string[]): Record<string, number> | undefined {
  const parts = text.split(",")
  if (parts.length !== names.length) return undefined
  const params: Record<string, number> = {}
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? ""
    const value = part.startsWith(`${name}=`) ? parseDecimal(part.slice(name.length + 1)) : undefined
    if (value === undefined) return undefined
    params[name] = value
  }
  return params
}
