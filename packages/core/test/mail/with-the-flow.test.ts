/** What the flow and a ready sender are to each other: languages are compared when they meet, and a mail that fails is the host's to know, not the visitor's. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest"
import { linkWords } from "../../src/http/pages/link-words.js"
import { ConfigError, createAuth, opaque } from "../../src/index.js"
import { type MagicLinkOptions, magicLink } from "../../src/magic-link.js"
import type { SendMagicLink } from "../../src/mail.js"
import { resend } from "../../src/mail-resend.js"
import { serviceBinding } from "../../src/mail-service-binding.js"
import { memoryStores } from "../../src/memory.js"
import { testClient } from "../../src/testing/test-client.js"
import { origin, secret } from "../app.js"
import { failing, type ResendStandIn, startResendStandIn } from "./resend-stand-in.js"
import { canaries } from "./sign-in-mail.js"

let standIn: ResendStandIn
beforeAll(async () => {
  standIn = await startResendStandIn()
})
beforeEach(() => standIn.reset())
afterAll(() => standIn.stop())

function viaStandIn(): SendMagicLink<"en" | "de"> {
  return resend({
    appName: "SmartPages",
    apiKey: canaries.apiKey,
    from: "login@example.com",
    baseUrl: standIn.origin,
    network: { loopback: [standIn.origin] },
  })
}

/** A host with codes in its mails, in two languages. */
function hostThatSendsBy(send: SendMagicLink<"en" | "de">) {
  const flows = { magicLink: magicLink({ locales: ["en", "de"], send, code: true }) }
  const auth = createAuth({ origin, secret, stores: memoryStores(), sessions: opaque(), flows })
  return testClient(auth, { origin })
}

test("a mail arrives in the language of the page, with the flow's link and code", async () => {
  const browser = hostThatSendsBy(viaStandIn())
  const json = { email: canaries.address, locale: "de" }
  expect((await browser.post("/auth/magic-link", { json })).status).toBe(202)
  await expect.poll(() => standIn.delivered.size).toBe(1)
  const body = standIn.requests[0]?.body
  expect(body).toMatchObject({ to: canaries.address, subject: "Anmelden bei SmartPages" })
  expect(body?.["text"]).toMatch(/^https:\/\/app\.example\.com\/auth\/magic-link\/confirm\?token=\S+$/m)
  expect(body?.["text"]).toMatch(/^\d{4} \d{4}$/m)
})

test("a mail that is refused is logged by its codes, and the visitor hears what everybody hears", async () => {
  const logged: string[] = []
  vi.spyOn(console, "error").mockImplementation((...said: unknown[]) => void logged.push(said.join(" ")))
  standIn.next(failing(422, "validation_error"))
  const browser = hostThatSendsBy(viaStandIn())
  const refused = await browser.post("/auth/magic-link", { json: { email: canaries.address, locale: "en" } })
  await expect.poll(() => logged.join()).toContain("The mail was not sent: refused (422 validation_error).")
  const taken = await browser.post("/auth/magic-link", { json: { email: "eve@example.com", locale: "en" } })
  expect([refused.status, await refused.text()]).toEqual([taken.status, await taken.text()])
  const [request] = standIn.requests
  const text = `${request?.body["text"]}`
  const [, token = ""] = /token=(\S+)/.exec(text) ?? []
  const [code = ""] = /\d{4} \d{4}/.exec(text) ?? []
  expect([token.length > 100, code.length]).toEqual([true, 9])
  for (const hidden of [token, code, code.replace(" ", ""), canaries.address, canaries.apiKey]) {
    expect(logged.join()).not.toContain(hidden)
  }
})

test.each([
  ["a ready sender", () => viaStandIn()],
  [
    "a binding that says its languages",
    () => serviceBinding({ sendMagicLink: async () => {} }, { locales: ["en"] }),
  ],
])("%s without words for a language of the flow is refused when they meet", (_what, send) => {
  const words = { fr: linkWords.en }
  const options = { send: send(), locales: ["en", "fr"], words } as unknown as MagicLinkOptions<
    "en",
    undefined
  >
  expect(() => magicLink(options)).toThrow(ConfigError)
  expect(() => magicLink(options)).toThrow(/templates: { fr/)
})
