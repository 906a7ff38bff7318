/**
 * What is broken, as opposed to what a visitor may cause (see {@link Outcome}): a wrong configuration, a store that is down,
 * an overloaded server. Faults are thrown. `code` is stable and listed in docs/reasons.md; messages are for humans
 * and never hold a password, token or hash.
 */
export abstract class AuthError extends Error {
  abstract readonly code: `ERR_${string}`
  /** The HTTP status of the answer: 503 for what may be over in a moment. */
  readonly status: 500 | 503 = 500
  /** Whole seconds after which it is worth asking again; only with 503. */
  readonly retryAfter: number | undefined

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** Which part of the configuration is wrong; docs/reasons.md lists them. */
export type ConfigCode =
  | "ERR_CONFIG_ORIGIN"
  | "ERR_CONFIG_SECRET"
  | "ERR_CONFIG_STORES"
  | "ERR_CONFIG_COOKIE"
  | "ERR_CONFIG_DURATION"
  | "ERR_CONFIG_STALENESS"
  | "ERR_CONFIG_HASHER"
  | "ERR_CONFIG_LIMIT"
  | "ERR_CONFIG_PATH"
  | "ERR_CONFIG_PROXY"
  | "ERR_CONFIG_POLICY"
  | "ERR_CONFIG_REALM"
  | "ERR_CONFIG_PROVIDER"
  | "ERR_CONFIG_MAGIC_LINK"
  | "ERR_CONFIG_MAIL"
  | "ERR_CONFIG_JWT"
  | "ERR_CONFIG_REFRESH"
  | "ERR_CONFIG_PASSKEY"
  | "ERR_CONFIG_ACCOUNT"
  | "ERR_CONFIG_MFA"

/** The host wired something wrongly. Thrown while the `Auth` is built, hardly ever later (docs/reasons.md says when); the message says what to write instead. */
export class ConfigError extends AuthError {
  readonly code: ConfigCode

  constructor(code: ConfigCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * The usual {@link ConfigError}: which option has which value, and what to write instead. Not for secrets, since the value is shown.
 */
export function misconfigured(code: ConfigCode, option: string, value: unknown, write: string): ConfigError {
  return new ConfigError(code, `${option}: ${JSON.stringify(value)} will not do. Write ${write}.`)
}

/**
 * A store did not do what it was asked: it is down, timed out, or answered nonsense. Always answered with 503, never
 * taken for "not signed in" (promise 6). `cause` is the driver's error and is for logs only.
 */
export class StoreError extends AuthError {
  readonly code = "ERR_STORE"
  override readonly status = 503
  override readonly retryAfter = 1
  readonly slot: string

  constructor(slot: string, cause: unknown) {
    super(`The ${slot} store failed.`, { cause })
    this.slot = slot
  }
}

/** More password hashes are waiting than the host allowed. Answered with 503 and Retry-After. */
export class OverloadError extends AuthError {
  readonly code = "ERR_OVERLOAD"
  override readonly status = 503
  override readonly retryAfter: number

  constructor(message: string, retryAfterSeconds: number) {
    super(message)
    this.retryAfter = retryAfterSeconds
  }
}

/** A session or cookie would not fit where it must: a fault of the host's claims, never a dropped cookie. */
export class SizeError extends AuthError {
  readonly code = "ERR_SIZE"
}

/**
 * What stopped a mail: what was to be sent (`invalid`), the service's or server's "no" (`refused`), or that it is down, overrun or silent
 * (`unavailable`); then the mail may still arrive.
 */
export type MailFault = "invalid" | "refused" | "unavailable"

/**
 * A mail did not leave, or nobody knows whether it did. It holds stable codes and nothing that a service or driver said, and has no
 * `cause`: no address, link, code or key can reach a log through it.
 */
export class MailError extends AuthError {
  readonly code = "ERR_MAIL"
  override readonly status = 503
  override readonly retryAfter = 1
  readonly fault: MailFault
  /** Says more: `timed_out`, `422 validation_error`, `EENVELOPE 550` … */
  readonly detail: string

  constructor(fault: MailFault, detail: string) {
    super(`The mail was not sent: ${fault} (${detail}).`)
    this.fault = fault
    this.detail = detail
  }
}
