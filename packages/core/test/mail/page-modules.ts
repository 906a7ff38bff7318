// What the code on the page about mail may import. It stands here, where all of it can be found.
export * as nodemailer from "nodemailer"
export * as magicLink from "../../src/magic-link.js"
export * as mail from "../../src/mail.js"
export * as mailResend from "../../src/mail-resend.js"
export * as mailServiceBinding from "../../src/mail-service-binding.js"
export * as mailSmtp from "../../src/mail-smtp.js"
export * as testing from "../../src/testing.js"
