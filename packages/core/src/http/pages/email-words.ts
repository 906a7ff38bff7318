import type { BuiltInLocale } from "../../mail/letter-writer.js"
import type { Reason } from "../../outcome.js"
import type { AccountQuestion } from "./account-page.js"

/** Why a link to an account does nothing, as far as its page says. */
export type AccountLinkRefusal = Extract<
  Reason,
  "link_invalid" | "link_expired" | "link_used" | "forbidden" | "email_taken" | "not_signed_in"
>

/** What the pages behind links to an e-mail address say in one language. Plain text: the page escapes it. */
export interface EmailWords {
  /** `note` is for a browser that is not signed in to the account: somebody else may have created it. */
  readonly verify: AccountQuestion
  readonly confirm: AccountQuestion
  readonly undo: AccountQuestion
  /** The same link once more. The address stands below it. */
  readonly verified: { readonly title: string; readonly text: string }
  readonly refusedTitle: string
  readonly refused: Readonly<Record<AccountLinkRefusal, string>>
  /** Leads to the host's own page. */
  readonly goOn: string
  readonly signIn: string
}

/** Words of the languages that need none of the host's own. */
export const emailWords: Readonly<Record<BuiltInLocale, EmailWords>> = {
  en: {
    verify: {
      title: "Confirm your e-mail address",
      text: "Is this your account? It was created with this address:",
      note: "You are not signed in to it here. Confirm only if you created this account yourself: whoever did can go on using it. If it was not you, close this page; nothing happens.",
      button: "It is mine, confirm",
    },
    confirm: {
      title: "Change your e-mail address",
      text: "Your account gets this address:",
      note: "You sign in with it from now on. Everybody else who is signed in to your account is signed out.",
      button: "Change it",
    },
    undo: {
      title: "Take the change back",
      text: "Your account gets this address again:",
      note: "Everybody is signed out. The password is removed, and whatever else was added to the account since the change. Choose a new password afterwards.",
      button: "Take it back",
    },
    verified: { title: "Confirmed", text: "This address is confirmed. There is nothing left to do." },
    refusedTitle: "This link does not work",
    refused: {
      link_invalid: "The link is not complete, or was not made by us. Copy all of it, or ask for a new one.",
      link_expired: "The link has expired, or something has changed since. Ask for a new one.",
      link_used: "The link has been used. Each link works once.",
      forbidden: "This account is closed.",
      email_taken: "Another account has this address.",
      not_signed_in: "Sign in to the account that asked for it, then open the link again.",
    },
    goOn: "Go on",
    signIn: "Sign in",
  },
  de: {
    verify: {
      title: "E-Mail-Adresse bestätigen",
      text: "Ist das Ihr Konto? Es wurde mit dieser Adresse angelegt:",
      note: "Sie sind hier nicht darin angemeldet. Bestätigen Sie nur, wenn Sie dieses Konto selbst angelegt haben: Wer es angelegt hat, kann es weiter benutzen. Andernfalls schließen Sie diese Seite; es geschieht nichts.",
      button: "Es ist meines, bestätigen",
    },
    confirm: {
      title: "E-Mail-Adresse ändern",
      text: "Ihr Konto bekommt diese Adresse:",
      note: "Künftig melden Sie sich mit ihr an. Alle anderen, die in Ihrem Konto angemeldet sind, werden abgemeldet.",
      button: "Ändern",
    },
    undo: {
      title: "Änderung zurücknehmen",
      text: "Ihr Konto bekommt wieder diese Adresse:",
      note: "Alle werden abgemeldet. Das Passwort wird entfernt, und was seit der Änderung sonst hinzugefügt wurde. Wählen Sie danach ein neues Passwort.",
      button: "Zurücknehmen",
    },
    verified: { title: "Bestätigt", text: "Diese Adresse ist bestätigt. Es ist nichts mehr zu tun." },
    refusedTitle: "Dieser Link gilt nicht",
    refused: {
      link_invalid:
        "Der Link ist unvollständig oder stammt nicht von uns. Kopieren Sie ihn ganz, oder fordern Sie einen neuen an.",
      link_expired:
        "Der Link ist abgelaufen, oder seither hat sich etwas geändert. Fordern Sie einen neuen an.",
      link_used: "Der Link wurde schon benutzt. Jeder Link gilt einmal.",
      forbidden: "Dieses Konto ist geschlossen.",
      email_taken: "Diese Adresse gehört zu einem anderen Konto.",
      not_signed_in:
        "Melden Sie sich in dem Konto an, für das er angefordert wurde, und öffnen Sie den Link noch einmal.",
    },
    goOn: "Weiter",
    signIn: "Anmelden",
  },
}
