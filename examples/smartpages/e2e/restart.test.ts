import { stat } from "node:fs/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { askForLink, post, sessionIn } from "./asked-link.js"
import { dataDirectory, patience, type RunningDemo, startDemo } from "./running-demo.js"
import { newAddress } from "./visit.js"

let data: Awaited<ReturnType<typeof dataDirectory>>
let demo: RunningDemo

beforeAll(async () => {
  data = await dataDirectory()
  demo = await startDemo({ dataDirectory: data.path })
}, patience)
afterAll(async () => {
  await demo?.stop()
  await data?.remove()
})

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s ends it cleanly; a restart signs nobody out, keeps what was saved, and takes links from before",
  async (signal) => {
    const { token } = await askForLink(demo.url, newAddress(), "de")
    const cookie = sessionIn(await post(`${demo.url}/auth/confirm`, { token })) ?? ""
    const change = { title: "Kept", company: "", phone: "", about: "", version: 1 }
    const saved = await fetch(`${demo.url}/api/customer`, {
      method: "PUT",
      headers: { cookie, "content-type": "application/json" },
      body: JSON.stringify(change),
    })
    expect(saved.status).toBe(200)
    const pending = await askForLink(demo.url, newAddress(), "en")

    expect(await demo.stop(signal)).toBe(0)
    await expect(fetch(demo.url)).rejects.toThrow()
    demo = await startDemo({ dataDirectory: data.path, port: demo.port })

    const record = await fetch(`${demo.url}/api/customer`, { headers: { cookie } })
    expect(await record.json()).toMatchObject({ title: "Kept", version: 2 })
    expect((await post(`${demo.url}/auth/confirm`, { token: pending.token })).status).toBe(200)
    expect((await post(`${demo.url}/auth/confirm`, { token })).status, "used before, and still").toBe(410)
  },
)

test("the secret is made at random, kept, and readable by nobody else", async () => {
  const { mode, size } = await stat(`${data.path}/auth-secret`)
  expect(mode & 0o777).toBe(0o600)
  expect(size).toBe(43)
})

test("a port that is taken is said, and ends it", async () => {
  await expect(startDemo({ dataDirectory: data.path, port: demo.port })).rejects.toThrow(/never said/)
  expect((await fetch(`${demo.url}/en/login`)).status).toBe(200)
})
