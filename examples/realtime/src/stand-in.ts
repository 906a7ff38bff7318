import { newMailbox } from "./mailbox/mailbox.js"
import { mailboxServer, smtpServer } from "./mailbox/servers.js"
import { readMailboxSettings } from "./settings.js"

// Plays a mail provider and a provider of text messages, on this machine only. What arrives is shown at /mails of the application.
const { host, httpPort, smtpPort } = readMailboxSettings(process.env)
const mailbox = newMailbox()
const smtp = smtpServer(mailbox)
const http = mailboxServer(mailbox)

for (const server of [smtp, http]) {
  server.on("error", (error: Error) => {
    console.error(error.message)
    process.exit(1)
  })
}
smtp.listen(smtpPort, host, () => http.listen(httpPort, "127.0.0.1", () => process.send?.("ready")))

// Ends with whoever started it; Ctrl+C is meant for them.
process.on("SIGINT", () => {})
process.on("disconnect", () => process.exit())
