import { afterAll, beforeAll, expect, test } from "vitest"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"
import { enter, tokensFrom } from "./socket.js"
import { newAddress, password } from "./visit.js"

let data: Awaited<ReturnType<typeof dataDirectory>>
let demo: RunningDemo

beforeAll(async () => {
  data = await dataDirectory()
  demo = await startDemo({ env: { DATA_DIR: data.path } })
}, 120_000)
afterAll(async () => {
  await demo?.stop()
  await data?.remove()
})

test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
  "a restart after %s signs nobody out, and the room has what was said in it",
  async (signal) => {
    const email = newAddress()
    const program = await tokensFrom(demo.url, "register", { email, password }, email)
    const socket = await enter(demo.url, program)
    socket.send({ type: "Say", text: `Before ${signal}` })
    await socket.hears("Said")

    await demo.stop(signal)
    const { code } = await socket.closed()
    expect(code).toBe(signal === "SIGKILL" ? 1006 : 1001)
    demo = await startDemo({ port: demo.port, env: { DATA_DIR: data.path } })

    const again = await enter(demo.url, program)
    expect(JSON.stringify(await again.hears("Room"))).toContain(`Before ${signal}`)
    again.close()
  },
  120_000,
)

test("a second server on the same files is refused, and the first one goes on", async () => {
  await expect(startDemo({ env: { DATA_DIR: data.path } })).rejects.toThrow("Another server is running")
  expect((await fetch(demo.url)).status).toBe(200)
})
