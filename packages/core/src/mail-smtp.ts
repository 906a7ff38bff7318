export type { Mailbox } from "./mail/mailbox.js"
export { type SmtpMessage, type SmtpOptions, type SmtpTransporter, smtp } from "./mail/smtp.js"
