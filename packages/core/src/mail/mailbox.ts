import { canonicalEmail } from "../email-address.js"
import { misconfigured } from "../errors.js"
import { isOneLine } from "./one-line.js"

/** A sender, as people see it: `My App <login@example.com>`. */
export interface Mailbox {
  /** May be empty. */
  readonly name: string
  readonly address: string
}

const withName = /^(?:"([^"]*)"|([^"]*?)) *<([^<>]*)>$/

/**
 * Reads `login@example.com` or `My App <login@example.com>`. No list, no control character, no quote, backslash or angle bracket in a name.
 * @throws ConfigError `ERR_CONFIG_MAIL`
 */
export function mailbox(option: string, text: unknown): Mailbox {
  if (isOneLine(text)) {
    const [, quoted, bare, inBrackets = text] = withName.exec(text) ?? []
    const address = canonicalEmail(inBrackets)
    const name = (quoted ?? bare ?? "").trim()
    if (address !== undefined && !/[<>"\\]/.test(name)) return { name, address }
  }
  throw misconfigured("ERR_CONFIG_MAIL", option, text, '"My App <login@example.com>"')
}

/** The mailbox as a header has it (RFC 5322 §3.4); the name is quoted where it is more than words. */
export function writtenMailbox({ address, name }: Mailbox): string {
  if (name === "") return address
  return `${/^[\p{L}\p{M}\p{N} '&+-]+$/u.test(name) ? name : `"${name}"`} <${address}>`
}
