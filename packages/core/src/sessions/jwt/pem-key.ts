import type { JwtAlgorithm } from "./keys.js"

/** The AlgorithmIdentifier in DER, of Ed25519 (RFC 8410 §3) and of an elliptic curve with P-256 (RFC 5480 §2.1.1). */
const identifiers = {
  EdDSA: "300506032b6570",
  ES256: "301306072a8648ce3d020106082a8648ce3d030107",
} as const

/** A key in PEM, without what stands around it. */
export interface PemKey {
  readonly kind: "private" | "public"
  readonly pem: string
}

/**
 * What a PEM says it is, seen without importing it: PKCS#8 (RFC 5958), not encrypted, or SPKI, for this algorithm. Undefined for any other: RSA, other
 * curves, SEC1 (`EC PRIVATE KEY`), line breaks written as `\n`.
 */
export function pemKey(text: string, alg: Exclude<JwtAlgorithm, "HS256">): PemKey | undefined {
  const block = /-----BEGIN (PRIVATE|PUBLIC) KEY-----([A-Za-z\d+/=\s]+)-----END \1 KEY-----/.exec(text)
  if (!block) return undefined
  const [pem, label, content = ""] = block
  const kind = label === "PRIVATE" ? "private" : "public"
  // A sequence; of PKCS#8 its first member is the version, 0 or 1.
  const version = kind === "private" ? "02010[01]" : ""
  const beginning = new RegExp(`^30(?:[0-7].|81..|82....)${version}${identifiers[alg]}`)
  return beginning.test(hexOf(content)) ? { kind, pem } : undefined
}

function hexOf(base64: string): string {
  try {
    return Array.from(atob(base64), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("")
  } catch {
    return ""
  }
}
