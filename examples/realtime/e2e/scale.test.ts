import { Pool } from "pg"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { launchBrowser, openVisit } from "../../../tools/e2e/visit.js"
import { startPostgres } from "../../../tools/services/postgres.mjs"
import { startRedis } from "../../../tools/services/redis.mjs"
import { answerWithApp, confirmAddress, registerKeeper } from "./enrolled.js"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"
import { enter, type Program, postJson, type Socket, tokensFrom } from "./socket.js"
import { expectNotice, newAddress, password, register, signIn, signOut } from "./visit.js"

let postgres: Awaited<ReturnType<typeof startPostgres>>
let redis: Awaited<ReturnType<typeof startRedis>>
let data: Awaited<ReturnType<typeof dataDirectory>>
let demo: RunningDemo
let browser: Browser
let a: string
let b: string

beforeAll(async () => {
  ;[postgres, redis, data] = await Promise.all([startPostgres(), startRedis(), dataDirectory()])
  demo = await startDemo({
    scale: true,
    env: { DATABASE_URL: postgres.url, REDIS_URL: redis.url, DATA_DIR: data.path },
  })
  browser = await launchBrowser()
  a = (await serverLine("A"))[1] ?? ""
  b = (await serverLine("B"))[1] ?? ""
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
  await Promise.all([postgres?.stop(), redis?.stop(), data?.remove()])
})

// Again if it fails: a machine that is busy with something else takes longer for everything.
test("a session that is ended on one server is refused by the other at once, and its socket there is closed", {
  retry: 2,
}, async () => {
  const program = await newProgram(a)
  const revoker = await tokensFrom(a, "login", { email: program.email, password }, program.email)
  const socket = await enter(b, program)
  // Both have it in their memory by now.
  for (const url of [a, b]) expect((await get(url, program)).status).toBe(200)

  const ended = await postJson(
    `${a}/api/auth/sessions/end`,
    { session: program.sessionId },
    { authorization: `Bearer ${revoker.accessToken}` },
  )
  expect(ended.status).toBe(200)
  const endedAt = performance.now()
  await expect.poll(async () => (await get(b, program)).status, { timeout: 1000, interval: 5 }).toBe(401)
  const { at, code, reason } = await socket.closed()
  expect([code, reason]).toEqual([4401, "session_ended"])
  expect(at - endedAt).toBeLessThan(1000)
  expect((await get(a, program)).status).toBe(401)
  expect((await get(b, revoker)).status).toBe(200)
})

test("the room is one, whichever server people are on, through the balancer too", async () => {
  const [ines, tom] = await Promise.all([newProgram(a), newProgram(b)])
  const onA = await enter(a, ines)
  const onB = await enter(b, tom)
  const throughBalancer = await enter(demo.url, tom)
  for (const socket of [onA, onB, throughBalancer]) {
    await expect
      .poll(() => peopleIn(socket), { timeout: 10_000 })
      .toEqual(expect.arrayContaining([ines.userId, tom.userId]))
  }
  const words = crypto.randomUUID()
  onA.send({ type: "Say", text: words })
  for (const socket of [onA, onB, throughBalancer]) {
    await socket.hears("Said", ({ message }) => (message as { text: string }).text === words)
  }
  onA.close()
  await expect.poll(() => peopleIn(onB), { timeout: 10_000 }).not.toContain(ines.userId)
  onB.close()
  throughBalancer.close()
})

test("an account that is ended on one server is gone on the other: its sessions, its sockets, its words", async () => {
  const program = await newProgram(a)
  const onB = await enter(b, program)
  const witness = await enter(b, await newProgram(b))
  onB.send({ type: "Say", text: "Not for long" })
  await witness.hears("Said", ({ message }) => (message as { text: string }).text === "Not for long")
  const erased = await fetch(`${a}/api/auth/account`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${program.accessToken}` },
  })
  expect(erased.status, await erased.text()).toBe(200)
  expect((await onB.closed()).code).toBe(4401)
  await witness.hears("Forgotten", ({ user_id }) => user_id === program.userId)
  expect((await get(b, program)).status).toBe(401)
  const again = await postJson(`${b}/api/auth/login`, { email: program.email, password })
  expect(again.status).toBe(401)
  const pool = new Pool({ connectionString: postgres.url })
  try {
    const { rows } = await pool.query("select count(*)::int as count from messages where user_id = $1", [
      program.userId,
    ])
    expect(rows).toEqual([{ count: 0 }])
  } finally {
    await pool.end()
  }
  witness.close()
})

test("mails of both servers come to one page, and a log that somebody changed in the database is found out", async () => {
  const { page } = await openVisit(browser)
  const email = "keeper@example.com"
  const app = await registerKeeper(page, demo.url, email)
  await confirmAddress(page, demo.url, email)
  await signOut(page)
  await signIn(page, demo.url, email)
  await answerWithApp(page, app)
  await page.waitForURL(`${demo.url}/room`)
  await page.goto(`${demo.url}/keeper?check=1`)
  await expectNotice(page, "records are as they were written")

  const pool = new Pool({ connectionString: postgres.url })
  try {
    const changed = await pool.query(
      `update mortise.audit_log set at = at - interval '1 day'
       where number = (select min(number) + 3 from mortise.audit_log) returning number`,
    )
    expect(changed.rowCount).toBe(1)
    await page.reload()
    await page.getByText(`Record ${changed.rows[0].number} is not what was written`).waitFor()
  } finally {
    await pool.end()
  }
})

test("a server that is killed takes nobody's session along, and people come back into the room on the other", async () => {
  const { page } = await openVisit(browser)
  await register(page, demo.url)
  await page.getByText("Live", { exact: true }).waitFor()
  const pid = Number((await serverLine("A"))[2])
  process.kill(pid, "SIGKILL")
  await expect.poll(async () => Number((await serverLine("A"))[2]), { timeout: 30_000 }).not.toBe(pid)
  await page.getByText("Live", { exact: true }).waitFor()
  await page.getByPlaceholder("Say something").fill("Still here")
  await page.getByRole("button", { name: "Say it" }).click()
  await page.locator(".messages li", { hasText: "Still here" }).waitFor()
})

async function newProgram(url: string): Promise<Program> {
  const email = newAddress()
  return tokensFrom(url, "register", { email, password }, email)
}

/** Who is there, as this client heard it last. */
function peopleIn({ heard }: Socket): readonly string[] {
  const { people } = heard.filter(({ type }) => type === "Room" || type === "People").at(-1) ?? { people: [] }
  return (people as { user_id: string }[]).map(({ user_id }) => user_id)
}

function get(url: string, { accessToken }: Program): Promise<Response> {
  return fetch(`${url}/api/auth/sessions`, { headers: { authorization: `Bearer ${accessToken}` } })
}

function serverLine(name: string): Promise<RegExpMatchArray> {
  return demo.line(new RegExp(`^server ${name} (\\S+) pid (\\d+)$`))
}
