import { expect, test } from "vitest"
import { readSettings } from "../src/settings.js"

const AUTH_SECRET = "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u"

test("a secret is enough", () => {
  expect(readSettings({ AUTH_SECRET, PORT: "", ORIGIN: "" })).toEqual({
    port: 4000,
    host: "127.0.0.1",
    origin: "http://localhost:4000",
    secret: [AUTH_SECRET],
    trustedProxies: 0,
    dataDirectory: ".data",
    databaseUrl: undefined,
    redisUrl: undefined,
  })
})

test("every variable counts, and several secrets are one current and former ones", () => {
  const env = {
    AUTH_SECRET: `${AUTH_SECRET},old`,
    PORT: "80",
    ORIGIN: "https://a.example",
    TRUSTED_PROXIES: "2",
  }
  expect(
    readSettings({ ...env, DATA_DIR: "/data", DATABASE_URL: "postgres://x", REDIS_URL: "redis://x" }),
  ).toMatchObject({
    port: 80,
    origin: "https://a.example",
    secret: [AUTH_SECRET, "old"],
    trustedProxies: 2,
    dataDirectory: "/data",
    databaseUrl: "postgres://x",
    redisUrl: "redis://x",
  })
})

test.each([
  [{}, "AUTH_SECRET is missing. Make one: openssl rand -base64 32"],
  [{ AUTH_SECRET: "" }, "AUTH_SECRET is missing"],
  [{ AUTH_SECRET, PORT: "http" }, "PORT is no number"],
  [{ AUTH_SECRET, TRUSTED_PROXIES: "-1" }, "TRUSTED_PROXIES is no number"],
])("%j is refused: %s", (env, message) => expect(() => readSettings(env)).toThrow(message))
