/** Every route that can be called: its path below the base path, and its method where that is not POST. */
export const routes = {
  logout: "logout",
  sessions: "sessions GET",
  endSession: "sessions/:id DELETE",
  endSessions: "sessions/end",
  register: "register",
  login: "login",
  changePassword: "password/change",
  passwordForgot: "password/forgot",
  passwordResetCheck: "password/reset/check GET",
  passwordReset: "password/reset",
  passwordConfirm: "password/confirm",
  oauthStart: "oauth/:provider",
  oauthStartLink: "oauth/:provider/link",
  oauthPending: "oauth/pending GET",
  oauthConfirm: "oauth/confirm",
  oauthClaim: "oauth/claim",
  oauthCancel: "oauth/cancel",
  oauthIdentities: "oauth/identities GET",
  oauthUnlink: "oauth/unlink",
  magicLink: "magic-link",
  magicLinkConfirm: "magic-link/confirm",
  magicLinkCode: "magic-link/code",
  emailVerifyRequest: "email/verify/request",
  emailVerify: "email/verify",
  emailChange: "email/change",
  emailConfirm: "email/confirm",
  emailUndo: "email/undo",
  accountDeactivate: "account/deactivate",
  accountReactivate: "account/reactivate",
  mfa: "mfa GET",
  mfaBegin: "mfa/begin",
  mfaVerify: "mfa/verify",
  mfaStepUp: "mfa/step-up",
  mfaEnrol: "mfa/enrol",
  mfaConfirm: "mfa/enrol/confirm",
  mfaRemove: "mfa/remove",
  mfaRecoveryCodes: "mfa/recovery-codes",
  accountExport: "account/export GET",
  accountErase: "account DELETE",
  consents: "consents GET",
  consentsGive: "consents",
  consentsWithdraw: "consents/withdraw",
  passkeyRegisterOptions: "passkey/register/options",
  passkeyRegister: "passkey/register",
  passkeySignInOptions: "passkey/sign-in/options",
  passkeySignIn: "passkey/sign-in",
  passkeys: "passkeys GET",
  passkeyRename: "passkeys/rename",
  passkeyRemove: "passkeys/remove",
} as const

/** The routes that can be called, by name. */
export type CallName = keyof typeof routes

/** Names of fields as a body has them, where a script has others. */
const fields: Readonly<Record<string, string>> = {
  currentPassword: "current_password",
  newPassword: "new_password",
  returnTo: "return_to",
}

/** A call's fields as the body has them. */
export function bodyOf(input: object | undefined): object {
  return Object.fromEntries(Object.entries(input ?? {}).map(([name, value]) => [fields[name] ?? name, value]))
}
