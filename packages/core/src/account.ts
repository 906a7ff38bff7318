import type { Awaitable } from "./awaitable.js"
import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import {
  type AccountPart,
  type AccountSettings,
  type AccountSlots,
  type AccountSteps,
  accountSteps,
  type ConsentPurpose,
} from "./flows/account/account.js"
import { withoutSecrets } from "./flows/account/without-secrets.js"
import { type AccountMailOptions, accountMailer } from "./flows/account-mailer.js"
import type { AccountCalls } from "./http/calls.js"
import { returnPath } from "./http/return-path.js"
import type { FlowDefinition, Site } from "./http/route.js"
import { accountReasons, accountRoutes } from "./http/routes/account-routes.js"
import type { Json, User } from "./stores/ports.js"

/** What a host decides about the data of its users. `Purpose` are its words for what it asks consent to, `U` its own users, `L` its languages. */
export interface AccountOptions<Purpose extends string, U extends User, L extends string>
  extends Partial<AccountMailOptions<L>> {
  /** What the host keeps of a user itself: how it is handed out, and how it is erased. */
  readonly parts?: { readonly [name: string]: AccountPart<U> }
  /** What users are asked to agree to: `{ newsletter: { version: "2026-11" } }`. Without it there are no routes for consents. */
  readonly consents?: { readonly [P in Purpose]: ConsentPurpose }
  /** How long ago a user may have signed in, or proven again who they are, to take their data or to end their account. Default `"10m"`. */
  readonly fresh?: Duration
  /** What of the host's own user is handed out. Default: every field, but those whose names say that they are secret. */
  readonly user?: (user: U) => Json
  /** Whether a user may end their own account now: a host asks here for an open order. Not `true` is `forbidden`. Default: they may. */
  readonly mayErase?: (user: U) => Awaitable<boolean>
  readonly pages?: {
    /** Where a user sees their data and consents; refused and granted forms lead there. Default: `account` of `createAuth`. */
    readonly account?: string
    /** Where they are when nothing of theirs is left. Default: `signedOut` of `createAuth`. */
    readonly erased?: string
  }
}

/** Consents are kept where there is something to agree to. */
type SlotsFor<Purpose extends string> = AccountSlots | ([Purpose] extends [never] ? never : "consents")

/**
 * Export, erasure and consents.
 * @throws ConfigError `ERR_CONFIG_ACCOUNT` for parts or consents that are none, `ERR_CONFIG_MAIL`, `ERR_CONFIG_DURATION`
 */
export function account<const Purpose extends string = never, U extends User = User, L extends string = "en">(
  options: AccountOptions<Purpose, U, L> = {},
): FlowDefinition<SlotsFor<Purpose>, AccountSteps<Purpose>, AccountCalls<Purpose>> {
  const settings = settingsOf(options as unknown as AccountOptions<string, never, string>)
  const mailer = options.send && accountMailer("account", { ...options, send: options.send })
  const consents = settings.consents.size > 0
  const slots: readonly AccountSlots[] = ["users", "credentials", "challenges"]
  return {
    needs: (consents ? [...slots, "consents"] : slots) as readonly SlotsFor<Purpose>[],
    build(kit, site) {
      const steps = accountSteps(kit, settings, mailer?.(kit))
      const { account: accountPage = site.pages.account, erased = site.pages.signedOut } = options.pages ?? {}
      const routes = accountRoutes({
        ...{ steps, consents },
        accountPage: pathOf("account", accountPage, site),
        erasedPage: pathOf("erased", erased, site),
      })
      return { steps, routes, reasons: accountReasons, opens: () => false }
    },
  }
}

function settingsOf({
  consents = {},
  fresh = "10m",
  mayErase = () => true,
  parts = {},
  user = withoutSecrets,
}: AccountOptions<string, never, string>): AccountSettings {
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part?.export === "function" && typeof part.erase === "function") continue
    throw wrong(`parts.${name}`, part, "{ export(user) { … }, erase(user) { … } }")
  }
  for (const [name, value] of Object.entries({ mayErase, user })) {
    if (typeof value !== "function") throw wrong(name, value, "a function")
  }
  for (const [purpose, { alsoCounts = [], version }] of Object.entries<Partial<ConsentPurpose>>(consents)) {
    if (!isWord(purpose)) throw wrong("consents", purpose, "a word of at most 64 letters, as newsletter")
    const versions = Array.isArray(alsoCounts) ? [version, ...alsoCounts] : [undefined]
    if (!versions.every(isWord)) throw wrong(`consents.${purpose}.version`, version, '"2026-11"')
  }
  return {
    fresh: seconds(fresh, "account.fresh"),
    parts: new Map(Object.entries(parts)) as AccountSettings["parts"],
    consents: new Map(Object.entries(consents)),
    userJson: user,
    mayErase,
  }
}

function isWord(text: unknown): text is string {
  return typeof text === "string" && /^[\w.:-]{1,64}$/.test(text)
}

function pathOf(name: string, page: string, { origin }: Site): `/${string}` {
  if (page === returnPath(page, origin) && !page.includes("#")) return page as `/${string}`
  throw misconfigured("ERR_CONFIG_PATH", `account.pages.${name}`, page, 'a path, as "/account"')
}

function wrong(option: string, value: unknown, write: string): Error {
  return misconfigured("ERR_CONFIG_ACCOUNT", `account: ${option}`, value, write)
}

export type {
  AccountPart,
  AccountSlots,
  AccountSteps,
  ConsentPurpose,
} from "./flows/account/account.js"
export type { ConsentAnswer, ConsentState } from "./flows/account/consents.js"
export type { ExportedCredential } from "./flows/account/described-credential.js"
export type { AccountExport } from "./flows/account/export.js"
export type { AccountCalls } from "./http/calls.js"
export type { AccountMail, AccountNotice, SendAccountMail } from "./mail/account-mail.js"
