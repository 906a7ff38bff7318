import { expect, test } from "vitest"
import { readMailboxSettings, readSettings } from "../src/settings.js"

const enough = { AUTH_SECRET: "s".repeat(32), SMTP_URL: "smtp://127.0.0.1:4403" }

test("what is left out has a default; an empty variable is left out", () => {
  expect(readSettings({ ...enough, PORT: "", KEEPERS: "" })).toEqual({
    port: 4400,
    host: "127.0.0.1",
    origin: "http://localhost:4400",
    secret: ["s".repeat(32)],
    trustedProxies: 0,
    dataDirectory: ".data",
    databaseUrl: undefined,
    redisUrl: undefined,
    smtpUrl: "smtp://127.0.0.1:4403",
    mailFrom: "Parlour <parlour@example.com>",
    mailbox: undefined,
    keepers: new Set(),
  })
})

test("addresses of keepers are a list, spelt as accounts are", () => {
  const { keepers } = readSettings({ ...enough, KEEPERS: "Ines@example.com, tom@example.com,," })
  expect([...keepers]).toEqual(["ines@example.com", "tom@example.com"])
})

test.each([
  ["no secret", { ...enough, AUTH_SECRET: "" }, "AUTH_SECRET is missing"],
  ["no mail server", { ...enough, SMTP_URL: "" }, "SMTP_URL is missing"],
  ["a mail server that is none", { ...enough, SMTP_URL: "https://example.com" }, "SMTP_URL must be smtp://"],
  ["a port that is none", { ...enough, PORT: "http" }, "PORT is no number"],
  [
    "mails that anybody can read, off localhost",
    { ...enough, ORIGIN: "https://parlour.example", MAILBOX_URL: "http://127.0.0.1:4404" },
    "MAILBOX_URL is for a demo on localhost",
  ],
  [
    "a mailbox on another machine",
    { ...enough, MAILBOX_URL: "http://example.com:80" },
    "MAILBOX_URL must be",
  ],
])("%s is refused with words", (_, env, words) => {
  expect(() => readSettings(env)).toThrow(words)
})

test("the mail server listens where the application sends", () => {
  const env = { SMTP_URL: "smtp://127.0.0.1:4403", MAILBOX_URL: "http://127.0.0.1:4404" }
  expect(readMailboxSettings(env)).toEqual({ host: "127.0.0.1", smtpPort: 4403, httpPort: 4404 })
})
