import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import { type AccountMailOptions, accountMailer } from "./flows/account-mailer.js"
import type { FactorDefinition } from "./flows/factor.js"
import { type PasskeyFactorSlots, passkeyAsFactor } from "./flows/passkey/factor.js"
import { type PasskeySlots, type PasskeySteps, passkeySteps, signsIn } from "./flows/passkey/passkey.js"
import { challengeMs, type RelyingParty, type UserVerification } from "./flows/passkey/relying-party.js"
import type { PasskeyCalls } from "./http/calls.js"
import { sessionCookie } from "./http/cookies.js"
import { ownOrigin } from "./http/origin-check.js"
import { ownPages } from "./http/own-pages.js"
import type { FlowDefinition } from "./http/route.js"
import { passkeyReasons, passkeyRoutes } from "./http/routes/passkey-routes.js"
import { type RateOption, rateOf } from "./limits/rate-option.js"
import { parseUrl } from "./parse-url.js"
import type { User } from "./stores/ports.js"

/** Who asks authenticators. Once passkeys were registered, another `rpId` finds none of them. */
export interface RelyingPartyOptions {
  /** The host name that passkeys are made for. Default: the origin's; a name above it takes in its siblings, `example.com` for `app.example.com`. */
  readonly rpId?: string
  /** Where answers may come from. Default: the origin alone. An app of the host's own is `android:apk-key-hash:…`. */
  readonly origins?: readonly string[]
}

/** What a host decides about passkeys. */
export interface PasskeyOptions<L extends string = "en">
  extends RelyingPartyOptions,
    Partial<AccountMailOptions<L>> {
  /** The host's name, as people read it when they make a passkey. */
  readonly rpName: string
  /** What people read when they choose an account. Default: the e-mail address. */
  readonly userName?: (user: User) => string
  /**
   * Whether the authenticator must make sure of its user: `"required"` (default), or `"preferred"`, by which whoever finds a key without a PIN
   * gets in.
   */
  readonly userVerification?: UserVerification
  /** Whether keys may be registered that are a second factor alone (`use: "second_factor"`), a PIN or none. Default false; needs `passkeyFactor()` in `mfa()`. */
  readonly securityKeys?: boolean
  /** How recent a sign-in must be to add and remove. Default `"10m"`. */
  readonly fresh?: Duration
  readonly limits?: {
    /** Challenges per client address; each opening of a sign-in page with autofill takes one. Default 200 in ten minutes. */
    readonly options?: RateOption
    /** Answers per client address. Default 50 in ten minutes. */
    readonly attempts?: RateOption
  }
  readonly pages?: {
    /** Where the user sees their passkeys, a path. Default: the page `account` of `createAuth`. */
    readonly passkeys?: string
  }
}

/** What a host decides about passkeys as a second factor. `rpId` and `origins` must be those of `passkeys()`. */
export interface PasskeyFactorOptions extends RelyingPartyOptions {
  /** Default `"preferred"`: a key without a PIN is a second factor, too. */
  readonly userVerification?: UserVerification
}

/**
 * Sign-in by passkey (WebAuthn Level 3): no name, no password; the browser offers what it has, also as autofill. The passkey's origin cannot be
 * phished, and its counterfeit is of no use: what is stored is a public key. No attestation is asked.
 * @throws ConfigError here or from `createAuth`: a name that is missing, an `rpId` that is not the origin's, pages that are no paths
 */
export function passkeys<const L extends string = "en">(
  options: PasskeyOptions<L>,
): FlowDefinition<PasskeySlots, PasskeySteps, PasskeyCalls> {
  const { limits = {}, rpName, securityKeys = false, send, userName = ({ email }) => email } = options
  refuseWrongOptions(options)
  const userVerification = checkedVerification("passkeys", options.userVerification ?? "required")
  const decided = {
    rpName,
    userName,
    userVerification,
    securityKeys,
    fresh: seconds(options.fresh ?? "10m", "passkeys.fresh"),
    rates: {
      options: rateOf("passkeys: limits.options", limits.options ?? { limit: 200, window: "10m" }),
      attempts: rateOf("passkeys: limits.attempts", limits.attempts ?? { limit: 50, window: "10m" }),
    },
  }
  const mailer = send && accountMailer("passkeys", { ...options, send })
  return {
    needs: ["users", "credentials", "challenges", "rateLimits"],
    build(kit, site) {
      const settings = { ...decided, rp: relyingParty("passkeys", options, site.origin) }
      const steps = passkeySteps(kit, settings, mailer?.(kit))
      const name = `__Host-${kit.realm === "default" ? "" : `${kit.realm}-`}passkey`
      if (site.cookie.name === name)
        throw misconfigured("ERR_CONFIG_COOKIE", "cookie.name", name, "another name")
      const cookie = sessionCookie({ name, sameSite: "Strict" }, kit.realm)
      const { passkeys: page } = ownPages(
        "passkeys",
        { passkeys: options.pages?.passkeys ?? site.pages.account },
        site.origin,
      )
      return {
        steps,
        routes: passkeyRoutes({ steps, cookie, lifetime: challengeMs / 1000, page }),
        reasons: passkeyReasons,
        opens: (credential) => signsIn(credential, settings),
        cookies: [cookie],
      }
    },
  }
}

