import type { BuiltInLocale } from "../../mail/letter-writer.js"
import type { AccountQuestion } from "./account-page.js"
import type { AccountLinkRefusal } from "./email-words.js"

/** What the page behind a link that reactivates an account says in one language. Plain text: the page escapes it. */
export interface DeactivationWords {
  readonly reactivate: AccountQuestion
  readonly refusedTitle: string
  readonly refused: Readonly<
    Record<Extract<AccountLinkRefusal, "link_invalid" | "link_expired" | "link_used">, string>
  >
  /** Leads to the host's own page. */
  readonly signIn: string
}

/** Words of the languages that need none of the host's own. */
export const deactivationWords: Readonly<Record<BuiltInLocale, DeactivationWords>> = {
  en: {
    reactivate: {
      title: "Reactivate your account",
      text: "Do you want to use the account with this address again?",
      note: "You sign in to it afterwards, as before.",
      button: "Reactivate it",
    },
    refusedTitle: "This link does not work",
    refused: {
      link_invalid: "The link is not complete, or was not made by us. Copy all of it.",
      link_expired: "The link has expired, or something has changed since.",
      link_used: "The link has been used. Your account is active: sign in.",
    },
    signIn: "Sign in",
  },
  de: {
    reactivate: {
      title: "Konto reaktivieren",
      text: "Möchten Sie das Konto mit dieser Adresse wieder benutzen?",
      note: "Danach melden Sie sich an wie zuvor.",
      button: "Reaktivieren",
    },
    refusedTitle: "Dieser Link gilt nicht",
    refused: {
      link_invalid: "Der Link ist unvollständig oder stammt nicht von uns. Kopieren Sie ihn ganz.",
      link_expired: "Der Link ist abgelaufen, oder seither hat sich etwas geändert.",
      link_used: "Der Link wurde schon benutzt. Ihr Konto ist aktiv: Melden Sie sich an.",
    },
    signIn: "Anmelden",
  },
}
