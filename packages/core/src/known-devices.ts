import { randomText } from "#primitives"
import { isDigestOf, type SecretRing } from "./crypto/secret-ring.js"
import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import type { PasswordSignIn } from "./flows/password/password.js"
import { sessionCookie } from "./http/cookies.js"
import { type BackOff, backOff, type Reservation } from "./limits/back-off.js"
import type { Outcome } from "./outcome.js"
import type { KnownDevices } from "./password.js"
import type { Credential } from "./stores/ports.js"

/** What a host decides about devices that have signed in before. */
export interface KnownDevicesOptions {
  /** How long a device is known after it has signed in. Default `"180d"`. */
  readonly lifetime?: Duration
  /** Wrong passwords in a row of one device, after which it is a stranger's. Default 10. */
  readonly failures?: number
  /** For how long it is then. Default `"1d"`. */
  readonly forgotten?: Duration
}

/** Accounts that one browser can be known for: the one that has not signed in for longest goes. */
const mostAccounts = 4

/** One account: 132 random bits, when it ends (base 36), and the keyed digest of what it is for. None of it would a cookie have to quote. */
const entryText = /^[\w-]{22}\.[\da-z]{1,9}\.[\w-]{43}$/

/**
 * Device cookies (OWASP): a browser that has signed in with a password is known for that account and that password, and its wrong passwords are
 * counted apart from everybody else's. So an attacker who keeps an account backing off keeps out strangers, and not its owner on a device of
 * theirs. What the browser holds is signed, names nobody, opens nothing, and is stored nowhere; it ends after 180 days, with the password,
 * or with ten wrong passwords in a row.
 * @throws ConfigError here or from `createAuth`: `ERR_CONFIG_DURATION`, `ERR_CONFIG_LIMIT`, `ERR_CONFIG_COOKIE`
 */
export function knownDevices(options: KnownDevicesOptions = {}): KnownDevices {
  const { failures = 10, forgotten = "1d", lifetime = "180d" } = options
  const maxAge = seconds(lifetime, "knownDevices.lifetime")
  if (!Number.isSafeInteger(failures) || failures < 1) {
    throw misconfigured("ERR_CONFIG_LIMIT", "knownDevices.failures", failures, "1 or more")
  }
  const wait = seconds(forgotten, "knownDevices.forgotten")
  const curve = { free: failures - 1, first: wait, most: wait, forgetAfter: wait }

  return {
    build({ clock, realm, secrets }, { byAccount, rateLimits }, site) {
      const name = `__Host-${realm === "default" ? "" : `${realm}-`}device`
      if (site.cookie.name === name) {
        throw misconfigured("ERR_CONFIG_COOKIE", "cookie.name", name, "another name")
      }
      const cookie = sessionCookie({ name }, realm)
      const byDevice = backOff(rateLimits, clock, curve)

      return function triesOfDevice(account, stored, { request }) {
        const held = entriesIn(cookie.read(request?.header("cookie"))).filter((one) => clock() < endOf(one))
        const about = textOf(realm, account, stored)
        const own = held.find((one) => isFor(secrets, about, one))
        const key = own === undefined ? undefined : `device:${secrets.digests("limit", own)[0]}`
        return {
          ...triesOf(byAccount, byDevice, key),
          remember(outcome) {
            const entry = `${randomText(22)}.${(clock() + maxAge * 1000).toString(36)}`
            const signed = `${entry}.${secrets.digests("known-device", about(entry))[0]}`
            const others = held.filter((one) => one !== own).slice(0, mostAccounts - 1)
            return withCookie(outcome, cookie.set([signed, ...others].join("~"), maxAge))
          },
        }
      }
    },
  }
}

/** The device's tries while they last, then the account's; which of the two an attempt took, its reservation tells. */
function triesOf(byAccount: BackOff, byDevice: BackOff, device: string | undefined): BackOff {
  if (device === undefined) return byAccount
  let reserved: Reservation | undefined

  return {
    async reserve(account) {
      reserved = await byDevice.reserve(device)
      return reserved.allowed ? reserved : byAccount.reserve(account)
    },
    async clear(account) {
      await byDevice.clear(device)
      // What strangers have failed at stays counted against strangers.
      if (!reserved?.allowed) await byAccount.clear(account)
    },
    giveBack: (account, reservation) =>
      reservation === reserved
        ? byDevice.giveBack(device, reservation)
        : byAccount.giveBack(account, reservation),
  }
}

/** Whoever is led on to a second factor holds it as well. */
function withCookie(outcome: Outcome<PasswordSignIn>, cookie: string): Outcome<PasswordSignIn> {
  if (outcome.ok) return { ...outcome, setCookie: [...outcome.setCookie, cookie] }
  const { next } = outcome
  return { ...outcome, next: next && { ...next, setCookie: [...next.setCookie, cookie] } }
}

/** What an entry is signed for: this account in this realm, until its end, and only while its password is the same one. */
function textOf(realm: string, account: string, stored: Credential | undefined): (entry: string) => string {
  return (entry) => JSON.stringify([realm, account, stored?.changedAt ?? null, entry])
}

function isFor(secrets: SecretRing, about: (entry: string) => string, held: string): boolean {
  const at = held.lastIndexOf(".")
  return isDigestOf(secrets, "known-device", about(held.slice(0, at)), held.slice(at + 1))
}

function entriesIn(value: string | undefined): readonly string[] {
  return (value ?? "").split("~", mostAccounts).filter((entry) => entryText.test(entry))
}

function endOf(entry: string): number {
  return Number.parseInt(entry.split(".")[1] ?? "", 36)
}

export type { KnownDevices } from "./password.js"
