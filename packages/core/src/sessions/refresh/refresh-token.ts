import { isDigestOf, type SecretRing } from "../../crypto/secret-ring.js"

/** What a refresh token says: which family, and how many rotations it has seen. */
export interface RefreshToken {
  /** 132 random bits, 22 characters. No store holds it, only its digest. */
  readonly family: string
  /** From 0. */
  readonly generation: number
}

/** Makes and reads the refresh tokens of one realm. */
export interface RefreshTokens {
  /** `family.generation.mac`. The same again for the same family and generation, so that nobody has to keep a successor to repeat it. */
  format(token: RefreshToken): string
  /** Undefined for whatever was not made here, under one of the secrets, for this realm. No store is asked for those. */
  parse(text: string): RefreshToken | undefined
}

const wellFormed = /^([\w-]{22})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/

/** HMAC-SHA-256 over realm, family and generation. A new secret in front leaves the tokens of the older ones good. */
export function refreshTokens(secrets: SecretRing, realm: string): RefreshTokens {
  function signed({ family, generation }: RefreshToken): string {
    return `${realm}\0${family}\0${generation}`
  }

  return {
    format(token) {
      return `${token.family}.${token.generation}.${secrets.digests("refresh-token", signed(token))[0]}`
    },
    parse(text) {
      const [, family = "", generation = "", mac = ""] = wellFormed.exec(text) ?? []
      const token = { family, generation: Number(generation) }
      return isDigestOf(secrets, "refresh-token", signed(token), mac) ? token : undefined
    },
  }
}
