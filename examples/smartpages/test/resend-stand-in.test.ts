import { afterAll, beforeAll, expect, test } from "vitest"
import { mailsTo } from "../e2e/mail.js"
import { startStandIn } from "../local/mails/stand-in.mjs"

let standIn: Awaited<ReturnType<typeof startStandIn>>
let url: string

beforeAll(async () => {
  standIn = await startStandIn()
  url = standIn.origin.origin
})
afterAll(() => standIn?.stop())

const valid = {
  from: "App <a@example.com>",
  to: ["b@example.com"],
  subject: "Hello",
  html: "<p>x</p>",
  text: "x",
}

async function send(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/emails`, {
    method: "POST",
    headers: { authorization: "Bearer re_test", "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  })
  return { status: response.status, json: (await response.json()) as { id?: string; name?: string } }
}

test("takes a mail and shows it, as data and as a page", async () => {
  const to = `${crypto.randomUUID()}@example.com`
  const { status, json } = await send({ ...valid, to: [to] })
  expect(status).toBe(200)
  expect(await mailsTo(url, to)).toMatchObject([{ ...valid, id: json.id, to: [to] }])
  expect(await (await fetch(`${url}/mails`)).text()).toContain(to)
  const page = await (await fetch(`${url}/mails/${json.id}`)).text()
  expect(page).toContain("&#60;p&#62;x&#60;/p&#62;")
  expect((await fetch(`${url}/mails/unknown`)).status).toBe(404)
})

test("what a mail says cannot leave its frame, and may not run", async () => {
  const html = `<html><head></head><body>"></iframe><script>alert(1)</script></body></html>`
  const { json } = await send({ ...valid, subject: "<script>alert(2)</script>", html })
  const response = await fetch(`${url}/mails/${json.id}`)
  expect(await response.text()).not.toContain("<script>")
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'")
})

test("an idempotency key sends one mail, however often it comes; another mail with it is refused", async () => {
  const to = `${crypto.randomUUID()}@example.com`
  const headers = { "idempotency-key": crypto.randomUUID() }
  const answers = await Promise.all(Array.from({ length: 8 }, () => send({ ...valid, to: [to] }, headers)))
  expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1)
  const other = await send({ ...valid, to: [to], subject: "Another" }, headers)
  expect(other).toMatchObject({ status: 409, json: { name: "invalid_idempotent_request" } })
  expect(await mailsTo(url, to)).toHaveLength(1)
})

test.each([
  [401, "missing_api_key", valid, { authorization: "" }],
  [403, "invalid_api_key", valid, { authorization: "Bearer secret" }],
  [400, "invalid_idempotency_key", valid, { "idempotency-key": "x".repeat(257) }],
  [400, "validation_error", "{", {}],
  [400, "validation_error", "[]", {}],
  [422, "missing_required_field", { ...valid, from: undefined }, {}],
  [422, "missing_required_field", { ...valid, html: undefined, text: undefined }, {}],
  [422, "validation_error", { ...valid, to: [] }, {}],
  [422, "validation_error", { ...valid, to: ["a@example.com\r\nBcc: b@example.com"] }, {}],
  [422, "validation_error", { ...valid, from: "nobody" }, {}],
  [422, "validation_error", { ...valid, subject: 1 }, {}],
] as const)("%i %s", async (status, name, body, headers) => {
  const before = (await (await fetch(`${url}/mails.json`)).json()) as unknown[]
  expect(await send(body, headers)).toMatchObject({ status, json: { name, statusCode: status } })
  expect(await (await fetch(`${url}/mails.json`)).json()).toHaveLength(before.length)
})
