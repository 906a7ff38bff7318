import { createHmac } from "node:crypto"

/** A user's authenticator app: RFC 6238 written once more, from the RFC. */
export interface AuthenticatorApp {
  readonly key: Buffer
  /** The code of the step that lies so far from now. */
  code(steps?: number): string
  /** A code that is none of now: neither of this step nor of those next to it. */
  wrongCode(): string
}

export function authenticatorApp(uri: string, clock: () => number): AuthenticatorApp {
  const key = base32(new URL(uri).searchParams.get("secret") ?? "")
  function code(steps = 0): string {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(Math.floor(clock() / 30_000) + steps))
    const digest = createHmac("sha1", key).update(counter).digest()
    const offset = (digest.at(-1) ?? 0) & 15
    return `${(digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000}`.padStart(6, "0")
  }
  function wrongCode(): string {
    const right = [code(-1), code(), code(1)]
    // Of four one is left.
    return ["000000", "111111", "222222", "333333"].find((one) => !right.includes(one)) ?? ""
  }
  return { key, code, wrongCode }
}

function base32(text: string): Buffer {
  const bits = [...text]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("")
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
