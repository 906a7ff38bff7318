import { readFileSync } from "node:fs"
import { createAuth, type FlowDefinition, opaque } from "@mortise/core"
import type { MagicLinkSlots, MagicLinkSteps } from "@mortise/core/magic-link"
import type { MagicLinkMail, SendMagicLink, SendMail } from "@mortise/core/mail"
import type { ResendOptions } from "@mortise/core/mail/resend"
import { memoryStores } from "@mortise/core/memory"
import { testClient } from "@mortise/core/testing"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { accountMails } from "../../packages/core/test/mail/account-mails.js"
import { type MailServer, startMailServer } from "../../packages/core/test/mail/mail-server.js"
import * as modules from "../../packages/core/test/mail/page-modules.js"
import { type ResendStandIn, startResendStandIn } from "../../packages/core/test/mail/resend-stand-in.js"
import { signInMail } from "../../packages/core/test/mail/sign-in-mail.js"
import { WorkerEntrypoint } from "../../packages/core/test/mail/workers/worker-entrypoint.js"
import { codeBlocks, complaintsOf, complaintsOfAll, runBlock } from "../../packages/hono/test/readme-code.js"

const page = readFileSync("docs/mail.md", "utf8")
const [
  viaResend = "",
  viaSmtp = "",
  asking = "",
  mailer = "",
  letters = "",
  accounts = "",
  own = "",
  inTests = "",
  ...rest
] = codeBlocks(new URL("../mail.md", import.meta.url))

let standIn: ResendStandIn
let server: MailServer
beforeAll(async () => {
  standIn = await startResendStandIn()
  server = await startMailServer()
})
beforeEach(() => {
  standIn.reset()
  server.mails.length = 0
  vi.stubEnv("RESEND_API_KEY", "re_1")
})
afterAll(() => Promise.all([standIn.stop(), server.stop()]))

/** What the page writes, sent to a stand-in on this machine. */
function resend(options: ResendOptions<string>): SendMagicLink {
  const { origin: baseUrl } = standIn
  return modules.mailResend.resend({ ...options, baseUrl, network: { loopback: [baseUrl] } })
}

function run(block: string): Record<string, unknown> {
  return runBlock(block, {
    "@mortise/core/magic-link": modules.magicLink,
    "@mortise/core/mail": modules.mail,
    "@mortise/core/mail/resend": { resend },
    "@mortise/core/mail/service-binding": modules.mailServiceBinding,
    "@mortise/core/mail/smtp": modules.mailSmtp,
    "@mortise/core/testing": modules.testing,
    "cloudflare:workers": { WorkerEntrypoint },
    nodemailer: {
      createTransport: (options: object) => {
        expect(options).toMatchObject({ port: 465, secure: true })
        const here = { host: "127.0.0.1", port: server.port, ignoreTLS: true }
        return modules.nodemailer.createTransport(here)
      },
    },
  })
}

/** Asks for a link in a host that has the flow, and nothing else. */
async function ask(flow: unknown, locale: string): Promise<void> {
  const origin = "https://app.example.com"
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores: memoryStores(),
    sessions: opaque(),
    flows: { magicLink: flow as FlowDefinition<MagicLinkSlots, MagicLinkSteps> },
  })
  const browser = testClient(auth, { origin })
  const answer = await browser.post("/auth/magic-link", { json: { email: "ada@example.com", locale } })
  expect(answer.status).toBe(202)
}

