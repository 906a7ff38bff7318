import type { GuardedRequest } from "./guarded-request.js"

/** Where a step is called from. All of it may be left out by a caller without HTTP (a script, a test). */
export interface Context {
  /** Client address, already taken from trusted proxies only; see `clientAddress`. */
  readonly address?: string | undefined
  /** User-Agent header, unverified. */
  readonly userAgent?: string | undefined
  /** The session token that came with the request. A sign-in ends that session, so that no cookie survives it (fixation). */
  readonly token?: string | undefined
  /** The request itself, for strategies that look at more than the cookie. */
  readonly request?: GuardedRequest | undefined
  /** Keeps the runtime awake for work that goes on after the answer, such as sending mail. Workers need it, servers do not. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}
