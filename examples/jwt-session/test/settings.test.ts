import { describe, expect, test } from "vitest"
import { readSettings } from "../src/settings"

const secret = "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE"

function settings(env: Record<string, string>) {
  return readSettings({ NODE_ENV: "test", AUTH_SECRET: secret, ...env })
}

describe("settings", () => {
  test("have defaults for everything but the secret", () => {
    expect(settings({})).toMatchObject({
      origin: "http://localhost:4200",
      secret: [secret],
      trustedProxies: 1,
      sessions: "jwt",
      lifetime: 43_200,
      grace: 3600,
      errorsPage: false,
    })
    expect(() => readSettings({ NODE_ENV: "test" })).toThrow(/^AUTH_SECRET is missing/)
  })

  test("a secret that rotates, and proxies in front of our own", () => {
    expect(settings({ AUTH_SECRET: `new,${secret}`, TRUSTED_PROXIES: "2" })).toMatchObject({
      secret: ["new", secret],
      trustedProxies: 3,
    })
  })

  test.each([
    [{ SESSIONS: "paper" }, /^SESSIONS is paper/],
    [{ SESSIONS: "redis" }, /takes a REDIS_URL/],
    [{ SESSION_LIFETIME: "2m" }, /^SESSION_LIFETIME is 2m/],
    [{ ERRORS_PAGE: "1", ORIGIN: "https://almanac.example" }, /^ERRORS_PAGE is for a demo/],
    [{ ERRORS_PAGE: "1", ORIGIN: "http://localhost.evil.example" }, /^ERRORS_PAGE is for a demo/],
  ] as const)("%j is refused", (env, message) => {
    expect(() => settings(env)).toThrow(message)
  })
})
