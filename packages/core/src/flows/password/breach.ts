import { utf8 } from "../../crypto/utf8.js"
import { type Duration, seconds } from "../../duration.js"
import { AuthError, ConfigError } from "../../errors.js"
import { parseUrl } from "../../parse-url.js"

/** Whether a password is known from a leak. Gets the normalized password, so it had better be a service that never sees it whole. */
export type BreachCheck = (password: string) => Promise<boolean>

/**
 * The breach check did not answer, or not in its protocol; no password was changed. Answered with 503. Holds no password; `cause` is the
 * error of the network, for logs only.
 */
export class BreachCheckError extends AuthError {
  readonly code = "ERR_BREACH_CHECK"
  override readonly status = 503
  override readonly retryAfter = 1
}

/** What a host may change about {@link pwnedPasswords}. */
export interface PwnedPasswordsOptions {
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** For the whole answer, at least `"1s"`. Default `"3s"`. */
  readonly timeout?: Duration
  /** In how many leaks a password must have been to be refused. Default 1. */
  readonly threshold?: number
  /** What happens to a new password when the service is down: `"refuse"` (default) throws, `"accept"` takes it unchecked. */
  readonly whenDown?: "refuse" | "accept"
  /** A service of one's own with the same protocol, https (or http on this machine). Default `"https://api.pwnedpasswords.com"`. */
  readonly endpoint?: string
}

// A range has about 2,000 lines of 45 bytes.
const mostBytes = 512 * 1024

/**
 * Asks Pwned Passwords (haveibeenpwned.com/API/v3#PwnedPasswords) by range: the service learns the first 20 bits of the password's SHA-1,
 * which about one in a million passwords share, and answers all known digests that begin so. Padding is asked for, so that whoever watches the
 * line cannot tell ranges apart by their size. Redirects are not followed, time and size are bounded, and an answer with one line out of
 * form is no answer.
 * @throws ConfigError `ERR_CONFIG_POLICY`, `ERR_CONFIG_DURATION` at construction. The check rejects with BreachCheckError unless
 * `whenDown` is `"accept"`.
 */
export function pwnedPasswords(options: PwnedPasswordsOptions = {}): BreachCheck {
  const { threshold = 1, whenDown = "refuse" } = options
  const timeoutMs = seconds(options.timeout ?? "3s", "pwnedPasswords timeout") * 1000
  const base = checkedEndpoint(options.endpoint ?? "https://api.pwnedpasswords.com")
  if (!Number.isInteger(threshold) || threshold < 1) {
    throw new ConfigError(
      "ERR_CONFIG_POLICY",
      `pwnedPasswords threshold: ${threshold} is no count. Write 1 or more.`,
    )
  }
  if (whenDown !== "refuse" && whenDown !== "accept") {
    throw new ConfigError("ERR_CONFIG_POLICY", 'pwnedPasswords whenDown: write "refuse" or "accept".')
  }

  async function check(password: string): Promise<boolean> {
    const digest = await sha1(password)
    try {
      const range = await ask(digest.slice(0, 5))
      return countIn(range, digest.slice(5)) >= threshold
    } catch (cause) {
      if (whenDown === "accept") return false
      throw new BreachCheckError("The service that knows leaked passwords did not answer.", { cause })
    }
  }

  async function ask(prefix: string): Promise<string> {
    const fetch = options.fetch ?? globalThis.fetch
    const response = await fetch(`${base}/range/${prefix}`, {
      headers: { "add-padding": "true", "user-agent": "mortise" },
      // Workers do not know "error".
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 200) return readBounded(response)
    await response.body?.cancel()
    throw new Error(`Status ${response.status}.`)
  }

  return check
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, bytes] = ["", 0]
  // Leaving the loop cancels the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Error("The answer is too large.")
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

/** How often the digest with this ending was leaked: 0 for what is absent, and for padding. */
function countIn(range: string, suffix: string): number {
  const lines = range.replace(/\r?\n$/, "").split(/\r?\n/)
  if (!lines.every((line) => /^[0-9A-F]{35}:\d{1,10}$/.test(line))) {
    throw new Error("The answer is not a list of digests and counts.")
  }
  return Number(lines.find((line) => line.startsWith(suffix))?.slice(36) ?? 0)
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", utf8.encode(text))
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase()
}

function checkedEndpoint(endpoint: string): string {
  const url = parseUrl(endpoint)
  const local = url?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  if (url && (url.protocol === "https:" || local)) return `${url.origin}${url.pathname}`.replace(/\/$/, "")
  throw new ConfigError(
    "ERR_CONFIG_POLICY",
    `pwnedPasswords endpoint: ${JSON.stringify(endpoint)} will not do. Write an https address, or leave it out.`,
  )
}
