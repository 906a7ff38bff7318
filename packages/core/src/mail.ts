export { MailError, type MailFault } from "./errors.js"
export { escapeHtml } from "./escape-html.js"
export {
  type BuiltInLocale,
  type Letter,
  type LetterOptions,
  type LetterWriter,
  letterWriter,
  type MailTemplates,
} from "./mail/letter-writer.js"
export type { MagicLinkMail, SendMagicLink } from "./mail/magic-link-mail.js"
export type { MailContent, MailHost, MailTemplate } from "./mail/mail-template.js"
export { type SignInSentences, signInLetter } from "./mail/templates/sign-in-letter.js"
