import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createServer, type Socket } from "node:net"
import { createTransport } from "nodemailer"
import type { SMTPServerOptions } from "smtp-server"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { letterWriter } from "../../src/mail.js"
import { type SmtpMessage, type SmtpOptions, smtp } from "../../src/mail-smtp.js"
import { accountMail, accountMails } from "./account-mails.js"
import { type MailServer, startMailServer } from "./mail-server.js"
import { canaries, signInMail } from "./sign-in-mail.js"
import { mailFault } from "./thrown.js"

const appName = "Bücher & Söhne"

function senderTo(port: number, options: Partial<SmtpOptions> = {}, auth?: { user: string; pass: string }) {
  const transporter = createTransport({ host: "127.0.0.1", port, ignoreTLS: true, ...(auth && { auth }) })
  onTestFinished(() => transporter.close())
  return smtp({ appName, from: "Bücher, Söhne <login@example.com>", transporter, ...options })
}

async function serverThat(options: SMTPServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options)
  onTestFinished(() => server.stop())
  return server
}

/** A "no" in SMTP; its text repeats what was sent. */
function no(responseCode: number): Error {
  const said = `${Object.values(canaries).join(" ")} is not welcome`
  return Object.assign(new Error(said), { responseCode })
}

/** A server that greets, or not, and then does as the test says. */
async function rawServer(talk: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    talk(socket)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const endOfMessage = /(?:^|\r\n)\.\r\n$/

/** Says yes to every command and message, if `heard` leaves the line open. */
function agreeing(heard: (text: string, socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let inMessage = false
    socket.write("220 here\r\n")
    socket.on("data", (bytes) => {
      const text = bytes.toString()
      heard(text, socket)
      if (socket.destroyed || (inMessage && !endOfMessage.test(text))) return
      inMessage = text.startsWith("DATA")
      socket.write(inMessage ? "354 go on\r\n" : "250 yes\r\n")
    })
  }
}

function droppingOn(what: RegExp): (socket: Socket) => void {
  return agreeing((text, socket) => void (what.test(text) && socket.destroy()))
}

describe("a mail over the line", () => {
  test("has both texts, whole, and the headers of a mail that a machine wrote", async () => {
    const server = await serverThat()
    const mail = signInMail({ locale: "de" })
    await senderTo(server.port, { replyTo: "Hilfe <help@example.com>" })(mail)
    const letter = await letterWriter({ appName }).write(mail)
    expect(letter.subject).toBe("Anmelden bei Bücher & Söhne")
    const [taken, ...more] = server.mails
    expect(more).toEqual([])
    expect([taken?.from, taken?.to]).toEqual(["login@example.com", [mail.to]])
    expect(taken?.parsed).toMatchObject({
      from: { name: "Bücher, Söhne", address: "login@example.com" },
      to: [{ address: mail.to }],
      replyTo: [{ name: "Hilfe", address: "help@example.com" }],
      subject: letter.subject,
      attachments: [],
    })
    expect(taken?.parsed.cc ?? []).toEqual([])
    expect(taken?.parsed.text?.trim()).toBe(letter.text.trim())
    expect(taken?.parsed.html?.trim()).toBe(letter.html.trim())
    const header = (name: string) => taken?.parsed.headers.find(({ key }) => key === name)?.value
    expect(header("auto-submitted")).toBe("auto-generated")
    expect(header("content-type")).toMatch(/^multipart\/alternative/)
    expect(header("message-id")).toMatch(/^<[^@]+@example\.com>$/)
    expect(header("date")).toBeDefined()
  })

  test.each(accountMails)("has every letter about an account: %s", async (_what, mail) => {
    const server = await serverThat()
    await senderTo(server.port)({ ...mail, locale: "de" })
    const letter = await letterWriter({ appName }).write({ ...mail, locale: "de" })
    const [taken] = server.mails
    expect([taken?.to, taken?.parsed.subject]).toEqual([[mail.to], letter.subject])
    expect(taken?.parsed.text?.trim()).toBe(letter.text.trim())
    expect(taken?.parsed.html?.trim()).toBe(letter.html.trim())
  })

  test("puts the plain text before the HTML, for readers that take the last they know", async () => {
    const server = await serverThat()
    await senderTo(server.port)(signInMail())
    const types = [...(server.mails[0]?.raw ?? "").matchAll(/^Content-Type: (text\/\w+)/gm)].map(
      ([, type]) => type,
    )
    expect(types).toEqual(["text/plain", "text/html"])
  })

  // RFC 5321 §4.5.3.1.6: 998 octets; RFC 5322 §2.1.1 wants 78.
  test("keeps lines short for the longest link, and the link whole", async () => {
    const server = await serverThat()
    const url = `https://app.example.com/auth/magic-link/confirm?token=${"Aa0-_.=".repeat(400)}`
    await senderTo(server.port)(signInMail({ url }))
    const { parsed, raw = "" } = server.mails[0] ?? {}
    expect(Math.max(...raw.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(78)
    expect(parsed?.text).toContain(`\n${url}\n`)
    expect(parsed?.html).toContain(`href="${url}"`)
  })

  test("has one recipient and the headers that we wrote, whatever a template says in its subject", async () => {
    const server = await serverThat()
    const subject = "Hallo\r\nBcc: eve@example.com\r\n\r\n<script>"
    const send = senderTo(server.port, { templates: { de: () => ({ subject, text: "a", html: "b" }) } })
    await send(signInMail({ locale: "de" }))
    const [taken] = server.mails
    expect(taken?.to).toEqual([canaries.address])
    expect(taken?.parsed.subject).toBe("Hallo Bcc: eve@example.com <script>")
    expect(taken?.parsed.bcc ?? []).toEqual([])
    expect(taken?.raw).not.toMatch(/^Bcc:/im)
  })

  test("reads no file and no address that a template writes", async () => {
    const messages: SmtpMessage[] = []
    const transporter = { sendMail: async (message: SmtpMessage) => messages.push(message) }
    await senderTo(1, { transporter })(signInMail())
    expect(messages).toMatchObject([{ disableFileAccess: true, disableUrlAccess: true }])
  })

  test("to an international domain goes to its ASCII form", async () => {
    const heard: string[] = []
    const port = await rawServer(agreeing((text) => heard.push(text)))
    await senderTo(port)(signInMail({ to: "ada@xn--bcher-kva.example" }))
    expect(heard).toContain("RCPT TO:<ada@xn--bcher-kva.example>\r\n")
    expect(heard.join("")).toMatch(/^To: ada@xn--bcher-kva\.example\r$/m)
  })

  test("nothing is said to the server for a mail that cannot be written", async () => {
    const server = await serverThat()
    const send = senderTo(server.port)
    for (const to of ["a@example.com, b@example.com", "a@example.com\r\nRCPT TO:<eve@example.com>"]) {
      expect(await mailFault(send(signInMail({ to })))).toBe("invalid: address")
      expect(await mailFault(send(accountMail("notice", { to })))).toBe("invalid: address")
    }
    expect(server.mails).toEqual([])
  })
})

describe("a server that says no", () => {
  const steps: readonly (readonly [string, (answer: Error) => SMTPServerOptions])[] = [
    ["EENVELOPE", (answer) => ({ onMailFrom: (_address, _session, callback) => callback(answer) })],
    ["EENVELOPE", (answer) => ({ onRcptTo: (_address, _session, callback) => callback(answer) })],
    [
      "EMESSAGE",
      (answer) => ({
        onData(stream, _session, callback) {
          stream.resume().on("end", () => callback(answer))
        },
      }),
    ],
  ]
  test.each(
    steps.flatMap(([code, options]) =>
      ([550, 554, 450, 451] as const).map((status) => [code, status, options] as const),
    ),
  )("%s %i", async (code, status, options) => {
    const server = await serverThat(options(no(status)))
    const fault = status >= 500 ? "refused" : "unavailable"
    expect(await mailFault(senderTo(server.port)(signInMail()))).toBe(`${fault}: ${code} ${status}`)
  })

  test("to the password", async () => {
    const server = await serverThat({
      authOptional: false,
      onAuth: (_auth, _session, callback) => callback(no(535)),
    })
    const send = senderTo(server.port, {}, { user: canaries.address, pass: canaries.password })
    expect(await mailFault(send(signInMail()))).toBe("refused: EAUTH 535")
  })
})

describe("a server that does not speak SMTP as it should", () => {
  test.each([
    ["says nothing", () => {}, "unavailable: timed_out"],
    [
      "greets, and says nothing more",
      (socket: Socket) => void socket.write("220 here\r\n"),
      "unavailable: timed_out",
    ],
    ["hangs up at once", (socket: Socket) => void socket.destroy(), /^unavailable: (?:ECONNECTION|ESOCKET)$/],
    ["drops the line on the sender", droppingOn(/^MAIL/), /^unavailable: (?:ECONNECTION|ESOCKET)$/],
    ["drops the line after the message", droppingOn(endOfMessage), /^unavailable: (?:ECONNECTION|ESOCKET)$/],
    [
      "speaks HTTP",
      (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /^unavailable: E[A-Z]+/,
    ],
  ])("%s", async (_what, talk, expected) => {
    const port = await rawServer(talk)
    const startedAt = performance.now()
    expect(await mailFault(senderTo(port, { timeout: "1s" })(signInMail()))).toMatch(expected)
    expect(performance.now() - startedAt).toBeLessThan(3_000)
  })

  test("is not there", async () => {
    const server = await startMailServer()
    await server.stop()
    expect(await mailFault(senderTo(server.port)(signInMail()))).toMatch(
      /^unavailable: (?:ECONNECTION|ESOCKET)$/,
    )
  })
})

describe("another transporter", () => {
  test.each([
    [{ code: canaries.token }, "unavailable: unknown"],
    [{ code: canaries.code, responseCode: 550 }, "refused: unknown 550"],
    [{ code: "ESES", responseCode: 86429753 }, "unavailable: ESES"],
    [{ code: 550, responseCode: "550" }, "unavailable: unknown"],
    [undefined, "unavailable: unknown"],
    [canaries.token, "unavailable: unknown"],
  ])("that throws %j", async (error, expected) => {
    const transporter = { sendMail: () => Promise.reject(error) }
    expect(await mailFault(senderTo(1, { transporter })(signInMail()))).toBe(expected)
  })

  test("that has sent leaves no timer behind, which would keep a process awake", async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const [sent, failed] = [async () => {}, () => Promise.reject(new Error("no"))]
    await senderTo(1, { transporter: { sendMail: sent } })(signInMail())
    await mailFault(senderTo(1, { transporter: { sendMail: failed } })(signInMail()))
    expect(vi.getTimerCount()).toBe(0)
  })

  test("that throws before it promises anything", async () => {
    const transporter = {
      sendMail: () => {
        throw new Error(canaries.token)
      },
    }
    expect(await mailFault(senderTo(1, { transporter })(signInMail()))).toBe("unavailable: unknown")
  })

  test("that fails after it was given up is heard by nobody", async () => {
    const transporter = {
      sendMail: () => new Promise((_, reject) => setTimeout(reject, 1_300, new Error(canaries.token))),
    }
    expect(await mailFault(senderTo(1, { transporter, timeout: "1s" })(signInMail()))).toBe(
      "unavailable: timed_out",
    )
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setTimeout(resolve, 500))
  })
})