/**
 * The passkeys and security keys that users register through `passkeys()`, as a second factor: `mfa({ factors: [passkeyFactor(), recoveryCodes()] })`.
 * @throws ConfigError from `createAuth`, for an `rpId` that is not the origin's
 */
export function passkeyFactor(options: PasskeyFactorOptions = {}): FactorDefinition<PasskeyFactorSlots> {
  const userVerification = checkedVerification("passkeyFactor", options.userVerification ?? "preferred")
  return {
    needs: ["credentials", "challenges"],
    build: (kit, { origin }) =>
      passkeyAsFactor(kit, { rp: relyingParty("passkeyFactor", options, origin), userVerification }),
  }
}

/** What a host without a type checker, or an environment, may have got wrong. */
function refuseWrongOptions(
  options: {
    readonly [Name in keyof PasskeyOptions]?: unknown
  },
): void {
  const { rpName, securityKeys = false, userName } = options
  if (typeof rpName !== "string" || rpName.trim() === "") throw wrong("passkeys: rpName", rpName, '"Example"')
  if (typeof securityKeys !== "boolean") throw wrong("passkeys: securityKeys", securityKeys, "true or false")
  if (userName !== undefined && typeof userName !== "function") {
    throw wrong("passkeys: userName", undefined, "(user) => user.email")
  }
}

function checkedVerification(who: string, given: UserVerification): UserVerification {
  if (given === "required" || given === "preferred") return given
  throw wrong(`${who}: userVerification`, given, '"required" or "preferred"')
}

/** A browser makes no passkey for any other name, and an authenticator's answer names the origin (WebAuthn §5.1.3 step 8, §13.4.9). */
function relyingParty(who: string, { origins, rpId }: RelyingPartyOptions, origin: string): RelyingParty {
  const host = parseUrl(origin)?.hostname ?? ""
  const id = rpId ?? host
  const isName = /^(?:[a-z\d-]+\.)+[a-z][a-z\d-]*$|^localhost$/.test(id)
  if (!isName || !`.${host}`.endsWith(`.${id}`))
    throw wrong(`${who}: rpId`, id, `"${host}", a name, or one above it`)
  if (origins !== undefined && !(Array.isArray(origins) && origins.length > 0)) {
    throw wrong(`${who}: origins`, origins, `["${origin}"]`)
  }
  const isApp = (one: unknown): one is string =>
    typeof one === "string" && /^android:apk-key-hash:[\w-]{43}$/.test(one)
  const all = (origins ?? [origin]).map((one) => (isApp(one) ? one : ownOrigin(one, `${who}: origins`)))
  return { id, origins: all }
}

function wrong(option: string, value: unknown, write: string): Error {
  return misconfigured("ERR_CONFIG_PASSKEY", option, value, write)
}

export type { AccountMailOptions } from "./flows/account-mailer.js"
export type { FactorDefinition } from "./flows/factor.js"
export type { PasskeyFactorSlots } from "./flows/passkey/factor.js"
export type { CreationOptions, CredentialDescriptor, RequestOptions } from "./flows/passkey/options.js"
export type {
  PasskeyRegistration,
  PasskeySlots,
  PasskeySteps,
  RegisterInput,
  SignInInput,
} from "./flows/passkey/passkey.js"
export type { UserVerification } from "./flows/passkey/relying-party.js"
export type { PasskeyUse, PasskeyView } from "./flows/passkey/stored-passkey.js"
export type { PasskeyCalls } from "./http/calls.js"
export type { RateOption } from "./limits/rate-option.js"
