import { readFileSync } from "node:fs"
import { createAuth, type FlowDefinition, opaque } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import type { PasswordSlots, PasswordSteps } from "@mortise/core/password"
import type { ResetSteps } from "@mortise/core/password-reset"
import { testClient } from "@mortise/core/testing"
import { afterAll, beforeAll, expect, test } from "vitest"
import * as argon2 from "../../packages/core/src/argon2.js"
import { resetReasons } from "../../packages/core/src/http/routes/password-reset-routes.js"
import * as password from "../../packages/core/src/password.js"
import * as passwordReset from "../../packages/core/src/password-reset.js"
import { type MailServer, startMailServer } from "../../packages/core/test/mail/mail-server.js"
import { mailSmtp, nodemailer } from "../../packages/core/test/mail/page-modules.js"
import { codeBlocks, complaintsOf, runBlock } from "../../packages/hono/test/readme-code.js"

const page = readFileSync("docs/flows/password-reset.md", "utf8")
const [setup = "", ...rest] = codeBlocks(new URL("../flows/password-reset.md", import.meta.url))

let server: MailServer
beforeAll(async () => {
  server = await startMailServer()
})
afterAll(() => server.stop())

type Flow = FlowDefinition<PasswordSlots | "challenges", PasswordSteps & ResetSteps>

function flowOf(): Flow {
  const createTransport = () =>
    nodemailer.createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true })
  const { flow } = runBlock(setup, {
    "@mortise/core/argon2": argon2,
    "@mortise/core/mail/smtp": mailSmtp,
    "@mortise/core/password": password,
    "@mortise/core/password-reset": passwordReset,
    nodemailer: { createTransport },
  })
  return flow as Flow
}

test("the page compiles", () => {
  const place = new URL("../../packages/core/test/", import.meta.url)
  expect(complaintsOf(setup, place)).toEqual([])
  expect(rest).toEqual([])
}, 120_000)

test("what it writes works from the form to the mail and back, with the words that it says", async () => {
  const origin = "https://app.example.com"
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores: memoryStores(),
    sessions: opaque(),
    flows: { password: flowOf() },
  })
  const ada = { email: "ada@example.com", password: "correct horse battery staple" }
  await auth.flows.password.register(ada)
  const browser = testClient(auth, { origin })
  const asked = await browser.post("/auth/password/forgot", { form: { email: ada.email } })
  const said: (string | null)[] = [asked.headers.get("location")]
  await expect.poll(() => server.mails.length).toBe(1)
  const [link = ""] = /https:\/\/\S+/.exec(server.mails[0]?.parsed.text ?? "") ?? []
  const open = await browser.get(link.slice(origin.length))
  expect([...browser.cookies.keys()]).toEqual(["__Host-password-reset"])
  said.push(open.headers.get("location"))
  for (const password of ["short", "seven green kettles singing"]) {
    const answer = await browser.post("/auth/password/reset", { form: { password } })
    said.push(answer.headers.get("location"))
  }
  await expect.poll(() => server.mails.length).toBe(2)
  expect(server.mails[1]?.parsed.subject).toBe("Your password for My App was reset")
  expect(said).toEqual([
    "/forgot-password?notice=reset_requested",
    "/reset-password",
    "/reset-password?error=password_too_short",
    "/sign-in?notice=password_reset",
  ])
  for (const word of said.map((each) => each?.split("?")[1] ?? "__Host-password-reset")) {
    expect(page).toContain(word)
  }
})

test("every reason of the flow's own is on the page", () => {
  expect(Object.keys(resetReasons).length).toBe(3)
  for (const reason of Object.keys(resetReasons)) expect(page).toContain(`\`${reason}\``)
})
