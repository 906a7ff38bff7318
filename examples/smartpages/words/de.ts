import type { WordKey } from "./en.js"

/** Everything that the pages say, in German. */
export const de: Readonly<Record<WordKey, string>> = {
  appClaim: "Ihr Betrieb im Netz, von Ihnen aktuell gehalten.",
  skipToContent: "Zum Inhalt springen",
  languages: "Sprache",

  loginTitle: "Anmelden · SmartPages",
  loginHeading: "Anmelden ohne Passwort",
  loginLead:
    "Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link, der Sie anmeldet. Sie sind neu hier? Dann eröffnet derselbe Link Ihr Konto.",
  emailLabel: "E-Mail-Adresse",
  sendLink: "Link zusenden",
  sending: "Wird gesendet …",
  sentHeading: "Ihre E-Mail ist unterwegs",
  sentLead:
    "Öffnen Sie sie in diesem Browser und folgen Sie dem Link. Er gilt zehn Minuten lang und nur einmal.",
  sentElsewhere:
    "Sie lesen Ihre E-Mails auf einem anderen Gerät? Dann geben Sie hier den Code aus der E-Mail ein:",
  codeLabel: "Code aus der E-Mail",
  codeHint: "Acht Ziffern",
  useCode: "Mit dem Code anmelden",
  checking: "Wird geprüft …",
  askAnew: "Neue E-Mail anfordern",

  dashboardTitle: "Ihre Seite · SmartPages",
  dashboardHeading: "Ihre Seite",
  dashboardLead: "Was Sie hier schreiben, lesen Ihre Besucher.",
  signedInAs: "Angemeldet als",
  signOut: "Abmelden",
  loading: "Ihre Angaben werden geladen …",
  needsScript: "Um Ihre Angaben zu ändern, muss Ihr Browser JavaScript ausführen.",
  fieldTitle: "Titel Ihrer Seite",
  fieldCompany: "Firma",
  fieldPhone: "Telefon",
  fieldAbout: "Was Sie anbieten",
  save: "Speichern",
  saving: "Wird gespeichert …",
  saved: "Gespeichert.",
  invalidTitle: "Bitte geben Sie Ihrer Seite einen Titel mit höchstens 80 Zeichen.",
  invalidCompany: "Bitte höchstens 120 Zeichen.",
  invalidPhone: "Bitte nur Ziffern, Leerzeichen und + - / ( ), höchstens 40 Zeichen.",
  invalidAbout: "Bitte höchstens 2.000 Zeichen.",
  invalidSummary: "Nicht gespeichert: Bitte sehen Sie sich die markierten Felder an.",
  conflict:
    "Nicht gespeichert: Diese Angaben wurden inzwischen anderswo geändert, vielleicht von Ihnen in einem anderen Fenster.",
  conflictTakeTheirs: "Neuere Angaben anzeigen",
  conflictKeepMine: "Meine trotzdem speichern",
  signedOutMeanwhile: "Sie sind nicht mehr angemeldet.",
  signInAgain: "Neu anmelden",
  unavailable: "Ihre Angaben sind im Moment nicht erreichbar. Nichts ist verloren.",
  tryAgain: "Erneut versuchen",

  notFoundTitle: "Diese Seite gibt es nicht",
  notFoundLead: "Unter dieser Adresse ist nichts. Vielleicht war hier einmal etwas.",
  unavailableTitle: "Gleich wieder da",
  unavailableLead: "Im Moment antwortet etwas nicht. Bitte versuchen Sie es erneut.",
  failedTitle: "Das hat nicht geklappt",
  foreignLead: "Diese Anfrage kam von einer anderen Website, daher wurde nichts getan.",
  toSignIn: "Zur Anmeldung",
}
