import { randomToken } from "../crypto/random.js"

/** A session token taken apart. The secret is the bearer's proof; the id only says which session is meant. */
export interface SessionToken {
  readonly id: string
  readonly secret: string
}

const idLength = 22
const secretLength = 43
const tokenLength = idLength + 1 + secretLength
const wellFormed = /^[\w-]{22}\.[\w-]{43}$/

/** A fresh session id: 128 random bits. */
export function newSessionId(): string {
  return randomToken(16)
}

/** A fresh session secret: 256 random bits. */
export function newSessionSecret(): string {
  return randomToken(32)
}

/** `id.secret`, 66 characters that need no quoting in a cookie. */
export function formatSessionToken(token: SessionToken): string {
  return `${token.id}.${token.secret}`
}

/** Undefined unless the text has exactly the shape of a token: anything else never reaches a store. */
export function parseSessionToken(text: string): SessionToken | undefined {
  if (text.length !== tokenLength || !wellFormed.test(text)) return undefined
  return { id: text.slice(0, idLength), secret: text.slice(idLength + 1) }
}
