import type { MailTemplate } from "../mail-template.js"
import { signInLetter } from "./sign-in-letter.js"

/** The built-in sign-in mail in German. */
export const de: MailTemplate = signInLetter({
  language: "de",
  signIn: (appName) => `Anmelden bei ${appName}`,
  openLink: "Öffnen Sie diesen Link, um sich anzumelden:",
  copyAddress: "Falls er sich nicht öffnet, kopieren Sie diese Adresse in Ihren Browser:",
  enterCode: "Oder geben Sie diesen Code dort ein, wo Sie die E-Mail angefordert haben:",
  validUntil: (until, hasCode) =>
    `${hasCode ? "Link und Code gelten" : "Der Link gilt"} bis ${until} und für eine Anmeldung.`,
  notYou:
    "Geben Sie diese E-Mail nicht weiter. Falls Sie sie nicht angefordert haben, ignorieren Sie sie: Ohne sie kann sich niemand anmelden.",
})
