import { randomText } from "#primitives"

/** A session token taken apart. The secret is the bearer's proof; the id only says which session is meant. */
export interface SessionToken {
  readonly id: string
  readonly secret: string
}

const idLength = 22
const secretLength = 43
const tokenLength = idLength + 1 + secretLength
// The secret needs no look: whatever is not the right one has another digest.
const wellFormed = /^[\w-]{22}\./

/** A fresh token: of 65 random characters 132 bits are the id, 258 the secret. */
export function newSessionToken(): SessionToken {
  const text = randomText(idLength + secretLength)
  return { id: text.slice(0, idLength), secret: text.slice(idLength) }
}

/** `id.secret`, 66 characters that need no quoting in a cookie. */
export function formatSessionToken(token: SessionToken): string {
  return `${token.id}.${token.secret}`
}

/** Undefined unless the text has the length of a token and an id in it: anything else never reaches a store. */
export function parseSessionToken(text: string): SessionToken | undefined {
  if (text.length !== tokenLength || !wellFormed.test(text)) return undefined
  return { id: text.slice(0, idLength), secret: text.slice(idLength + 1) }
}
