import { parseUrl } from "./parse-url.js"

const dotAtom = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/
const hostName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
// What may stand in a domain before IDNA mapping: no character that a URL parser would take for the end of the host.
const domainText = /^[\p{L}\p{N}\p{M}.-]+$/u

/**
 * The one spelling of an address: what is looked up, kept unique and mailed. Lower case, outer ASCII spaces removed, an
 * international domain as its ASCII form (RFC 5890). Undefined for what is not a plain address: quoted or non-ASCII local parts,
 * lists, comments, control characters, look-alike at-signs, IP literals, single-label domains. Dots and plus tags stay: they
 * are different mailboxes at some providers. Bounds of RFC 5321 §4.5.3.1: local part 64, whole 254.
 */
export function canonicalEmail(input: string): string | undefined {
  if (input.length > 320) return undefined
  const [local = "", domain = "", ...more] = input.replace(/^ +| +$/g, "").split("@")
  const host = asciiDomain(domain)
  if (more.length > 0 || host === undefined || local.length > 64 || !dotAtom.test(local)) return undefined
  const email = `${local.toLowerCase()}@${host}`
  return email.length <= 254 ? email : undefined
}

function asciiDomain(text: string): string | undefined {
  const host = domainText.test(text) ? parseUrl(`http://${text}/`)?.hostname : ""
  return hostName.test(host ?? "") ? host : undefined
}
