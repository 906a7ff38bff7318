import type { Json } from "../../stores/ports.js"

/** In a name without its separators, wherever they stand, or at its end. */
const secretParts =
  /pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|private|signing|encryption)key|(?:recovery|backup|mfa|reset)code|(?:token|hash|salt|otp|seed)(?:e?s)?$/

/** As words of their own: inside others they mean something else. */
const secretWords = new Set(["pass", "pin", "pw", "token", "tokens", "hash", "salt", "otp", "totp", "seed"])

/**
 * A copy as JSON has it, without the fields that a name shows to be secret: `passwordHash`, `reset_token`, `apiKey`, at any depth. A host whose
 * names say less picks for itself.
 */
export function withoutSecrets(value: object): Json {
  return JSON.parse(
    JSON.stringify(value, (name, field: unknown) => {
      if (namesSecret(name)) return undefined
      return typeof field === "bigint" ? String(field) : field
    }),
  )
}

function namesSecret(name: string): boolean {
  const words = (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).map((word) => word.toLowerCase())
  return secretParts.test(words.join("")) || words.some((word) => secretWords.has(word))
}
