import { createAuth, opaque, type Principal, type User } from "@mortise/core"
import { account } from "@mortise/core/account"
import { argon2id } from "@mortise/core/argon2"
import { deactivation } from "@mortise/core/deactivation"
import { emailAddress } from "@mortise/core/email"
import { knownDevices } from "@mortise/core/known-devices"
import { emailCode, mfa, recoveryCodes, smsCode, totp } from "@mortise/core/mfa"
import { passkeyFactor, passkeys } from "@mortise/core/passkey"
import { password } from "@mortise/core/password"
import { passwordConfirm } from "@mortise/core/password-confirm"
import { resetByMail } from "@mortise/core/password-reset"
import { refreshTokens } from "@mortise/core/refresh"
import type { Senders } from "./mailbox/senders.js"
import { linkPage } from "./pages/link-page.js"
import { problemPage } from "./pages/problem.js"
import { ownPart } from "./room/own-part.js"
import type { Settings } from "./settings.js"
import type { OpenStores } from "./stores.js"

/** What every session carries, so that no page has to ask for the user. */
export type ParlourClaims = {
  readonly email: string
  /** Whether the address is proven. */
  readonly verified: boolean
  readonly role: "guest" | "keeper"
}

/** Somebody who is signed in. */
export type Guest = Principal<ParlourClaims>

/** The realm of this application. */
export type ParlourAuth = ReturnType<typeof createParlourAuth>

/** What people may agree to, and the text that they are shown. */
export const consents = {
  newsletter: {
    version: "2026-11",
    text: "Write to me when there is something new at Parlour, at most once a month.",
  },
  statistics: { version: "2026-11", text: "Count my visits when you measure how Parlour is used." },
} as const

/** Who may come in, and how: everything that this application decides about authentication. */
export function createParlourAuth(settings: Settings, stores: OpenStores, senders: Senders) {
  const { keepers, origin, secret, trustedProxies } = settings
  const send = senders.mail
  const staleness = { acceptStaleness: stores.staleness }
  const security = "/security"

  /** The address alone proves nothing: anybody can type it. */
  function roleOf({ email, emailVerifiedAt }: User): "guest" | "keeper" {
    return emailVerifiedAt !== null && keepers.has(email) ? "keeper" : "guest"
  }

  return createAuth({
    origin,
    secret,
    stores: stores.auth,
    sessions: refreshTokens({
      beside: opaque({ idle: "24h", absolute: "30d", ...staleness }),
      access: "5m",
      ...staleness,
    }),
    flows: {
      // "immediate": whoever registers is in at once. It tells who asks which addresses have accounts; a house that minds writes "private".
      password: password({
        hasher: argon2id(),
        registration: "immediate",
        reset: resetByMail({ send }),
        confirm: passwordConfirm(),
        knownDevices: knownDevices(),
      }),
      passkeys: passkeys({
        rpName: "Parlour",
        send,
        securityKeys: true,
        pages: { passkeys: security },
      }),
      mfa: mfa({
        send,
        factors: [
          totp({ issuer: "Parlour" }),
          ...(senders.text ? [smsCode({ appName: "Parlour", send: senders.text })] : []),
          passkeyFactor(),
          emailCode(),
          recoveryCodes(),
        ],
        required: ({ email }) => keepers.has(email),
        pages: { challenge: "/second-factor", settings: security },
      }),
      email: emailAddress({ send, pages: { account: security }, page: linkPage }),
      deactivation: deactivation({ send, pages: { account: security }, page: linkPage }),
      account: account({
        send,
        consents,
        parts: { room: ownPart(stores.messages, stores.people, stores.channel) },
        pages: { account: "/privacy", erased: "/" },
      }),
    },
    claims: (user): ParlourClaims => ({
      email: user.email,
      verified: user.emailVerifiedAt !== null,
      role: roleOf(user),
    }),
    basePath: "/api/auth",
    pages: { home: "/room", account: security },
    problemPage: ({ status }) => problemPage(status),
    trustedProxies,
  })
}
