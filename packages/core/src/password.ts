import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import type { FlowKit, Opens } from "./flows/flow.js"
import { type AccountNames, byEmail, type NameField } from "./flows/password/account-names.js"
import type { ConfirmSteps } from "./flows/password/confirm.js"
import type { TriesOfDevice } from "./flows/password/device-tries.js"
import type { InTurn } from "./flows/password/in-turn.js"
import {
  type PasswordParts,
  type PasswordSettings,
  type PasswordSlots,
  type PasswordSteps,
  passwordParts,
  passwordSteps,
} from "./flows/password/password.js"
import { type PasswordPolicyOptions, passwordPolicy } from "./flows/password/policy.js"
import type { ResetFlow, ResetSlots } from "./flows/password/reset.js"
import { isVerified } from "./flows/verified.js"
import type { PasswordHasher, PasswordVerifier } from "./hashing/hasher.js"
import type { PasswordCalls, PasswordConfirmCalls, PasswordResetCalls } from "./http/calls.js"
import type { Reasons } from "./http/problem.js"
import type { BuiltFlow, FlowDefinition, Site } from "./http/route.js"
import { passwordReasons, passwordRoutes } from "./http/routes/password-routes.js"
import type { BackOffCurve } from "./limits/back-off.js"
import type { SlotName } from "./stores/ports.js"

/** How failures of one account, or of one address, slow down. */
export interface BackOffOptions {
  /** Failures that cost nothing. Default 4 for an account, 50 for an address (a whole office may share one). */
  readonly free?: number
  /** Wait after the first failure beyond; doubles with each further one. Default `"30s"`. */
  readonly first?: Duration
  /** Longest wait. Default `"15m"`. */
  readonly most?: Duration
  /** Failures are forgotten this long after the last one. Default `"1h"`. */
  readonly forgetAfter?: Duration
}

/** By what accounts are named at sign-in besides their e-mail addresses; made by `byUsername()`. */
export interface SignInNames<Field extends NameField> extends AccountNames<Field> {
  /** What a refused visitor reads. */
  readonly reasons: Reasons
}

/** Steps and routes that a host adds to the flow's own. `Steps` is never there but in the type. */
interface AddedToPassword<Slots extends SlotName, Steps extends object> {
  readonly needs: readonly Slots[]
  readonly steps?: Steps
  /** Answers the flow with them. @throws ConfigError */
  addTo(
    flow: BuiltFlow<object>,
    kit: FlowKit<PasswordSlots | Slots>,
    parts: PasswordParts,
    site: Site,
  ): BuiltFlow<object>
}

/** How a forgotten password is replaced; made by `resetByMail()`. */
export interface PasswordReset extends AddedToPassword<ResetSlots, ResetFlow> {
  /** Keeps a change of password and the use of a link apart. */
  inTurn(kit: FlowKit<PasswordSlots | ResetSlots>): InTurn
}

/** How somebody who is signed in proves again who they are; made by `passwordConfirm()`. */
export interface PasswordConfirm extends AddedToPassword<never, ConfirmSteps> {}

/** Tells devices apart that have signed in before; made by `knownDevices()`. */
export interface KnownDevices {
  /** @throws ConfigError `ERR_CONFIG_COOKIE` */
  build(
    kit: FlowKit<PasswordSlots>,
    parts: Pick<PasswordParts, "byAccount" | "rateLimits">,
    site: Site,
  ): TriesOfDevice
}

/** The flow, with what `reset` and `confirm` add where a host gives them. */
type PasswordFlow<Field extends NameField, Reset, Confirm> = FlowDefinition<
  PasswordSlots | (Reset extends PasswordReset ? ResetSlots : never),
  PasswordSteps<Field> &
    (Reset extends PasswordReset ? ResetFlow : unknown) &
    (Confirm extends PasswordConfirm ? ConfirmSteps : unknown),
  PasswordCalls<Field> &
    (Reset extends PasswordReset ? PasswordResetCalls : unknown) &
    (Confirm extends PasswordConfirm ? PasswordConfirmCalls : unknown)
>

/** What a host decides about passwords. */
export interface PasswordOptions<
  Field extends NameField = "email",
  Reset extends PasswordReset | undefined = PasswordReset | undefined,
  Confirm extends PasswordConfirm | undefined = PasswordConfirm | undefined,
