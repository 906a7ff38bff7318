import { expect, test } from "vitest"
import { readSettings } from "../src/settings.js"

const AUTH_SECRET = "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u"

test("a secret is enough", () => {
  expect(readSettings({ AUTH_SECRET, PORT: "", ORIGIN: "" })).toEqual({
    port: 4300,
    host: "127.0.0.1",
    origin: "http://localhost:4300",
    secret: [AUTH_SECRET],
    dataDirectory: ".data",
  })
})

test("every variable counts, and several secrets are one current and former ones", () => {
  const env = { AUTH_SECRET: `${AUTH_SECRET},old`, PORT: "80", HOST: "0.0.0.0", DATA_DIR: "/data" }
  expect(readSettings({ ...env, ORIGIN: "http://127.0.0.1:8080" })).toEqual({
    port: 80,
    host: "0.0.0.0",
    origin: "http://127.0.0.1:8080",
    secret: [AUTH_SECRET, "old"],
    dataDirectory: "/data",
  })
})

test.each([
  [{}, "AUTH_SECRET is missing. Make one: openssl rand -base64 32"],
  [{ AUTH_SECRET, PORT: "http" }, "PORT is no number"],
  [{ AUTH_SECRET, ORIGIN: "https://shop.example" }, "On localhost only, not on https://shop.example"],
  [{ AUTH_SECRET, ORIGIN: "http://localhost.evil.example" }, "On localhost only"],
])("%j is refused: %s", (env, message) => expect(() => readSettings(env)).toThrow(message))
