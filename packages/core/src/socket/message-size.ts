import { utf8 } from "../crypto/utf8.js"

/** Whether a text has more bytes of UTF-8. Measured only where it could: a UTF-16 unit takes three at most. */
export function isLonger(text: string, most: number): boolean {
  if (text.length > most) return true
  return text.length * 3 > most && utf8.encode(text).length > most
}
