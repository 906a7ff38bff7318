import { describe, expect, test } from "vitest"
import { canonicalEmail } from "../src/email-address.js"

describe("one canonical spelling per mailbox", () => {
  test.each([
    ["ada@example.com", "ada@example.com"],
    ["  Ada@Example.COM ", "ada@example.com"],
    ["a.da+tag@example.com", "a.da+tag@example.com"],
    ["o'neill@example.ie", "o'neill@example.ie"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
    ["ada@sub.example.co.uk", "ada@sub.example.co.uk"],
    [`${"a".repeat(64)}@example.com`, `${"a".repeat(64)}@example.com`],
  ])("%s is %s", (input, expected) => expect(canonicalEmail(input)).toBe(expected))

  test("canonical is a fixed point", () => {
    for (const email of ["ada@xn--bcher-kva.example", "a.b+c@example.com"])
      expect(canonicalEmail(email)).toBe(email)
  })

  test("look-alike domains stay two mailboxes", () => {
    expect(canonicalEmail("ada@exаmple.com")).not.toBe("ada@example.com")
  })

  test.each([
    ["nothing", ""],
    ["no at-sign", "ada.example.com"],
    ["no local part", "@example.com"],
    ["no domain", "ada@"],
    ["two at-signs", "ada@b@example.com"],
    ["a list", "ada@example.com,eve@evil.example"],
    ["a list with semicolon", "ada@example.com;eve@evil.example"],
    ["line feed", "ada@example.com\nBcc: eve@evil.example"],
    ["carriage return", "ada@example.com\r\nBcc: eve@evil.example"],
    ["header in the local part", "ada\r\nBcc:eve@example.com"],
    ["NUL", "ada\0@example.com"],
    ["quoted local part", '"ada lovelace"@example.com'],
    ["display name", "Ada <ada@example.com>"],
    ["comment", "ada(x)@example.com"],
    ["full-width at-sign", "ada＠example.com"],
    ["small at-sign", "ada﹫example.com"],
    ["Kelvin sign, whose lower case is k", "\u212Aate@example.com"],
    ["non-ASCII local part", "адa@example.com"],
    ["IP literal", "ada@[127.0.0.1]"],
    ["bare IP address", "ada@127.0.0.1"],
    ["octal IP address", "ada@0177.1"],
    ["single label", "ada@localhost"],
    ["trailing dot", "ada@example.com."],
    ["doubled dot in the domain", "ada@example..com"],
    ["doubled dot in the local part", "a..da@example.com"],
    ["leading dot", ".ada@example.com"],
    ["label that starts with a hyphen", "ada@-example.com"],
    ["port", "ada@example.com:25"],
    ["path", "ada@example.com/x"],
    ["percent encoding", "ada@ex%61mple.com"],
    ["user info", "ada@user:pw@example.com"],
    ["space inside", "ada @example.com"],
    ["tab outside", "\tada@example.com"],
    ["zero-width space", "ada@exam\u200bple.com"],
    ["long local part", `${"a".repeat(65)}@example.com`],
    [
      "long address",
      `ada@${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.example.com`,
    ],
    ["a megabyte", `${"a".repeat(1_000_000)}@example.com`],
  ])("%s is refused", (_, input) => expect(canonicalEmail(input)).toBeUndefined())
})
