import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { mailsTo, type ShownMail } from "../e2e/mail.js"
import { startStandIn } from "../local/mails/stand-in.mjs"
import { fillHtml, fillText } from "../mailer/src/fill.js"
import { type RunningWorker, startWorker } from "./in-workerd.js"

let standIn: Awaited<ReturnType<typeof startStandIn>>
let worker: RunningWorker
let to: string

beforeAll(async () => {
  standIn = await startStandIn()
  const bindings = { RESEND_URL: standIn.origin.origin, RESEND_API_KEY: "re_test" }
  worker = await startWorker({ name: "mailer", bindings })
})
afterAll(async () => {
  await worker?.close()
  await standIn?.stop()
})
beforeEach(() => {
  to = `${crypto.randomUUID()}@example.com`
})

const url = (): string => `https://smartpages.example/auth/confirm?token=${crypto.randomUUID()}&more="<b>`
const expiresAt = Date.UTC(2026, 6, 1, 10, 5)

describe("the Mailer Worker, in workerd", () => {
  test.each([
    ["en", "Your link to sign in to SmartPages", "Link and code work once, until 12:05"],
    ["de", "Ihr Link zur Anmeldung bei SmartPages", "Link und Code gelten einmal, bis 12:05 (MESZ)."],
  ] as const)("writes the mail by the template of %s", async (locale, subject, sentence) => {
    const link = url()
    await worker.call("sendMagicLink", { to, url: link, code: "12345678", expiresAt }, locale)
    const [mail] = await mailsTo(standIn.origin.origin, to)
    expect(mail).toMatchObject({ subject, to: [to], from: "SmartPages <sign-in@smartpages.example>" })
    for (const part of [mail?.text ?? "", mail?.html ?? ""]) {
      expect(part).toContain(sentence)
      expect(part).toContain("1234 5678")
      expect(part).not.toContain("{{")
    }
    expect(mail?.text).toContain(`\n${link}\n`)
    expect(mail?.html).toContain(`lang="${locale}"`)
    expect(mail?.html, "what comes from outside cannot leave its place").not.toContain('more="<b>')
    expect(mail?.html).toContain("more=&#34;&#60;b&#62;")
  })

  test("a template that is changed in the database is what the next mail says", async () => {
    const database = await worker.miniflare.getD1Database("TEMPLATES", "smartpages-mailer")
    const { results } = await database.prepare("select subject from templates where locale = 'de'").all()
    await database.exec("update templates set subject = 'Neu: {{appName}}' where locale = 'de'")
    await worker.call("sendMagicLink", { to, url: url(), code: "12345678", expiresAt }, "de")
    await database
      .prepare("update templates set subject = ? where locale = 'de'")
      .bind(results[0]?.["subject"])
      .run()
    const [mail]: readonly ShownMail[] = await mailsTo(standIn.origin.origin, to)
    expect(mail?.subject).toBe("Neu: SmartPages")
  })

  test("no template, no mail: the caller is told, and nothing was sent", async () => {
    const database = await worker.miniflare.getD1Database("TEMPLATES", "smartpages-mailer")
    await database.exec("update templates set locale = 'xx' where locale = 'de'")
    const sent = worker.call("sendMagicLink", { to, url: url(), code: "12345678", expiresAt }, "de")
    await expect(sent).rejects.toThrow("There is no sign-in template for de.")
    await database.exec("update templates set locale = 'de' where locale = 'xx'")
    await expect(
      worker.call("sendMagicLink", { to, url: url(), code: "1", expiresAt }, "fr"),
    ).rejects.toThrow()
    expect(await mailsTo(standIn.origin.origin, to)).toEqual([])
  })
})

test("placeholders are filled as text, or escaped for HTML, in one pass; one without a value is a fault", () => {
  const values = { name: `<i title='"'>&{{url}}`, url: "x" }
  expect(fillText("{{name}} {{name}}", values)).toBe(`${values.name} ${values.name}`)
  expect(fillHtml('<a title="{{name}}">{{url}}</a>', values)).toBe(
    '<a title="&#60;i title=&#39;&#34;&#39;&#62;&#38;{{url}}">x</a>',
  )
  expect(() => fillText("{{constructor}}", values)).toThrow("{{constructor}}")
  expect(() => fillHtml("{{other}}", values)).toThrow("{{other}}")
})
