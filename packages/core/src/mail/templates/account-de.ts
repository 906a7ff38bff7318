import type { AccountTemplate } from "../mail-template.js"
import { accountLetter } from "./account-letter.js"

const notMine = "Falls Sie das nicht waren, wählen Sie sofort ein neues Passwort, und geben Sie uns Bescheid."

/** The built-in mails about accounts in German. */
export const accountDe: AccountTemplate = accountLetter({
  language: "de",
  copyAddress: "Falls er sich nicht öffnet, kopieren Sie diese Adresse in Ihren Browser:",
  linkValidUntil: (until) => `Der Link gilt bis ${until} und nur einmal.`,
  links: {
    verify_email: {
      subject: (appName) => `Bestätigen Sie Ihre E-Mail-Adresse für ${appName}`,
      openLink: "Öffnen Sie diesen Link, um zu bestätigen, dass diese Adresse Ihnen gehört:",
      notYou:
        "Falls Sie bei uns kein Konto angelegt haben, öffnen Sie ihn nicht: Jemand anders hat es getan und kann ohne ihn nicht behaupten, dass die Adresse ihm gehört.",
    },
    confirm_email: {
      subject: (appName) => `Bestätigen Sie Ihre neue E-Mail-Adresse für ${appName}`,
      openLink: "Öffnen Sie diesen Link, um diese Adresse zu der Ihres Kontos zu machen:",
      notYou:
        "Falls Sie das nicht angefordert haben, ignorieren Sie diese E-Mail: Ohne sie ändert sich nichts.",
    },
    email_changed: {
      subject: (appName) => `Ihre E-Mail-Adresse für ${appName} wurde geändert`,
      openLink:
        "Ihr Konto hat jetzt eine andere E-Mail-Adresse und bekommt seine Nachrichten dorthin. Falls Sie das nicht waren, machen Sie es mit diesem Link rückgängig:",
      linkText: "Änderung rückgängig machen",
      notYou: "Falls Sie es waren, ist nichts zu tun. Geben Sie diese E-Mail nicht weiter.",
    },
    reset_password: {
      subject: (appName) => `Neues Passwort für ${appName} wählen`,
      openLink: "Öffnen Sie diesen Link, um ein neues Passwort zu wählen:",
      notYou:
        "Geben Sie diese E-Mail nicht weiter. Falls Sie sie nicht angefordert haben, ignorieren Sie sie: Ohne sie bleibt Ihr Passwort, wie es ist.",
    },
    reactivate_account: {
      subject: (appName) => `Ihr Konto bei ${appName} wieder öffnen`,
      openLink: "Öffnen Sie diesen Link, um Ihr Konto wieder zu benutzen:",
      notYou:
        "Geben Sie diese E-Mail nicht weiter. Falls Sie sie nicht angefordert haben, ignorieren Sie sie: Ohne sie bleibt Ihr Konto geschlossen.",
    },
  },
  code: {
    subject: (appName) => `Ihr Code für ${appName}`,
    enterCode: "Geben Sie diesen Code auf der Seite ein, die danach fragt:",
    validUntil: (until) => `Der Code gilt bis ${until} und nur einmal.`,
    notYou:
      "Nennen Sie den Code niemandem, auch uns nicht. Falls Sie sich gerade nicht anmelden, kennt vielleicht jemand Ihr Passwort: Wählen Sie ein neues.",
  },
  notices: {
    password_changed: {
      subject: (appName) => `Ihr Passwort für ${appName} wurde geändert`,
      happened: (at) => `Das Passwort Ihres Kontos wurde geändert: ${at}.`,
      notYou: notMine,
    },
    password_reset: {
      subject: (appName) => `Ihr Passwort für ${appName} wurde zurückgesetzt`,
      happened: (at) =>
        `Für Ihr Konto wurde über einen Link in einer E-Mail ein neues Passwort gewählt: ${at}. Wer angemeldet war, wurde abgemeldet.`,
      notYou: notMine,
    },
    factor_added: {
      subject: (appName) => `Neuer Nachweis für die Anmeldung bei ${appName}`,
      happened: (at) =>
        `Ihr Konto hat einen weiteren Nachweis bekommen, etwa eine App, einen Passkey oder ein Telefon: ${at}.`,
      notYou: notMine,
    },
    factor_removed: {
      subject: (appName) => `Nachweis für die Anmeldung bei ${appName} entfernt`,
      happened: (at) =>
        `Ihr Konto hat einen Nachweis verloren, etwa eine App, einen Passkey oder ein Telefon: ${at}.`,
      notYou: notMine,
    },
    recovery_codes_replaced: {
      subject: (appName) => `Sie haben neue Wiederherstellungscodes für ${appName}`,
      happened: (at) =>
        `Die Wiederherstellungscodes Ihres Kontos wurden ersetzt: ${at}. Die alten gelten nicht mehr.`,
      notYou: notMine,
    },
    recovery_code_used: {
      subject: (appName) => `Ein Wiederherstellungscode für ${appName} wurde benutzt`,
      happened: (at) => `Jemand hat sich mit einem Wiederherstellungscode bei Ihrem Konto angemeldet: ${at}.`,
      notYou: notMine,
    },
    account_reactivated: {
      subject: (appName) => `Ihr Konto bei ${appName} ist wieder offen`,
      happened: (at) => `Ihr Konto wurde wieder geöffnet: ${at}. Sie können sich wieder anmelden.`,
      notYou: notMine,
    },
    account_erased: {
      subject: (appName) => `Ihr Konto bei ${appName} wurde gelöscht`,
      happened: (at) => `Ihr Konto und alles, was dazugehörte, wurden gelöscht: ${at}.`,
      notYou: "Es lässt sich nicht wiederherstellen. Falls Sie das nicht waren, geben Sie uns Bescheid.",
    },
  },
})
