/** Every option of every sender, wrong in the ways in which it is likely to be wrong: refused while it is built, with what to write. */
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { ConfigError } from "../../src/index.js"
import { letterWriter } from "../../src/mail.js"
import { resend } from "../../src/mail-resend.js"
import { serviceBinding } from "../../src/mail-service-binding.js"
import { smtp } from "../../src/mail-smtp.js"
import { canaries } from "./sign-in-mail.js"

/** What a host writes who has no type checker, or overruled it. */
type Anything = (...options: readonly unknown[]) => unknown
const makers = { letterWriter, resend, serviceBinding, smtp } as unknown as Readonly<Record<string, Anything>>

const from = "SmartPages <login@example.com>"
const right = {
  letterWriter: { appName: "SmartPages" },
  resend: { appName: "SmartPages", apiKey: canaries.apiKey, from },
  smtp: { appName: "SmartPages", from, transporter: { sendMail: async () => undefined } },
}
const binding = { sendMagicLink: async () => undefined }

function refused(make: () => unknown, code: string, about: RegExp): void {
  let fault: unknown
  try {
    make()
  } catch (error) {
    fault = error
  }
  expect(fault).toBeInstanceOf(ConfigError)
  expect(fault).toMatchObject({ code, message: expect.stringMatching(about) })
  expect((fault as ConfigError).message).toMatch(/Write /)
  for (const canary of Object.values(canaries)) expect(inspect(fault)).not.toContain(canary)
}

const writing = ["letterWriter", "resend", "smtp"] as const

describe.each(writing)("%s", (kind) => {
  const make = (changes: object) => () => makers[kind]?.({ ...right[kind], ...changes })

  test("is made of what is right", () => {
    expect(make({})).not.toThrow()
  })

  test.each([undefined, "", " ", "a\r\nBcc: eve@example.com", "a\u2028b", 1])(
    "refuses the name %j",
    (appName) => {
      refused(make({ appName }), "ERR_CONFIG_MAIL", /^appName/)
    },
  )

  test.each(["Berlin", "", 1])("refuses the time zone %j", (timeZone) => {
    refused(make({ timeZone }), "ERR_CONFIG_MAIL", /^timeZone/)
  })

  test.each([{ fr: undefined }, { de: undefined }, { fr: "Bonjour" }])(
    "refuses the templates %j",
    (templates) => {
      refused(make({ templates }), "ERR_CONFIG_MAIL", /^templates\.(?:fr|de)/)
      refused(make({ accountTemplates: templates }), "ERR_CONFIG_MAIL", /^accountTemplates\.(?:fr|de)/)
    },
  )
})

const sending = ["resend", "smtp"] as const
const wrongMailboxes = [
  "",
  "login",
  "login@localhost",
  "a@example.com, b@example.com",
  "SmartPages <login@example.com>, Eve <eve@example.com>",
  "SmartPages\r\nBcc: eve@example.com <login@example.com>",
  "SmartPages <login@example.com\r\nBcc: eve@example.com>",
  'Smart" <eve@example.com>, "Pages <login@example.com>',
  "Smart\\Pages <login@example.com>",
  "<<login@example.com>>",
  "SmartPages <login@example.com> eve@example.com",
  { name: "SmartPages", address: "login@example.com" },
]

describe.each(sending)("%s", (kind) => {
  const make = (changes: object) => () => makers[kind]?.({ ...right[kind], ...changes })

  test.each([undefined, ...wrongMailboxes])("refuses to send from %j", (from) => {
    refused(make({ from }), "ERR_CONFIG_MAIL", new RegExp(`^${kind}: from`))
  })

  test.each(wrongMailboxes)("refuses answers to %j", (replyTo) => {
    refused(make({ replyTo }), "ERR_CONFIG_MAIL", new RegExp(`^${kind}: replyTo`))
  })
})

describe("resend", () => {
  const make = (changes: object) => () => makers["resend"]?.({ ...right.resend, ...changes })

  test.each([undefined, "", "re_1 2", "re_1\r\nx: y", `ü${canaries.apiKey}`])(
    "refuses the key %j, and does not repeat it",
    (apiKey) => {
      refused(make({ apiKey }), "ERR_CONFIG_MAIL", /^resend: apiKey/)
    },
  )

  test.each([
    "http://api.resend.com",
    "http://localhost:4100",
    "https://127.0.0.1",
    "https://10.0.0.1",
    "https://user:password@api.resend.com",
    "https://api.resend.com/?a=b",
    "https://api.resend.com/#a",
    "api.resend.com",
    "",
  ])("refuses to ask %j", (baseUrl) => {
    refused(make({ baseUrl }), "ERR_CONFIG_MAIL", /^resend: baseUrl/)
  })

  test("asks this machine if its origin is named, and only for what is on it", () => {
    const network = { loopback: ["http://localhost:4100"] }
    expect(make({ baseUrl: "http://localhost:4100", network })).not.toThrow()
    refused(make({ baseUrl: "http://localhost:4101", network }), "ERR_CONFIG_MAIL", /^resend: baseUrl/)
    refused(
      make({ network: { loopback: ["http://example.com"] } }),
      "ERR_CONFIG_PROVIDER",
      /^network.loopback/,
    )
  })
})

describe("smtp", () => {
  const make = (changes: object) => () => makers["smtp"]?.({ ...right.smtp, ...changes })

  test.each([undefined, null, {}, { sendMail: true }, "smtp://localhost"])(
    "refuses the transporter %j",
    (transporter) => {
      refused(make({ transporter }), "ERR_CONFIG_MAIL", /^smtp: transporter/)
    },
  )

  test.each([0, -1, "soon"])("refuses the time-out %j", (timeout) => {
    refused(make({ timeout }), "ERR_CONFIG_DURATION", /^smtp: timeout/)
  })
})

describe("serviceBinding", () => {
  test.each([undefined, null, {}, { fetch: () => undefined }])("refuses the binding %j", (wrong) => {
    refused(
      () => makers["serviceBinding"]?.(wrong),
      "ERR_CONFIG_MAIL",
      /^serviceBinding: there is no such binding/,
    )
  })

  test.each(["en", [1], {}])("refuses the locales %j", (locales) => {
    refused(
      () => makers["serviceBinding"]?.(binding, { locales }),
      "ERR_CONFIG_MAIL",
      /^serviceBinding: locales/,
    )
  })

  test("refuses a time-out that is none", () => {
    refused(
      () => makers["serviceBinding"]?.(binding, { timeout: 0 }),
      "ERR_CONFIG_DURATION",
      /^serviceBinding: timeout/,
    )
  })
})

test("a sender says which locales it has words for, and not its key", () => {
  const sender = resend({
    ...right.resend,
    templates: { fr: () => ({ subject: "a", text: "b", html: "c" }) },
  })
  expect(sender.locales).toEqual(["en", "de", "fr"])
  expect(smtp(right.smtp).locales).toEqual(["en", "de"])
  expect(serviceBinding(binding, { locales: ["en"] }).locales).toEqual(["en"])
  expect(serviceBinding(binding).locales).toBeUndefined()
  expect(inspect(sender, { depth: 9, showHidden: true })).not.toContain(canaries.apiKey)
})
