import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import { type AccountMailOptions, accountMailer } from "./flows/account-mailer.js"
import type { Factor, FactorDefinition } from "./flows/factor.js"
import { ask } from "./flows/mfa/ask.js"
import {
  enrolledBy,
  lossOf,
  type MfaSettings,
  type MfaSlots,
  type MfaSteps,
  mfaParts,
  mfaSteps,
} from "./flows/mfa/mfa.js"
import type { RecoveryCodes } from "./flows/mfa/recovery-codes.js"
import type { MfaCalls } from "./http/calls.js"
import { sessionCookie } from "./http/cookies.js"
import { returnPath } from "./http/return-path.js"
import type { FlowDefinition, Site } from "./http/route.js"
import { challengeHolder, mfaReasons, mfaRoutes } from "./http/routes/mfa-routes.js"
import type { User } from "./stores/ports.js"

/** One factor at least. */
type Factors = readonly [FactorDefinition, ...FactorDefinition[]]

/** What a host decides about second factors. `L` are its languages. */
export interface MfaOptions<L extends string, D extends Factors = Factors> extends AccountMailOptions<L> {
  /** What counts: `totp({ … })`, `emailCode()`, `smsCode({ … })`, `passkeyFactor({ … })`, `recoveryCodes()`. In the order in which they are offered. */
  readonly factors: D
  /**
   * Who must have one. Default: nobody; whoever has one is asked for it. `true`: everybody; or by user (`(user) => user.isAdmin`). A user who must
   * have one and has none enrols it while they sign in.
   */
  readonly required?: boolean | ((user: User) => boolean | Promise<boolean>)
  /** How long a sign-in waits for its second factor, at most an hour. Default `"10m"`. */
  readonly lifetime?: Duration
  /** How long a browser is not asked again whose user wants that; `false` for never. Default `"30d"`. */
  readonly remember?: Duration | false
  /** How long ago somebody may have proven who they are, to change their factors. Default `"10m"`. */
  readonly fresh?: Duration
  readonly pages?: {
    /** Asks for the second factor. Default `/second-factor`. */
    readonly challenge?: string
    /** Where users see and change their factors. Default `/security`. */
    readonly settings?: string
  }
}

/** The flow as a host calls it: its steps, and what a page that calls them needs of HTTP. */
export interface MfaFlow extends MfaSteps {
  /** The token of what this browser is asked for, out of a `Cookie` header: for a page that shows it by `challenge({ challenge })`. */
  challengeOf(cookieHeader: string | null | undefined): string | undefined
}

/**
 * Second factors: asked after every way in, whatever the flow, before any session is opened. What the first factor leaves behind opens nothing.
 * Tries are counted per user over all factors.
 * @throws ConfigError here or from `createAuth`: no factor, one twice, none that asks for more, pages that are no paths, no sender
 */
