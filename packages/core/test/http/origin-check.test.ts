import { describe, expect, test } from "vitest"
import { ConfigError } from "../../src/errors.js"
import { fromTrustedOrigin, ownOrigin } from "../../src/http/origin-check.js"

const trusted = new Set(["https://app.example.com", "https://front.example.org"])

function post(headers: Record<string, string>, method = "POST"): boolean {
  return fromTrustedOrigin({ method, target: "/", header: (name) => headers[name] }, trusted)
}

describe("a request that changes something", () => {
  test.each<[string, Record<string, string>]>([
    ["same origin, new browser", { "sec-fetch-site": "same-origin", origin: "https://app.example.com" }],
    ["typed into the address bar", { "sec-fetch-site": "none" }],
    ["same origin, old browser", { origin: "https://app.example.com" }],
    ["trusted front end", { "sec-fetch-site": "cross-site", origin: "https://front.example.org" }],
    ["no browser at all", {}],
  ])("passes: %s", (_, headers) => expect(post(headers)).toBe(true))

  test.each<[string, Record<string, string>]>([
    ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["another site that hides its origin", { "sec-fetch-site": "cross-site" }],
    ["neighbouring subdomain", { "sec-fetch-site": "same-site", origin: "https://blog.example.com" }],
    ["opaque origin", { origin: "null" }],
    ["opaque origin, new browser", { "sec-fetch-site": "cross-site", origin: "null" }],
    ["look-alike suffix", { origin: "https://app.example.com.evil.example" }],
    ["look-alike prefix", { origin: "https://xapp.example.com" }],
    ["other port", { origin: "https://app.example.com:8443" }],
    ["other scheme", { origin: "http://app.example.com" }],
    ["user info", { origin: "https://app.example.com@evil.example" }],
    ["other case is not what browsers send", { origin: "https://APP.example.com" }],
    ["two origins", { origin: "https://app.example.com, https://evil.example" }],
    ["unknown Sec-Fetch-Site", { "sec-fetch-site": "banana" }],
  ])("is refused: %s", (_, headers) => {
    for (const method of ["POST", "DELETE", "PUT", "PATCH"]) expect(post(headers, method)).toBe(false)
  })

  test("reading is always allowed", () => {
    expect(post({ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, "GET")).toBe(true)
  })
})

describe("the host's own origin", () => {
  test.each([
    ["https://app.example.com", "https://app.example.com"],
    ["https://app.example.com/", "https://app.example.com"],
    ["http://localhost:4000", "http://localhost:4000"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000"],
    ["http://[::1]:4000", "http://[::1]:4000"],
  ])("%s", (text, origin) => expect(ownOrigin(text)).toBe(origin))

  test.each([
    "",
    "app.example.com",
    "http://app.example.com",
    "https://app.example.com/path",
    "https://u:p@app.example.com",
    "ftp://app.example.com",
    "http://localhost.evil.example",
    "https://app.example.com?x",
  ])("%j is refused", (text) => {
    expect(() => ownOrigin(text)).toThrow(ConfigError)
  })
})
