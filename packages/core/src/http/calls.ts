import type { ConsentState } from "../flows/account/consents.js"
import type { AccountExport } from "../flows/account/export.js"
import type { ChallengeView, FactorView } from "../flows/mfa/mfa.js"
import type { IdentityView } from "../flows/oauth/identities.js"
import type { CreationOptions, RequestOptions } from "../flows/passkey/options.js"
import type { PasskeyUse, PasskeyView } from "../flows/passkey/stored-passkey.js"
import type { NameField } from "../flows/password/account-names.js"
import type { EmailAndPassword, NameAndPassword } from "../flows/password/password.js"
import type { SessionView } from "../sessions/session.js"
import type { Json } from "../stores/ports.js"

/*
 * What a script sends to a route and gets from it, for `@mortise/client`. Types only: a flow says here what its routes are, by their names,
 * and `typeof auth` carries it to the browser's side. A test calls each over HTTP.
 */

/** One route as a client calls it. */
export interface RouteCall<Input extends readonly unknown[] = [], Grants extends object = object> {
  /** The arguments: first the parameter of the path, where it has one, then the fields of the body. */
  readonly input: Input
  /** What is in the answer's JSON. */
  readonly grants: Grants
}

/** Stands for `{ user, session }` among the grants, whose claims only the host's `Auth` knows. */
export interface OpensSession {
  readonly opens: "session"
}

/** Stands for `{ user, session }`, or neither where nobody is signed in yet. */
export interface MayOpenSession {
  readonly opens: "session" | "nothing"
}

/** The routes that every realm has, apart from those that the client's store asks by itself. */
export interface SessionCalls {
  readonly logout: RouteCall
  readonly sessions: RouteCall<
    [],
    { readonly sessions: readonly (SessionView & { readonly current: boolean })[] }
  >
  readonly endSession: RouteCall<[id: string]>
  readonly endSessions: RouteCall<
    [which: { readonly session: "others" | "all" | (string & {}) }],
    { readonly ended: number }
  >
}

/** The routes of `password()`. `Field` is what users sign in by: `email`, or `username`. */
export interface PasswordCalls<Field extends NameField = "email"> {
  readonly register: RouteCall<[account: EmailAndPassword], MayOpenSession>
  readonly login: RouteCall<[account: NameAndPassword<Field>], OpensSession>
  readonly changePassword: RouteCall<
    [passwords: { readonly currentPassword: string; readonly newPassword: string }],
    OpensSession
  >
}

/** The routes that `password({ reset: resetByMail({ … }) })` adds. */
export interface PasswordResetCalls {
  readonly passwordForgot: RouteCall<[account: { readonly email: string }]>
  readonly passwordResetCheck: RouteCall<[], { readonly email: string; readonly expiresAt: number }>
  readonly passwordReset: RouteCall<
    [choice: { readonly password: string; readonly token?: string | undefined }]
  >
}

/** Where a browser is to go on. */
interface Departure {
  /** The provider's address: `location.assign(url)`. */
  readonly url: string
}

interface ReturnTo {
  /** A path of the host's own, to come back to. */
  readonly returnTo?: string | undefined
}

/** The routes of `oauth()`. */
export interface OAuthCalls {
  readonly oauthStart: RouteCall<[provider: string, wish?: ReturnTo], Departure>
  readonly oauthStartLink: RouteCall<[provider: string, wish?: ReturnTo], Departure>
  readonly oauthPending: RouteCall<
    [],
    {
      readonly pending: {
        readonly provider: string
        readonly label: string
        readonly email: string
        readonly claimable: boolean
      } | null
    }
  >
  readonly oauthConfirm: RouteCall
  readonly oauthClaim: RouteCall<[], OpensSession>
  readonly oauthCancel: RouteCall
  readonly oauthIdentities: RouteCall<
    [],
    { readonly identities: readonly (IdentityView & { readonly label: string })[] }
  >
  readonly oauthUnlink: RouteCall<[which: { readonly identity: string }], OpensSession>
}

/** The routes of `magicLink()`. `L` are the host's languages, `M` what of its own travels in a link. */
export interface MagicLinkCalls<L extends string = string, M = undefined> {
  readonly magicLink: RouteCall<[wish: MagicLinkWish<L, M>]>
  readonly magicLinkConfirm: RouteCall<
    [link: { readonly token: string; readonly claim?: boolean | undefined }],
    OpensSession & { readonly locale: L }
  >
  readonly magicLinkCode: RouteCall<
    [code: { readonly code: string; readonly claim?: boolean | undefined }],
    OpensSession & { readonly locale: L }
  >
}