export function mfa<const D extends Factors, const L extends string = "en">(
  options: MfaOptions<L, D>,
): FlowDefinition<MfaSlots | D[number]["needs"][number], MfaFlow, MfaCalls> {
  const { factors, fresh = "10m", lifetime = "10m", remember = "30d", required = false } = options
  if (!Array.isArray(factors) || factors.length === 0)
    throw wrong("factors", factors, "[totp({ … }), recoveryCodes()]")
  const mailer = accountMailer("mfa", options)
  const lifetimeMs = seconds(lifetime, "mfa.lifetime") * 1000
  if (lifetimeMs > 3_600_000) throw wrong("lifetime", lifetime, '"10m", at most "1h"')
  const decided = {
    required: typeof required === "function" ? required : () => required,
    lifetimeMs,
    rememberMs: remember === false ? 0 : seconds(remember, "mfa.remember") * 1000,
    fresh: seconds(fresh, "mfa.fresh"),
  }
  const own: readonly (MfaSlots | D[number]["needs"][number])[] = [
    "users",
    "credentials",
    "challenges",
    "rateLimits",
  ]

  return {
    needs: [...own, ...(factors as readonly D[number][]).flatMap(({ needs }) => needs)],
    build(kit, site) {
      refuseSecond(kit)
      const pages = pagesOf(options, site)
      const settings: MfaSettings = { ...decided, page: pages.challenge }
      const mailTo = mailer(kit)
      const built = factors.map((factor) => factor.build(kit, { origin: site.origin, mailTo }))
      refuseWrongFactors(built)
      const parts = mfaParts(kit, settings, built, built.find(isRecovery), mailTo)
      const steps = mfaSteps(parts)
      const prefix = `__Host-${kit.realm === "default" ? "" : `${kit.realm}-`}mfa`
      const challenge = sessionCookie({ name: prefix }, kit.realm)
      const device = sessionCookie({ name: `${prefix}-device` }, kit.realm)
      const holder = challengeHolder({ challenge, device, page: pages.challenge, lifetimeMs })
      return {
        steps: { ...steps, challengeOf: challenge.read },
        routes: mfaRoutes({ steps, challenge, device, holder, pages, rememberMs: decided.rememberMs }),
        reasons: mfaReasons,
        opens: () => false,
        cookies: [challenge],
        secondFactor: {
          kinds: [...parts.factors.keys()].sort(),
          ask: (...asked) => ask(parts, holder, ...asked),
          async isHeldBy(userId) {
            const user = await kit.stores.users.find(userId)
            const held = user ? await kit.stores.credentials.listByUser(userId) : []
            return user !== undefined && enrolledBy(parts, user, held).length > 0
          },
          loss: (...asked) => lossOf(parts, ...asked),
          async forgetAll(userId) {
            await parts.recovery?.removeAll(userId)
          },
        },
      }
    },
  }
}

const asked = new WeakSet<object>()

/** A realm has one door, and that asks once. */
function refuseSecond(kit: object): void {
  if (asked.has(kit)) throw misconfigured("ERR_CONFIG_MFA", "flows", "two of mfa()", "one, with all factors")
  asked.add(kit)
}

function isRecovery(factor: Factor): factor is RecoveryCodes {
  return factor.kind === "recovery_code"
}

/** Recovery codes and mail stand in for others: alone they would never be asked for. */
function refuseWrongFactors(factors: readonly Factor[]): void {
  const kinds = factors.map(({ kind }) => kind)
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index)
  if (twice) throw wrong("factors", twice, `${twice} once`)
  if (!factors.some(({ asksForMore }) => asksForMore)) {
    throw wrong("factors", kinds.join(", "), "totp({ … }) beside them, or passkeyFactor({ … })")
  }
}

function pagesOf<L extends string>(
  { pages = {} }: MfaOptions<L>,
  { origin }: Site,
): Record<"challenge" | "settings", `/${string}`> {
  const { challenge = "/second-factor", settings = "/security" } = pages
  for (const [name, page] of Object.entries({ challenge, settings })) {
    if (page && page === returnPath(page, origin) && !page.includes("#")) continue
    throw misconfigured("ERR_CONFIG_PATH", `mfa.pages.${name}`, page, 'a path, as "/second-factor"')
  }
  return { challenge, settings } as Record<"challenge" | "settings", `/${string}`>
}

function wrong(option: string, value: unknown, write: string): Error {
  return misconfigured("ERR_CONFIG_MFA", `mfa: ${option}`, value, write)
}

export type { AccountMailOptions } from "./flows/account-mailer.js"
export type {
  Factor,
  FactorAnswer,
  FactorAttempt,
  FactorDefinition,
  FactorEnrolment,
  FactorPrompt,
  FactorRealm,
  FactorVerdict,
} from "./flows/factor.js"
export { emailCode } from "./flows/mfa/emailed-code.js"
export type {
  ChallengeInput,
  ChallengeView,
  EnrolInput,
  Enrolled,
  FactorInput,
  FactorView,
  MfaSlots,
  MfaSteps,
  Passed,
  ProofInput,
  VerifyInput,
} from "./flows/mfa/mfa.js"
export { recoveryCodes } from "./flows/mfa/recovery-codes.js"
export { type SmsCode, type SmsCodeOptions, smsCode } from "./flows/mfa/sms-code.js"
export { type TotpOptions, totp } from "./flows/mfa/totp.js"
export type { MfaCalls } from "./http/calls.js"
