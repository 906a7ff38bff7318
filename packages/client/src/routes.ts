/** Every route that can be called: its path below the base path, and its method where that is not POST. */
export const routes = {
  logout: "logout",
  sessions: "sessions GET",
  endSession: "sessions/:id DELETE",
  endSessions: "sessions/end",
  register: "register",
  login: "login",
  changePassword: "password/change",
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
