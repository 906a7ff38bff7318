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

const decimal = "(0|[1-9]\\d{0,9})"
const wholeDecimal = new RegExp(`^${decimal}$`)

/**
 * Makes a reader of PHC strings (github.com/P-H-C/phc-string-format), stricter than their specification: salt and hash must be there,
 * every number is written without leading zeros, and the parameters are exactly `names`, in that order. Linear in the length, which is
 * at most 256. Checks no bounds: those are the algorithm's. The reader answers undefined for everything else, and for what is no string.
 */
export function phcReader(names: readonly string[]): (text: string) => PhcString | undefined {
  const settings = names.map((name) => `${name}=${decimal}`).join(",")
  const pattern = new RegExp(`^\\$([^$]+)(?:\\$v=${decimal})?\\$${settings}\\$([^$]+)\\$([^$]+)$`)

  return function readPhc(text) {
    const parts = typeof text === "string" && text.length <= longest ? pattern.exec(text) : null
    if (!parts) return undefined
    const [, id = "", version] = parts
    const salt = decodeBase64(parts.at(-2) ?? "")
    const hash = decodeBase64(parts.at(-1) ?? "")
    if (!salt || !hash) return undefined
    const params: Record<string, number> = {}
    for (const [index, name] of names.entries()) params[name] = Number(parts[3 + index])
    return { id, version: version === undefined ? undefined : Number(version), params, salt, hash }
  }
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
  return wholeDecimal.test(text) ? Number(text) : undefined
}
