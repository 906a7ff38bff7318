import { afterAll, beforeAll, expect, test } from "vitest"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"
import { newVisitor } from "./visitor.js"

let data: Awaited<ReturnType<typeof dataDirectory>>
let demo: RunningDemo

beforeAll(async () => {
  data = await dataDirectory()
  demo = await startDemo({ env: { DATA_DIR: data.path } })
})
afterAll(async () => {
  await demo?.stop()
  await data?.remove()
})

test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
  "a restart after %s signs nobody out",
  async (signal) => {
    const visitor = await newVisitor(demo.url)
    expect((await visitor.importArticle(demo.url, "# Kept\n")).status).toBe(200)

    await demo.stop(signal)
    demo = await startDemo({ port: demo.port, env: { DATA_DIR: data.path } })

    const workspace = await visitor.get(`${demo.url}/workspace`)
    expect(workspace.status).toBe(200)
    expect(await workspace.text()).toContain("<h2>Kept</h2>")
  },
)

test("a second server on the same files is refused, and the first one goes on", async () => {
  await expect(startDemo({ env: { DATA_DIR: data.path } })).rejects.toThrow("Another server is running")
  expect((await fetch(demo.url)).status).toBe(200)
})
