import { verify as verifyBcrypt } from "@node-rs/bcrypt"
import { utf8 } from "../crypto/utf8.js"
import type { KnownHash, PasswordVerifier } from "./hasher.js"

/**
 * Reads the bcrypt hashes of another system, on @node-rs/bcrypt: `$2a$`, `$2b$` and `$2y$`, cost 4 to 14 (each step doubles the time; 14
 * takes about a second). It makes no new ones: bcrypt looks at 72 bytes, and its C implementations stop at a NUL.
 *
 * So a password that is longer or has a NUL never matches, even where the old system would have taken its beginning: whoever knows
 * 72 bytes of a longer password does not know the password. Such a visitor resets it. That answer takes as long as any other,
 * since the stored hash is computed all the same, for another text, and the result thrown away.
 */
export function bcrypt(): PasswordVerifier {
  return { algorithm: "bcrypt", read }
}

// The last character of the salt carries 2 bits, that of the hash 4. Left-over bits that are not zero: the package would answer false
// without computing, and that is quicker than a wrong password.
const format = /^\$2[aby]\$(?:0[4-9]|1[0-4])\$[./0-9A-Za-z]{21}[.Oeu][./0-9A-Za-z]{30}[.CGKOSWaeimquy26]$/

function read(stored: string): KnownHash | undefined {
  if (typeof stored !== "string" || !format.test(stored)) return undefined
  return { verify: (password) => verify(stored, password) }
}

async function verify(stored: string, password: string): Promise<boolean> {
  const bytes = utf8.encode(password)
  const whole = bytes.length <= 72 && !bytes.includes(0)
  // The package compares all bytes of both hashes, wherever they differ.
  const matches = await verifyBcrypt(whole ? bytes : new Uint8Array(72).fill(1), stored)
  return whole && matches
}
