export { MailError, type MailFault } from "./errors.js"
export { escapeHtml } from "./escape-html.js"
export type { AccountMail, AccountNotice, SendAccountMail } from "./mail/account-mail.js"
export {
  type AccountTemplates,
  type BuiltInLocale,
  type Letter,
  type LetterOptions,
  type LetterWriter,
  letterWriter,
  type MailTemplates,
} from "./mail/letter-writer.js"
export type { MagicLinkMail, SendMagicLink } from "./mail/magic-link-mail.js"
export type { AccountTemplate, MailContent, MailHost, MailTemplate } from "./mail/mail-template.js"
export type { SendMail } from "./mail/send-mail.js"
export {
  type AccountSentences,
  accountLetter,
  type LinkSentences,
  type NoticeSentences,
} from "./mail/templates/account-letter.js"
export { type SignInSentences, signInLetter } from "./mail/templates/sign-in-letter.js"
