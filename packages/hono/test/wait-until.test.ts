import { createAuth, opaque } from "@mortise/core"
import { magicLink } from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { Hono } from "hono"
import { expect, test } from "vitest"
import { mortise } from "../src/index.js"

const origin = "https://app.example.com"

/** A host whose mail goes out when the test says so. */
function host(): { app: Hono; sent: () => boolean; letGo: () => void } {
  let letGo = (): void => {}
  let sent = false
  const post = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores: memoryStores(),
    sessions: opaque(),
    flows: {
      magicLink: magicLink({
        async send() {
          await post
          sent = true
        },
      }),
    },
  })
  const app = new Hono()
  app.use(mortise(auth))
  return { app, sent: () => sent, letGo }
}

const request = (): Request =>
  new Request(`${origin}/auth/magic-link`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ email: "ada@example.com" }),
  })

test("on Workers the runtime is told of mail that is still under way, and the answer does not wait for it", async () => {
  const { app, letGo, sent } = host()
  const works: Promise<unknown>[] = []
  const context = {
    waitUntil: (work: Promise<unknown>) => works.push(work),
    passThroughOnException() {},
    props: {},
  }
  const answer = await app.fetch(request(), {}, context as never)
  expect([answer.status, works.length, sent()]).toEqual([202, 1, false])
  letGo()
  await Promise.all(works)
  expect(sent()).toBe(true)
})

test("a server has nobody to tell, and mails all the same", async () => {
  const { app, letGo, sent } = host()
  expect((await app.fetch(request())).status).toBe(202)
  expect(sent()).toBe(false)
  letGo()
  await expect.poll(sent).toBe(true)
})
