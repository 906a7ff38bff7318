/** In workerd, without Node's modules: one Worker asks another over a service binding, which asks Resend's API over a socket. */
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { Miniflare } from "miniflare"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type AccountMail, letterWriter, type MagicLinkMail, type SendMail } from "../../src/mail.js"
import {
  type AccountMailPayload,
  type MagicLinkPayload,
  serviceBinding,
} from "../../src/mail-service-binding.js"
import { accountMail, accountMails } from "./account-mails.js"
import { failing, type ResendStandIn, startResendStandIn } from "./resend-stand-in.js"
import { canaries, signInMail } from "./sign-in-mail.js"
import { mailFault } from "./thrown.js"

async function workerOf(name: string) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`workers/${name}.mjs`, import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@mortise/source", "workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    write: false,
  })
  const contents = outputFiles[0]?.text ?? ""
  const modules = [{ type: "ESModule" as const, path: `${name}.mjs`, contents }]
  return { name, modules, compatibilityDate: "2026-04-01" }
}

let standIn: ResendStandIn
let workers: Miniflare
beforeAll(async () => {
  standIn = await startResendStandIn()
  const [core, mailer] = await Promise.all([workerOf("core"), workerOf("mailer")])
  const to = (entrypoint: string) => ({ name: mailer.name, entrypoint })
  const serviceBindings = {
    MAILER: to("Mailer"),
    TALKATIVE: to("Talkative"),
    SLOW: to("Slow"),
    STRANGER: to("Stranger"),
  }
  const bindings = { RESEND_API_KEY: canaries.apiKey, RESEND_URL: standIn.origin }
  workers = new Miniflare({
    cf: false,
    workers: [
      { ...core, serviceBindings },
      { ...mailer, bindings },
    ],
  })
  await workers.ready
})
beforeEach(() => standIn.reset())
afterAll(async () => {
  await workers.dispose()
  await standIn.stop()
})

/** What the asking Worker says of a mail that it sent through the binding. */
async function sent(binding: string, mail: MagicLinkMail | AccountMail): Promise<unknown> {
  const response = await workers.dispatchFetch(`http://localhost/${binding}`, {
    method: "POST",
    body: JSON.stringify(mail),
  })
  const text = await response.text()
  for (const canary of Object.values(canaries)) expect(text).not.toContain(canary)
  return JSON.parse(text)
}

const unsent = { name: "MailError", code: "ERR_MAIL", fault: "unavailable" }

describe("in workerd", () => {
  test.each([
    ["en", "Sign in to SmartPages"],
    ["de", "Anmelden bei SmartPages"],
  ])("a mail in %s crosses over and leaves", async (locale, subject) => {
    const mail = signInMail({ locale: locale as "en" })
    expect(await sent("MAILER", mail)).toEqual({ sent: true })
    const [request, ...more] = standIn.requests
    expect(more).toEqual([])
    expect(request?.body).toMatchObject({ to: mail.to, subject })
    for (const form of ["text", "html"]) expect(request?.body[form]).toContain("16:50 UTC")
    expect(request?.body["text"]).toContain(mail.url)
    expect(request?.headers["user-agent"]).toBe("mortise")
  })

  test("all of it arrives on the other side", async () => {
    const mail = { ...signInMail({ metadata: { plan: "pro", seats: [1, 2] } }), locale: "fr" }
    expect(await sent("MAILER", mail)).toEqual({ sent: true })
    expect(JSON.parse(`${standIn.requests[0]?.body["text"]}`)).toEqual(mail)
  })

  test("a mail without a code", async () => {
    expect(await sent("MAILER", signInMail({ code: undefined }))).toEqual({ sent: true })
    expect(standIn.requests[0]?.body["text"]).not.toMatch(/code|undefined/)
  })

  test.each(accountMails)("a mail about an account crosses over: %s", async (_what, mail) => {
    expect(await sent("MAILER", { ...mail, locale: "de" })).toEqual({ sent: true })
    const letter = await letterWriter({ appName: "SmartPages" }).write({ ...mail, locale: "de" })
    expect(standIn.requests.map(({ body }) => body)).toMatchObject([letter])
  })

  test.each(["TALKATIVE", "STRANGER"])("a mail about an account that %s fails to send", async (binding) => {
    const failed = await sent(binding, accountMail("reset_password"))
    expect(failed).toMatchObject({ ...unsent, detail: "service_binding" })
  })

  test("a service that is down for a moment is asked once more from there", async () => {
    standIn.next(failing(429, "rate_limit_exceeded"))
    expect(await sent("MAILER", signInMail())).toEqual({ sent: true })
    expect(standIn.requests).toHaveLength(2)
    expect(standIn.delivered.size).toBe(1)
  })

  test.each([
    ["a mailer that Resend refuses", "MAILER", "en", "service_binding"],
    ["a locale that the mailer has no words for", "MAILER", "it", "service_binding"],
    ["a mailer that throws what it was told", "TALKATIVE", "en", "service_binding"],
    ["a mailer that is slow", "SLOW", "en", "timed_out"],
    ["a Worker that is no mailer", "STRANGER", "en", "service_binding"],
  ])("%s", async (_what, binding, locale, detail) => {
    standIn.next(failing(422, "validation_error"))
    expect(await sent(binding, { ...signInMail(), locale })).toMatchObject({ ...unsent, detail })
    expect(standIn.delivered.size).toBe(0)
  })
})

describe("a binding of any kind", () => {
  test("is called as its own method, with the locale beside the rest", async () => {
    const binding = {
      calls: [] as unknown[],
      async sendMagicLink(payload: MagicLinkPayload, locale: string) {
        this.calls.push([payload, locale])
      },
    }
    const { locale, ...payload } = signInMail({ metadata: { plan: "pro" } })
    await serviceBinding(binding)({ ...payload, locale })
    expect(binding.calls).toEqual([[payload, locale]])
  })

  test("is called for mails about accounts by their own method", async () => {
    const calls: unknown[] = []
    const binding = {
      async sendAccountMail(payload: AccountMailPayload, locale: string) {
        calls.push([payload, locale])
      },
    }
    const mail = accountMail("second_factor")
    const { locale, ...payload } = mail
    await serviceBinding(binding)(mail)
    expect(calls).toEqual([[payload, locale]])
  })

  test.each([
    ["sendAccountMail", signInMail()],
    ["sendMagicLink", accountMail("notice")],
  ] as const)("that has %s alone fails at the other", async (method, mail) => {
    const binding = { [method]: async () => undefined } as unknown as Parameters<typeof serviceBinding>[0]
    const send = serviceBinding(binding) as SendMail
    expect(await mailFault(send(mail))).toBe("unavailable: service_binding")
  })

  test("that throws at once", async () => {
    const binding = {
      sendMagicLink: () => {
        throw new Error(canaries.token)
      },
    }
    expect(await mailFault(serviceBinding(binding)(signInMail()))).toBe("unavailable: service_binding")
  })
})
