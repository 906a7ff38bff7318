import { describe, expect, test } from "vitest"
import { account } from "../../src/account.js"
import { createAuth, opaque, type Stores } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { origin, secret } from "../app.js"

type Options = Parameters<typeof account>[0]

function build(options: unknown, stores: Partial<Stores> = memoryStores()): void {
  const flows = { account: account(options as Options) }
  createAuth({ origin, secret, stores: stores as Stores, sessions: opaque(), flows })
}

const part = { export: () => null, erase() {} }

describe("account() refuses", () => {
  test.each<[string, unknown, string, RegExp]>([
    ["a part that cannot erase", { parts: { a: { export: part.export } } }, "ERR_CONFIG_ACCOUNT", /parts\.a/],
    ["a part that cannot export", { parts: { a: { erase: part.erase } } }, "ERR_CONFIG_ACCOUNT", /parts\.a/],
    ["no part at all", { parts: { a: undefined } }, "ERR_CONFIG_ACCOUNT", /parts\.a/],
    ["a purpose with a space", { consents: { "a b": { version: "1" } } }, "ERR_CONFIG_ACCOUNT", /newsletter/],
    [
      "a purpose that is too long",
      { consents: { ["a".repeat(65)]: { version: "1" } } },
      "ERR_CONFIG_ACCOUNT",
      /64/,
    ],
    ["no version", { consents: { a: {} } }, "ERR_CONFIG_ACCOUNT", /consents\.a\.version/],
    ["an empty version", { consents: { a: { version: "" } } }, "ERR_CONFIG_ACCOUNT", /consents\.a/],
    ["a number for a version", { consents: { a: { version: 1 } } }, "ERR_CONFIG_ACCOUNT", /consents\.a/],
    [
      "versions that are none",
      { consents: { a: { version: "1", alsoCounts: [""] } } },
      "ERR_CONFIG_ACCOUNT",
      /a/,
    ],
    ["versions in a text", { consents: { a: { version: "1", alsoCounts: "0" } } }, "ERR_CONFIG_ACCOUNT", /a/],
    ["mayErase that is no function", { mayErase: true }, "ERR_CONFIG_ACCOUNT", /mayErase/],
    ["user that is no function", { user: "id" }, "ERR_CONFIG_ACCOUNT", /user/],
    ["fresh that is no time", { fresh: "soon" }, "ERR_CONFIG_DURATION", /account\.fresh/],
    ["a sender that is none", { send: "smtp" }, "ERR_CONFIG_MAIL", /account: send/],
    ["a sender that lacks a language", { send: languages(), locales: ["fr"] }, "ERR_CONFIG_MAIL", /fr/],
    [
      "a page elsewhere",
      { pages: { account: "https://evil.example/" } },
      "ERR_CONFIG_PATH",
      /account\.pages/,
    ],
    ["a page of another host", { pages: { erased: "//evil.example" } }, "ERR_CONFIG_PATH", /account\.pages/],
    ["a page with a fragment", { pages: { erased: "/bye#x" } }, "ERR_CONFIG_PATH", /account\.pages/],
  ])("%s", (_, options, code, message) => {
    expect(() => build(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })

  test.each(["users", "credentials", "challenges"] as const)("a host without %s", (slot) => {
    const { [slot]: _, ...rest } = memoryStores()
    expect(() => build({}, rest)).toThrow(expect.objectContaining({ code: "ERR_CONFIG_STORES" }))
  })

  test("consents without a slot for them, and only then", () => {
    const { consents: _, ...rest } = memoryStores()
    const consents = { newsletter: { version: "1" } }
    expect(() => build({ consents }, rest)).toThrow(expect.objectContaining({ code: "ERR_CONFIG_STORES" }))
    expect(() => build({}, rest)).not.toThrow()
    expect(() => build({ consents })).not.toThrow()
  })
})

function languages(): object {
  return Object.assign(async () => {}, { locales: ["en"] })
}
