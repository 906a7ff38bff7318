// Compiled against the tarballs, with declarations: what a host exports without writing its type must be
// nameable from outside our packages (TS2742), and our own declarations must hold without skipLibCheck.
import { createAuth, opaque } from "@mortise/core"
import { account } from "@mortise/core/account"
import { deactivation } from "@mortise/core/deactivation"
import { emailAddress } from "@mortise/core/email"
import { knownDevices } from "@mortise/core/known-devices"
import { magicLink } from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { emailCode, mfa, recoveryCodes, smsCode, totp } from "@mortise/core/mfa"
import { google, oauth } from "@mortise/core/oauth"
import { passkeyFactor, passkeys } from "@mortise/core/passkey"
import { password } from "@mortise/core/password"
import { passwordConfirm } from "@mortise/core/password-confirm"
import { resetByMail } from "@mortise/core/password-reset"
import { scrypt } from "@mortise/core/scrypt"
import { liveSockets } from "@mortise/core/socket"
import { tiered } from "@mortise/core/tiered"
import { mortise as expressMortise, requireSession as requireExpressSession } from "@mortise/express"
import { mortise as honoMortise, requireSession as requireHonoSession } from "@mortise/hono"

export const hasher = scrypt()

export const stores = memoryStores()

export const sessions = opaque({ idle: "24h", absolute: "30d" })

export const passwordFlow = password({ hasher })

export const auth = createAuth({
  origin: "https://app.example.com",
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores,
  sessions,
  flows: { password: passwordFlow },
  claims: (user) => ({ email: user.email }),
})

export const { flows } = auth

export const handle = auth.handle

export const signIn = (email: string, password: string) => auth.flows.password.signIn({ email, password }, {})

export const onExpress = [expressMortise(auth), requireExpressSession()]

export const onHono = [honoMortise(auth), requireHonoSession()]

const send = async () => {}

/** Every flow that there is. */
export const everything = createAuth({
  origin: "https://app.example.com",
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores,
  sessions,
  flows: {
    account: account({ send, consents: { newsletter: { version: "1" } } }),
    deactivation: deactivation({ send }),
    email: emailAddress({ send }),
    magicLink: magicLink({ send }),
    mfa: mfa({
      factors: [
        totp({ issuer: "Example" }),
        smsCode({ appName: "Example", send }),
        emailCode(),
        passkeyFactor(),
        recoveryCodes(),
      ],
      send,
    }),
    oauth: oauth({ providers: [google({ clientId: "id", clientSecret: "secret" })] }),
    passkey: passkeys({ rpName: "Example", send }),
    password: password({
      hasher,
      confirm: passwordConfirm(),
      knownDevices: knownDevices(),
      reset: resetByMail({ send }),
    }),
  },
})

const {
  account: life,
  deactivation: rest,
  email,
  magicLink: mails,
  mfa: second,
  oauth: providers,
} = everything.flows
const { passkey, password: secret } = everything.flows

/** What each of their steps answers. */
export const steps = {
  callback: (callback: Parameters<typeof providers.callback>[0]) => providers.callback(callback, {}),
  confirmMail: (token: string) => mails.confirm({ token }, {}),
  confirmPassword: (typed: string) => secret.confirm({ password: typed }, {}),
  deactivate: () => rest.deactivate({}),
  enrol: () => second.confirmEnrolment({ factor: "totp", answer: "123456" }, {}),
  erase: (userId: string) => life.erase(userId),
  exported: (userId: string) => life.export(userId),
  register: (response: object) => passkey.register({ response }, {}),
  removeFactor: () => second.remove({ factor: "totp" }, {}),
  removePasskey: () => passkey.remove({ passkey: "id" }, {}),
  reset: (token: string) => secret.reset({ token, password: "correct horse battery staple" }, {}),
  signInByPasskey: (response: object) => passkey.signIn({ response, browser: undefined }, {}),
  verify: () => second.verify({ challenge: "token", factor: "totp", answer: "123456" }),
  verifyEmail: (token: string) => email.verify({ token }, {}),
}

export const cached = tiered({
  memory: { max: 1000, ttl: "5s" },
  redis: stores.challenges,
  postgres: stores.sessions,
})

export const sockets = liveSockets(everything)
