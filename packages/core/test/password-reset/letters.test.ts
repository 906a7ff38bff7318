/** From a form to a real SMTP server and back, in the user's language. */
import { createTransport } from "nodemailer"
import { expect, onTestFinished, test } from "vitest"
import { smtp } from "../../src/mail-smtp.js"
import { ada } from "../app.js"
import { startMailServer } from "../mail/mail-server.js"
import { next, opens, pathIn, resetApp, settled } from "./reset-app.js"

async function hostWithServer(locale: "en" | "de" | "fr" | undefined) {
  const server = await startMailServer()
  const transporter = createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true })
  onTestFinished(async () => {
    transporter.close()
    await server.stop()
  })
  const send = smtp({ transporter, from: "Lagerhaus <login@example.com>", appName: "Lagerhaus" })
  return { server, host: resetApp({ reset: { send, localeOf: () => locale as "en" | undefined } }) }
}

test.each([
  ["en", "Choose a new password for Lagerhaus", "Your password for Lagerhaus was reset"],
  ["de", "Neues Passwort für Lagerhaus wählen", "Ihr Passwort für Lagerhaus wurde zurückgesetzt"],
  [undefined, "Choose a new password for Lagerhaus", "Your password for Lagerhaus was reset"],
  ["fr", "Choose a new password for Lagerhaus", "Your password for Lagerhaus was reset"],
] as const)("in %s", async (locale, subject, told) => {
  const { host, server } = await hostWithServer(locale)
  await host.account()
  const browser = host.browser()
  await browser.post("/auth/password/forgot", { form: { email: ada.email } })
  await expect.poll(() => server.mails).toHaveLength(1)
  const [asked] = server.mails
  expect([asked?.to, asked?.parsed.subject]).toEqual([[ada.email], subject])
  const [link = ""] = /^https:\/\/\S+$/m.exec(asked?.parsed.text ?? "") ?? []
  expect(asked?.parsed.html).toContain(`href="${link}"`)
  await browser.get(pathIn(link))
  await browser.post("/auth/password/reset", { form: { password: next } })
  expect(await opens(host, next)).toBe(true)
  await expect.poll(() => server.mails).toHaveLength(2)
  const [, notice] = server.mails
  expect([notice?.to, notice?.parsed.subject]).toEqual([[ada.email], told])
  expect(notice?.parsed.text).not.toMatch(/https?:/)
  expect(host.faults).toEqual([])
})

test("a server that is down is the host's to know, and the visitor hears what everybody hears", async () => {
  const server = await startMailServer()
  await server.stop()
  const transporter = createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true })
  const send = smtp({ transporter, from: "login@example.com", appName: "Lagerhaus" })
  const host = resetApp({ reset: { send } })
  await host.account()
  const answer = await host.browser().post("/auth/password/forgot", { json: { email: ada.email } })
  expect([answer.status, await answer.text()]).toEqual([202, "{}"])
  await expect.poll(() => host.faults).toHaveLength(1)
  expect(host.faults).toMatchObject([{ code: "ERR_MAIL", fault: "unavailable" }])
})

test("localeOf that throws sends no mail, and the host hears of it", async () => {
  const boom = new Error("boom")
  const host = resetApp({
    reset: {
      localeOf: () => {
        throw boom
      },
    },
  })
  await host.account()
  expect((await host.browser().post("/auth/password/forgot", { json: { email: ada.email } })).status).toBe(
    202,
  )
  await settled()
  expect([host.faults, host.mail.accountMails]).toEqual([[boom], []])
})
