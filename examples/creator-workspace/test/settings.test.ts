import { expect, test } from "vitest"
import { readSettings, readStandInSettings } from "../src/settings.js"

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
    providers: { google: undefined, github: undefined, microsoft: undefined, standIn: undefined },
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

test("a provider is there with an id and a secret, others or not", () => {
  const id = { clientId: "id", clientSecret: "s3cret" }
  const microsoft = { MICROSOFT_CLIENT_ID: "id", MICROSOFT_CLIENT_SECRET: "s3cret" }
  const github = { GITHUB_CLIENT_ID: "id", GITHUB_CLIENT_SECRET: "s3cret" }
  expect(readSettings({ AUTH_SECRET, ...github }).providers).toMatchObject({ google: undefined, github: id })
  expect(readSettings({ AUTH_SECRET, ...microsoft }).providers.microsoft).toEqual({ ...id, tenant: "common" })
  expect(
    readSettings({ AUTH_SECRET, ...microsoft, MICROSOFT_TENANT: "consumers" }).providers.microsoft,
  ).toMatchObject({ tenant: "consumers" })
})

const standIn = { STAND_IN_URL: "http://127.0.0.1:4003" }

test("a stand-in is there on localhost, and is told what it needs and no secret", () => {
  expect(readSettings({ AUTH_SECRET, ...standIn }).providers.standIn).toBe("http://127.0.0.1:4003")
  expect(readStandInSettings({ AUTH_SECRET, ...standIn, PORT: "5000", DATA_DIR: "/data" })).toEqual({
    url: "http://127.0.0.1:4003",
    host: "127.0.0.1",
    application: "http://localhost:5000",
    dataDirectory: "/data",
  })
  expect(() => readStandInSettings({})).toThrow("STAND_IN_URL is missing")
})

test.each([
  [{}, "AUTH_SECRET is missing. Make one: openssl rand -base64 32"],
  [{ AUTH_SECRET: "" }, "AUTH_SECRET is missing"],
  [{ AUTH_SECRET, PORT: "http" }, "PORT is no number"],
  [{ AUTH_SECRET, TRUSTED_PROXIES: "-1" }, "TRUSTED_PROXIES is no number"],
  [{ AUTH_SECRET, GOOGLE_CLIENT_ID: "id" }, "GOOGLE_CLIENT_SECRET is missing beside GOOGLE_CLIENT_ID."],
  [{ AUTH_SECRET, GITHUB_CLIENT_SECRET: "x" }, "GITHUB_CLIENT_ID is missing beside GITHUB_CLIENT_SECRET."],
  [{ AUTH_SECRET, STAND_IN_URL: "https://stand-in.example" }, "STAND_IN_URL must be http://127.0.0.1"],
  [
    { AUTH_SECRET, ...standIn, ORIGIN: "https://a.example" },
    "for a demo on localhost, not for https://a.example",
  ],
  [
    { AUTH_SECRET, ...standIn, GITHUB_CLIENT_ID: "id", GITHUB_CLIENT_SECRET: "x" },
    "STAND_IN_URL plays all providers.",
  ],
])("%j is refused: %s", (env, message) => expect(() => readSettings(env)).toThrow(message))