describe("docs/mail.md", () => {
  test("compiles", () => {
    const place = new URL("../../packages/core/test/", import.meta.url)
    const entrypoint = new URL("mail/workers/worker-entrypoint.ts", place).pathname
    expect(complaintsOfAll([viaResend, viaSmtp, asking, letters, accounts, own, inTests], place)).toEqual([])
    expect(complaintsOf(mailer, place, { "cloudflare:workers": [entrypoint] })).toEqual([])
    expect(rest).toEqual([])
  }, 120_000)

  test("Resend gets what the flow sends", async () => {
    await ask(run(viaResend)["flow"], "de")
    await expect.poll(() => standIn.delivered.size).toBe(1)
    const body = standIn.requests[0]?.body
    expect(body).toMatchObject({
      from: "My App <login@example.com>",
      to: "ada@example.com",
      subject: "Anmelden bei My App",
    })
    expect(body?.["text"]).toMatch(/\nhttps:\/\/app\.example\.com\/auth\/magic-link\/confirm\?token=\S+\n/)
    expect(body?.["text"]).toMatch(/ (?:MEZ|MESZ|GMT\+[12])/)
  })

  test("SMTP", async () => {
    const { send, transporter } = run(viaSmtp) as { send: SendMagicLink; transporter: { close(): void } }
    await send(signInMail())
    transporter.close()
    expect(server.mails[0]?.parsed.subject).toBe("Sign in to My App")
  })

  test("another Worker", async () => {
    const { Mailer } = run(mailer) as { Mailer: new (context: unknown, env: object) => object }
    const { sender } = run(asking) as { sender(env: object): SendMagicLink }
    const send = sender({ MAILER: new Mailer(undefined, { RESEND_API_KEY: "re_1" }) })
    expect(send.locales).toEqual(["en", "de"])
    await send(signInMail({ locale: "de" }))
    expect(standIn.requests[0]?.body["subject"]).toBe("Anmelden bei My App")
  })

  test("letters of the host's own", async () => {
    const { send } = run(letters) as { send: SendMagicLink }
    expect(send.locales).toEqual(["en", "de", "fr"])
    const mails: readonly MagicLinkMail[] = ["fr", "de", "en"].map((locale) => ({ ...signInMail(), locale }))
    for (const mail of mails) await send({ ...mail, url: `${mail.url}&"${mail.locale}"` })
    const [french, german, english] = standIn.requests.map(({ body }) => body)
    expect(french?.["subject"]).toBe("Connexion à Mon App")
    expect(french?.["text"]).toContain("Lien et code sont valables jusqu’au 21 novembre 2026")
    expect(german?.["subject"]).toBe("Ihr Link zu Mon App")
    expect(german?.["html"]).toContain('&#38;&#34;de&#34;">Hier geht es hinein')
    expect(english?.["subject"]).toBe("Sign in to Mon App")
  })

  test("letters about accounts of the host's own, beside those that are built in", async () => {
    const { send } = run(accounts) as { send: SendMail }
    expect([send.locales, send.accountLocales]).toEqual([
      ["en", "de"],
      ["en", "de"],
    ])
    for (const [, mail] of accountMails) await send({ ...mail, locale: "de" })
    const subjects = standIn.requests.map(({ body }) => body["subject"])
    expect(subjects.filter((subject) => subject === "Ihr neues Passwort für Mon App")).toHaveLength(1)
    expect(new Set(subjects).size).toBe(accountMails.length)
    const table = page.split("## Letters about accounts")[1] ?? ""
    for (const [, mail] of accountMails) {
      expect(table).toContain(`\`${mail.kind}\``)
      if (mail.kind === "notice") expect(table).toContain(`\`${mail.notice}\``)
    }
  })

  test("a sender of the host's own", async () => {
    const sent: unknown[] = []
    let status = 200
    vi.stubGlobal("fetch", async (_address: string, { body }: { readonly body: string }) => {
      sent.push(JSON.parse(body))
      return new Response(null, { status })
    })
    const { send } = run(own) as { send: SendMagicLink }
    expect(send.locales).toEqual(["en", "de"])
    await send(signInMail())
    expect(sent).toMatchObject([{ to: signInMail().to, subject: "Sign in to My App" }])
    status = 422
    await expect(send(signInMail())).rejects.toMatchObject({ fault: "refused", detail: "422" })
  })

  test("a sink in tests", async () => {
    const { arrived, flow } = run(inTests) as { arrived(): Promise<MagicLinkMail>; flow: unknown }
    await ask(flow, "en")
    const mail = await arrived()
    expect(mail).toMatchObject({
      to: "ada@example.com",
      locale: "en",
      code: expect.stringMatching(/^\d{8}$/),
    })
  })

  test("says what a mail that did not leave can be", () => {
    const source = readFileSync("packages/core/src/errors.ts", "utf8")
    const [, union = ""] = /export type MailFault = (.*)/.exec(source) ?? []
    const table = page.split("## When a mail does not leave")[1]?.split("\n## ")[0] ?? ""
    const said = [...table.matchAll(/^\| `(\w+)` \|/gm)].slice(1).map(([, fault]) => `"${fault}"`)
    expect(said.join(" | ")).toBe(union)
    const details = ["letter-writer.ts", "templates/account-letter.ts"].flatMap((file) => [
      ...readFileSync(`packages/core/src/mail/${file}`, "utf8").matchAll(/"invalid", "(\w+)"/g),
    ])
    expect(details.length).toBe(5)
    for (const [, detail] of details) expect(table).toContain(`\`${detail}\``)
  })
})