/** What is asked for, and whatever the host's `metadata` reads of the body. */
type MagicLinkWish<L extends string, M> = ReturnTo & {
  readonly email: string
  readonly locale?: L | undefined
} & ([M] extends [undefined] ? unknown : { readonly [field: string]: Json | undefined })

/** Which second factor. */
interface WhichFactor {
  readonly factor: "totp" | "passkey" | "phone" | "email" | "recovery_code"
  /** For clients that keep tokens themselves: what the sign-in has answered. Browsers hold it in a cookie. */
  readonly challenge?: string | undefined
}

/** A typed code, or what an authenticator has said. */
type FactorProof = { readonly code: string } | { readonly response: object }

/** The routes of `mfa()`. */
export interface MfaCalls {
  readonly mfa: RouteCall<
    [],
    {
      readonly challenge: ChallengeView | null
      readonly factors: readonly FactorView[]
      readonly recoveryCodes: number
    }
  >
  readonly mfaBegin: RouteCall<[which: WhichFactor]>
  readonly mfaVerify: RouteCall<
    [answer: WhichFactor & FactorProof & { readonly remember?: boolean | undefined }],
    OpensSession
  >
  readonly mfaStepUp: RouteCall<[], ChallengeView>
  readonly mfaEnrol: RouteCall<[which: WhichFactor & { readonly number?: string | undefined }]>
  readonly mfaConfirm: RouteCall<
    [proof: WhichFactor & FactorProof],
    OpensSession & { readonly recoveryCodes: readonly string[] | null }
  >
  readonly mfaRemove: RouteCall<[which: Pick<WhichFactor, "factor">], OpensSession>
  readonly mfaRecoveryCodes: RouteCall<[], { readonly codes: readonly string[] }>
}

/** The routes of `account()`. `Purpose` are the host's words for what it asks consent to. */
export interface AccountCalls<Purpose extends string = string> {
  readonly accountExport: RouteCall<[], AccountExport>
  readonly accountErase: RouteCall
  readonly consents: RouteCall<[], { readonly consents: readonly ConsentState[] }>
  readonly consentsGive: RouteCall<[answer: { readonly purpose: Purpose; readonly version: string }]>
  readonly consentsWithdraw: RouteCall<[which: { readonly purpose: string }]>
}

/** The routes of `passkeys()`. What an authenticator answers comes from `@mortise/client/passkey`, or from the host's own script. */
export interface PasskeyCalls {
  readonly passkeyRegisterOptions: RouteCall<
    [wish?: { readonly use?: PasskeyUse | undefined }],
    { readonly options: CreationOptions }
  >
  readonly passkeyRegister: RouteCall<
    [answer: { readonly response: object; readonly name?: string | undefined }],
    OpensSession & { readonly passkey: PasskeyView }
  >
  readonly passkeySignInOptions: RouteCall<[], { readonly options: RequestOptions }>
  readonly passkeySignIn: RouteCall<[answer: { readonly response: object }], OpensSession>
  readonly passkeys: RouteCall<[], { readonly passkeys: readonly PasskeyView[] }>
  readonly passkeyRename: RouteCall<[change: { readonly passkey: string; readonly name: string }]>
  readonly passkeyRemove: RouteCall<[which: { readonly passkey: string }], OpensSession>
}

/** What `passwordConfirm()` adds to those of `password()`. */
export interface PasswordConfirmCalls {
  readonly passwordConfirm: RouteCall<[typed: { readonly password: string }], OpensSession>
}

/** The routes of `emailAddress()`. */
export interface EmailCalls {
  readonly emailVerifyRequest: RouteCall<[], { readonly mailed: boolean }>
  readonly emailVerify: RouteCall<[link: { readonly token: string }], { readonly email: string }>
  readonly emailChange: RouteCall<[wish: { readonly email: string }]>
  readonly emailConfirm: RouteCall<[link: { readonly token: string }], OpensSession>
  readonly emailUndo: RouteCall<[link: { readonly token: string }], { readonly email: string }>
}

/** The routes of `deactivation()`. */
export interface DeactivationCalls {
  readonly accountDeactivate: RouteCall
  readonly accountReactivate: RouteCall<[link: { readonly token: string }], { readonly email: string }>
}