> {
  /** Makes new hashes: `argon2id()`, or `scrypt()` where argon2 cannot run. */
  readonly hasher: PasswordHasher
  /** `byUsername()` of `@mortise/core/username`: users sign in by the names that they have in the host's own table, or by their e-mail address. */
  readonly username?: SignInNames<Field>
  /** Reads what another system left behind; such a hash is replaced at the next successful login. */
  readonly verifiers?: readonly PasswordVerifier[]
  readonly policy?: PasswordPolicyOptions
  /** `resetByMail()` of `@mortise/core/password-reset`: whoever forgot the password chooses another one by a link in a mail. */
  readonly reset?: Reset
  /** `passwordConfirm()` of `@mortise/core/password-confirm`: whoever is signed in proves with their password that it is still they. */
  readonly confirm?: Confirm
  /** `knownDevices()` of `@mortise/core/known-devices`: whoever locks an account by guessing does not lock out the devices of its owner. */
  readonly knownDevices?: KnownDevices
  /**
   * `"private"` (default): the answer does not tell whether the address was free, and the new user signs in next. `"immediate"`: signs in at
   * once, and tells everyone who asks which addresses have accounts. `"closed"`: nobody can register.
   */
  readonly registration?: "private" | "immediate" | "closed"
  /**
   * Whether a password opens only accounts whose e-mail address was verified. Others are refused as if the password were wrong. Says nothing of
   * other flows: a provider's users get in all the same. Default false; not with `registration: "immediate"`.
   */
  readonly requireVerifiedEmail?: boolean
  readonly limits?: {
    readonly account?: BackOffOptions
    readonly address?: BackOffOptions
    /** Registrations per address. Default 20 in an hour. */
    readonly registrations?: { readonly limit: number; readonly window: Duration }
  }
}

/**
 * Sign-up, sign-in and change of password.
 * @throws ConfigError for a missing hasher or limits out of bounds
 */
export function password<
  Field extends NameField = "email",
  Reset extends PasswordReset | undefined = undefined,
  Confirm extends PasswordConfirm | undefined = undefined,
>(options: PasswordOptions<Field, Reset, Confirm>): PasswordFlow<Field, Reset, Confirm>
export function password(options: PasswordOptions<NameField>): FlowDefinition<PasswordSlots | ResetSlots> {
  const settings = settingsOf(options)
  const { confirm, knownDevices, reset } = options
  const added = [reset ?? [], confirm ?? []].flat()
  const opens: Opens = ({ kind, secret }, user) =>
    kind === "password" && secret !== "" && (!settings.requireVerifiedEmail || isVerified(user))
  return {
    needs: ["users", "credentials", "rateLimits", ...added.flatMap((one) => one.needs)],
    build(kit, site) {
      const shared = passwordParts(kit, settings)
      const steps = passwordSteps({
        ...shared,
        devices: knownDevices?.build(kit, shared, site),
        inTurn: reset?.inTurn(kit),
      })
      const { field, reasons = passwordReasons } = settings
      const own = { steps, routes: passwordRoutes(steps, field), reasons, opens }
      return added.reduce<BuiltFlow<object>>((flow, one) => one.addTo(flow, kit, shared, site), own)
    },
  }
}

function settingsOf(options: PasswordOptions<NameField>): PasswordSettings & Partial<SignInNames<NameField>> {
  if (typeof options?.hasher?.hash !== "function") {
    throw misconfigured(
      "ERR_CONFIG_HASHER",
      "hasher",
      options?.hasher,
      'argon2id(), from "@mortise/core/argon2"',
    )
  }
  const {
    hasher,
    limits = {},
    policy,
    registration = "private",
    requireVerifiedEmail = false,
    username = byEmail,
    verifiers = [],
  } = options
  // Whoever is signed in at once has verified nothing.
  const known = requireVerifiedEmail ? ["private", "closed"] : ["private", "immediate", "closed"]
  if (!known.includes(registration)) {
    throw misconfigured("ERR_CONFIG_POLICY", "registration", registration, `one of ${known.join(", ")}`)
  }
  const { account, address, registrations: { limit = 20, window = "1h" } = {} } = limits
  return {
    hasher,
    // How accounts are named, with the words of a refusal where those are not of e-mail addresses.
    ...username,
    verifiers,
    policy: passwordPolicy(policy),
    registration,
    requireVerifiedEmail,
    limits: {
      account: curveOf("account", 4, account),
      address: curveOf("address", 50, address),
      registrations: {
        limit: count("registrations.limit", limit),
        window: seconds(window, "limits.registrations.window"),
      },
    },
  }
}

function curveOf(
  name: string,
  usual: number,
  { free = usual, first = "30s", most = "15m", forgetAfter = "1h" }: BackOffOptions = {},
): BackOffCurve {
  return {
    free: count(`${name}.free`, free),
    first: seconds(first, `limits.${name}.first`),
    most: seconds(most, `limits.${name}.most`),
    forgetAfter: seconds(forgetAfter, `limits.${name}.forgetAfter`),
  }
}

function count(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw misconfigured("ERR_CONFIG_LIMIT", `limits.${name}`, value, "0 or more")
}

export type { NameField, SoughtAccount } from "./flows/password/account-names.js"
export type {
  EmailAndPassword,
  NameAndPassword,
  PasswordSignIn,
  PasswordSlots,
  PasswordSteps,
} from "./flows/password/password.js"
export type { PasswordPolicyOptions } from "./flows/password/policy.js"
export type { PasswordHasher, PasswordVerifier } from "./hashing/hasher.js"
export type { PasswordCalls } from "./http/calls.js"
