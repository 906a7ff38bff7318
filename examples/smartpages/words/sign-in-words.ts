import type { Reason } from "@mortise/core"
import type { Locale } from "./locale.js"

/** What can be wrong with a sign-in; `unavailable` is a fault of ours. */
type SignInProblem = Reason | "unavailable"

type Sentences = Readonly<Partial<Record<SignInProblem, string>>> & { readonly other: string }

const errors: Readonly<Record<Locale, Sentences>> = {
  en: {
    invalid_email: "That does not look like an email address. Please check it for typos.",
    link_invalid: "That link is not complete, or it is not from us. Please ask for a new mail.",
    link_expired: "That link has expired: it is good for ten minutes. Please ask for a new mail.",
    link_used: "That link has been used already, and works only once. Please ask for a new mail.",
    link_claim_required: "Please open the link once more and confirm that this account is yours.",
    code_invalid: "That is not the code from the mail. Please check the digits.",
    code_expired: "That code has expired: it is good for ten minutes. Please ask for a new mail.",
    code_exhausted: "That was one try too many with this code. Please ask for a new mail.",
    registration_closed: "New accounts are not possible at the moment.",
    forbidden: "This account is closed.",
    conflict: "Something changed at the same moment. Please ask for a new mail.",
    not_signed_in: "You are no longer signed in.",
    rate_limited: "That was too often in a short time.",
    cross_origin: "That request came from another site, so nothing was done.",
    unavailable: "We cannot send or check anything at the moment. Please try again.",
    other: "That did not work. Please try again.",
  },
  de: {
    invalid_email:
      "Das sieht nicht nach einer E-Mail-Adresse aus. Bitte prüfen Sie, ob Sie sich vertippt haben.",
    link_invalid:
      "Dieser Link ist unvollständig oder stammt nicht von uns. Bitte fordern Sie eine neue E-Mail an.",
    link_expired:
      "Dieser Link ist abgelaufen: Er gilt zehn Minuten lang. Bitte fordern Sie eine neue E-Mail an.",
    link_used:
      "Dieser Link wurde schon benutzt und funktioniert nur einmal. Bitte fordern Sie eine neue E-Mail an.",
    link_claim_required:
      "Bitte öffnen Sie den Link noch einmal und bestätigen Sie, dass dieses Konto Ihnen gehört.",
    code_invalid: "Das ist nicht der Code aus der E-Mail. Bitte prüfen Sie die Ziffern.",
    code_expired:
      "Dieser Code ist abgelaufen: Er gilt zehn Minuten lang. Bitte fordern Sie eine neue E-Mail an.",
    code_exhausted: "Das war ein Versuch zu viel mit diesem Code. Bitte fordern Sie eine neue E-Mail an.",
    registration_closed: "Neue Konten sind im Moment nicht möglich.",
    forbidden: "Dieses Konto ist geschlossen.",
    conflict: "Im selben Augenblick hat sich etwas geändert. Bitte fordern Sie eine neue E-Mail an.",
    not_signed_in: "Sie sind nicht mehr angemeldet.",
    rate_limited: "Das war zu oft in kurzer Zeit.",
    cross_origin: "Diese Anfrage kam von einer anderen Website, daher wurde nichts getan.",
    unavailable: "Wir können im Moment nichts senden oder prüfen. Bitte versuchen Sie es erneut.",
    other: "Das hat nicht geklappt. Bitte versuchen Sie es erneut.",
  },
}

const signedOut: Readonly<Record<Locale, string>> = {
  en: "You are signed out.",
  de: "Sie sind abgemeldet.",
}

/**
 * The words for `?error=…&retry_after=…`, and for the same in an answer to a script. What stands in the address is never shown as it
 * stands; a reason that nobody foresaw gets words too.
 */
export function errorWords(locale: Locale, reason: string, retryAfter?: string | number | null): string {
  const sentences = errors[locale]
  const known = Object.hasOwn(sentences, reason) ? sentences[reason as SignInProblem] : undefined
  const sentence = known ?? sentences.other
  const seconds = /^\d{1,6}$/.test(String(retryAfter)) ? Number(retryAfter) : 0
  return seconds > 0 ? `${sentence} ${waitWords(locale, seconds)}` : sentence
}

/** The words for `?notice=…`; an unknown one says nothing. `link_sent` has a part of the page to itself. */
export function noticeWords(locale: Locale, notice: string | null): string | undefined {
  return notice === "signed_out" ? signedOut[locale] : undefined
}

function waitWords(locale: Locale, seconds: number): string {
  const unit = seconds < 60 ? "second" : "minute"
  const count = unit === "second" ? seconds : Math.ceil(seconds / 60)
  const span = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(count)
  return locale === "de" ? `Bitte warten Sie ${span}.` : `Please wait ${span}.`
}
