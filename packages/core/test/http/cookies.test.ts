import { describe, expect, test } from "vitest"
import { ConfigError, SizeError } from "../../src/errors.js"
import { sessionCookie } from "../../src/http/cookies.js"

describe("reading the session cookie", () => {
  const cookie = sessionCookie({}, "default")
  test.each<[string, string | null | undefined, string | undefined]>([
    ["alone", "__Host-session=abc", "abc"],
    ["among others", "a=1; __Host-session=abc; b=2", "abc"],
    ["without the space that browsers put", "a=1;__Host-session=abc;b=2", "abc"],
    ["absent", "a=1", undefined],
    ["no header", undefined, undefined],
    ["null header", null, undefined],
    ["empty header", "", undefined],
    ["empty value", "__Host-session=", ""],
    ["doubled: nobody knows which is genuine", "__Host-session=abc; __Host-session=def", undefined],
    ["doubled with the same value", "__Host-session=abc; __Host-session=abc", undefined],
    ["name in another case is another cookie", "__host-session=abc", undefined],
    ["as the end of another name", "x__Host-session=abc", undefined],
    ["inside another value", "a=__Host-session=abc", undefined],
    ["quoted: not a token, and no quote is removed", '__Host-session="abc"', '"abc"'],
    ["no equals sign", "__Host-session", undefined],
    ["only semicolons", ";;;;", undefined],
  ])("%s", (_, header, expected) => expect(cookie.read(header)).toBe(expected))

  test("a header of a megabyte is read without harm", () => {
    expect(cookie.read(`${"a=1; ".repeat(200_000)}__Host-session=abc`)).toBe("abc")
  })
})

describe("writing it", () => {
  test("HttpOnly, Secure, SameSite and Path are always there", () => {
    expect(sessionCookie({}, "default").set("v", 60)).toBe(
      "__Host-session=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax",
    )
    expect(sessionCookie({}, "default").clear()).toBe(
      "__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax",
    )
  })
  test("a path or a domain makes it __Secure-, and a realm names it", () => {
    expect(sessionCookie({ path: "/admin" }, "admin").name).toBe("__Secure-admin-session")
    expect(sessionCookie({ domain: "example.com" }, "default").set("v", 1)).toContain("; Domain=example.com;")
    expect(sessionCookie({}, "store").name).toBe("__Host-store-session")
  })
  test("a cookie that browsers would drop silently is an error", () => {
    expect(() => sessionCookie({}, "default").set("x".repeat(4096), 60)).toThrow(SizeError)
  })
})

describe("a scope that cannot work is refused at construction, with what to write instead", () => {
  test.each<[string, Parameters<typeof sessionCookie>[0], RegExp]>([
    ["__Host- with a path", { name: "__Host-admin", path: "/admin" }, /name: "__Secure-admin"/],
    ["__Host- with a domain", { name: "__Host-s", domain: "example.com" }, /__Secure-s/],
    ["attributes in the name", { name: "a; Domain=evil.example" }, /cookie\.name.*letters and digits/],
    ["attributes in the path", { path: "/; Domain=evil.example" }, /cookie\.path.*Write "\/" or "\/admin"/],
    ["attributes in the domain", { domain: "example.com; Secure" }, /cookie\.domain/],
    ["line break in the path", { path: "/\r\nSet-Cookie: x=y" }, /cookie\.path.*Write "\/" or "\/admin"/],
    ["relative path", { path: "admin" }, /cookie\.path.*Write "\/" or "\/admin"/],
    ["unknown sameSite", { sameSite: "none" as "None" }, /"Lax", "Strict" or "None"/],
  ])("%s", (_, options, message) => {
    expect(() => sessionCookie(options, "default")).toThrow(ConfigError)
    expect(() => sessionCookie(options, "default")).toThrow(message)
  })
})
