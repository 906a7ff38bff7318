import { describe, expect, test } from "vitest"
import { deactivation } from "../../src/deactivation.js"
import { type EmailWords, emailAddress } from "../../src/email.js"
import { createAuth, type FlowDefinition, opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { origin, secret } from "../app.js"

const send = async (): Promise<void> => {}

/** What a host may have got wrong, as a host without a type checker writes it. */
const rows: readonly (readonly [string, (options: never) => FlowDefinition, object, string])[] = (
  [
    ["emailAddress", emailAddress],
    ["deactivation", deactivation],
  ] as const
).flatMap(([flow, make]) =>
  (
    [
      [{}, "ERR_CONFIG_MAIL"],
      [{ send: "smtp" }, "ERR_CONFIG_MAIL"],
      [{ send, locales: [] }, "ERR_CONFIG_MAIL"],
      [{ send, locales: ["en", "fr"] }, "ERR_CONFIG_MAIL"],
      [{ send, locales: ["fr"], words: { fr: {} } }, "ERR_CONFIG_MAIL"],
      [{ send, locales: ["en"], words: { en: { refused: {} } } }, "ERR_CONFIG_MAIL"],
      [{ send, locales: ["constructor"] }, "ERR_CONFIG_MAIL"],
      [{ send: Object.assign(async () => {}, { locales: ["en"] }), locales: ["de"] }, "ERR_CONFIG_MAIL"],
      [{ send, fresh: "soon" }, "ERR_CONFIG_DURATION"],
      [{ send, pages: { account: "https://evil.example/" } }, "ERR_CONFIG_PATH"],
      [{ send, pages: { signIn: "//evil.example" } }, "ERR_CONFIG_PATH"],
      [{ send, pages: { signIn: "/a#b" } }, "ERR_CONFIG_PATH"],
    ] as const
  ).map(([options, code]) => [flow, make as (options: never) => FlowDefinition, options, code] as const),
)

function built(flow: () => FlowDefinition, paths: Readonly<Record<string, string>> = {}): () => unknown {
  return () =>
    createAuth({
      ...{ origin, secret, paths },
      stores: memoryStores(),
      sessions: opaque(),
      flows: { flow: flow() as FlowDefinition<never> },
    })
}

describe("refused at construction, with what to write instead", () => {
  test.each(rows)("%s: %o %o", (_, make, options, code) => {
    expect(built(() => make(options as never))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(/Write /) }),
    )
  })

  test.each([
    [{ lifetimes: { undo: 0 } }, "ERR_CONFIG_DURATION"],
    [{ lifetimes: { verification: "1y" } }, "ERR_CONFIG_DURATION"],
    [{ limits: { user: { limit: -1, window: "1h" } } }, "ERR_CONFIG_LIMIT"],
    [{ limits: { address: { limit: 1.5, window: "1h" } } }, "ERR_CONFIG_LIMIT"],
    [{ limits: { network: { limit: 1, window: "x" } } }, "ERR_CONFIG_DURATION"],
  ])("emailAddress: %o", (options, code) => {
    expect(() => emailAddress({ send, ...options } as never)).toThrow(expect.objectContaining({ code }))
  })

  test.each(["emailVerify", "emailConfirm", "emailUndo"])("a link is one address: %s", (name) => {
    expect(built(() => emailAddress({ send }), { [name]: "/auth/x/:id" })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_PATH" }),
    )
  })

  test("the same for accountReactivate, and a lifetime that is none", () => {
    expect(built(() => deactivation({ send }), { accountReactivate: "/auth/:x" })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_PATH" }),
    )
    expect(() => deactivation({ send, lifetime: 0 })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_DURATION" }),
    )
  })
})

test("another language takes its words, and then it is taken", () => {
  const fr = {} as EmailWords
  // @ts-expect-error: French has no words of its own
  expect(() => emailAddress({ send, locales: ["en", "fr"] })).toThrow()
  // @ts-expect-error: the languages must be said, where they are not English alone
  emailAddress<"en" | "de">({ send })
  expect(() => emailAddress({ send, locales: ["fr"], words: { fr } })).toThrow(
    expect.objectContaining({ code: "ERR_CONFIG_MAIL" }),
  )
  expect(() => emailAddress({ send, locales: ["de", "en"] })).not.toThrow()
})
