import type { BuiltInLocale } from "../../mail/letter-writer.js"
import type { Reason } from "../../outcome.js"

/** Why a link lets nobody in, as far as its page says. */
export type LinkRefusal = Extract<
  Reason,
  "link_invalid" | "link_expired" | "link_used" | "forbidden" | "registration_closed" | "conflict"
>

/** What the page behind a link says in one language. Plain text: the page escapes it. */
export interface LinkWords {
  readonly title: string
  /** Whom the link signs in. The address stands below it. */
  readonly question: string
  readonly button: string
  /** Before an account is taken over that nobody ever verified. */
  readonly claim: string
  readonly claimButton: string
  readonly refusedTitle: string
  readonly refused: Readonly<Record<LinkRefusal, string>>
  /** Leads back to where a link can be asked for. */
  readonly again: string
}

/** Words of the languages that need none of the host's own: the same as those that have a letter. */
export const linkWords: Readonly<Record<BuiltInLocale, LinkWords>> = {
  en: {
    title: "Sign in",
    question: "Do you want to sign in on this device with this address?",
    button: "Sign in",
    claim:
      "Somebody created an account with this address and never confirmed it. If you go on it is yours: its password and its other ways to sign in are removed, and every session ends.",
    claimButton: "Take it over and sign in",
    refusedTitle: "This link does not work",
    refused: {
      link_invalid: "The link is not complete, or was not made by us. Copy all of it, or ask for a new one.",
      link_expired: "The link has expired. Ask for a new one.",
      link_used: "The link has been used. Each link signs in once.",
      forbidden: "This account is closed.",
      registration_closed: "There is no account with this address, and new ones are not open to it.",
      conflict: "Something changed at the same moment. Ask for a new link.",
    },
    again: "Ask for a new link",
  },
  de: {
    title: "Anmelden",
    question: "Möchten Sie sich auf diesem Gerät mit dieser Adresse anmelden?",
    button: "Anmelden",
    claim:
      "Jemand hat mit dieser Adresse ein Konto angelegt und nie bestätigt. Wenn Sie fortfahren, gehört es Ihnen: Sein Passwort und andere Wege zur Anmeldung werden entfernt, alle Sitzungen enden.",
    claimButton: "Übernehmen und anmelden",
    refusedTitle: "Dieser Link gilt nicht",
    refused: {
      link_invalid:
        "Der Link ist unvollständig oder stammt nicht von uns. Kopieren Sie ihn ganz, oder fordern Sie einen neuen an.",
      link_expired: "Der Link ist abgelaufen. Fordern Sie einen neuen an.",
      link_used: "Der Link wurde schon benutzt. Jeder Link meldet einmal an.",
      forbidden: "Dieses Konto ist geschlossen.",
      registration_closed: "Zu dieser Adresse gibt es kein Konto, und neue sind für sie nicht vorgesehen.",
      conflict: "Im selben Augenblick hat sich etwas geändert. Fordern Sie einen neuen Link an.",
    },
    again: "Neuen Link anfordern",
  },
}
