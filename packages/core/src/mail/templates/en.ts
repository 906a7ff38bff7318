import type { MailTemplate } from "../mail-template.js"
import { signInLetter } from "./sign-in-letter.js"

/** The built-in sign-in mail in English. */
export const en: MailTemplate = signInLetter({
  language: "en",
  signIn: (appName) => `Sign in to ${appName}`,
  openLink: "Open this link to sign in:",
  copyAddress: "If it does not open, copy this address into your browser:",
  enterCode: "Or enter this code where you asked for this mail:",
  validUntil: (until, hasCode) =>
    `${hasCode ? "Link and code are" : "The link is"} valid until ${until}, and for one sign-in.`,
  notYou: "Do not pass this mail on. If you did not ask for it, ignore it: without it nobody can sign in.",
})
