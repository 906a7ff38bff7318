export { type ResendOptions, resend } from "./mail/resend.js"
