import { resolve } from "#resolve"
import { misconfigured } from "../errors.js"
import { parseUrl } from "../parse-url.js"
import { isPublicAddress, isPublicHost } from "./public-address.js"

/** How a host lets requests go out. */
export interface NetworkOptions {
  /**
   * Origins on this machine that may be asked, by http as well: `["http://localhost:4100"]`, for a provider under development. Default: none.
   */
  readonly loopback?: readonly string[]
  /** In place of the platform's, for example one that goes through a proxy. Names are then resolved by it, and not looked at before. */
  readonly fetch?: typeof globalThis.fetch
}

/** The way out, for addresses that somebody else may have written (discovery, key sets). */
export interface Network {
  /**
   * Asks. Within 5 seconds the whole answer is there, at most 512 KiB of it; redirects are not followed. Only https, to hosts on the public
   * internet; a loopback origin only if the host named it. An answer of 429, or of 500 and more, is none.
   * @throws NetworkError
   */
  fetch(url: string, init?: RequestInit): Promise<Response>
  /** The address, if a browser may be sent there: the same rule. @throws NetworkError */
  checked(url: string): URL
}

/** A request that was not made, or had no answer within its bounds. `code` says why and names no address. */
class NetworkError extends Error {
  readonly code: "address_refused" | "redirected" | "timed_out" | "too_large" | "unavailable" | "unreachable"

  constructor(code: NetworkError["code"], options?: ErrorOptions) {
    super(`Request failed: ${code}.`, options)
    this.name = "NetworkError"
    this.code = code
  }
}

const timeoutMs = 5000
const mostBytes = 512 * 1024

/** @throws ConfigError `ERR_CONFIG_PROVIDER` for a loopback origin that is none */
export function outboundNetwork(options: NetworkOptions = {}): Network {
  const loopback = new Set((options.loopback ?? []).map(loopbackOrigin))
  const { fetch: ownFetch } = options

  function checked(text: string): URL {
    // From a document that somebody else wrote, it may be no text at all.
    const url = typeof text === "string" ? parseUrl(text) : undefined
    if (url && !url.username && !url.password) {
      if (loopback.has(url.origin)) return url
      if (url.protocol === "https:" && isPublicHost(url.hostname)) return url
    }
    throw new NetworkError("address_refused")
  }

  /**
   * A name that leads to a private address is refused before anything is sent. Should it lead elsewhere a moment later (rebinding), the
   * certificate that https demands is still one that no private server has for that name.
   */
  async function refusePrivate(url: URL): Promise<void> {
    if (ownFetch || loopback.has(url.origin) || url.hostname.startsWith("[")) return
    const addresses = await resolve(url.hostname)
    if (!addresses.every(isPublicAddress)) throw new NetworkError("address_refused")
  }

  async function ask(url: URL, init: RequestInit, signal: AbortSignal): Promise<Response> {
    await refusePrivate(url)
    // Called as a method of nothing: Workers refuse a fetch with another `this`. They also do not know redirect: "error".
    const fetch = ownFetch ?? globalThis.fetch
    const response = await fetch(url.href, { ...init, redirect: "manual", signal })
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel()
      throw new NetworkError("redirected")
    }
    // Down, or overrun: what it says meanwhile is not an answer.
    if (response.status >= 500 || response.status === 429) {
      await response.body?.cancel()
      throw new NetworkError("unavailable")
    }
    return readWhole(response)
  }

  return {
    checked,
    async fetch(text, init = {}) {
      const url = checked(text)
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        return await Promise.race([ask(url, init, signal), rejectedBy(signal)])
      } catch (error) {
        if (error instanceof NetworkError) throw error
        throw new NetworkError(signal.aborted ? "timed_out" : "unreachable", { cause: error })
      }
    },
  }
}

/** A fetch of the host's own, or a resolver, may not heed the signal. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new NetworkError("timed_out")), { once: true })
  })
}

async function readWhole(response: Response): Promise<Response> {
  const decoder = new TextDecoder()
  let [text, bytes] = ["", 0]
  // Leaving the loop cancels the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new NetworkError("too_large")
    text += decoder.decode(chunk, { stream: true })
  }
  // Its headers say a length and an encoding of what came over the line; nobody asks for those any more.
  return new Response(response.body && text + decoder.decode(), response)
}

function loopbackOrigin(text: string): string {
  const url = parseUrl(text)
  const local = url && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  if (local && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, "")) return url.origin
  throw misconfigured("ERR_CONFIG_PROVIDER", "network.loopback", text, '"http://localhost:4100"')
}
