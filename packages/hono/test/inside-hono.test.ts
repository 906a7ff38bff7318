import { Hono, type MiddlewareHandler } from "hono"
import { bodyLimit } from "hono/body-limit"
import { compress } from "hono/compress"
import { setCookie } from "hono/cookie"
import { cors } from "hono/cors"
import { etag } from "hono/etag"
import { secureHeaders } from "hono/secure-headers"
import { validator } from "hono/validator"
import { describe, expect, test } from "vitest"
import { contextOf, type MortiseEnv, mortise, requireSession } from "../src/index.js"
import { ada, fixtureAuth } from "./behaviours/fixture-auth.js"
import { cookiesOf, get, postForm, postJson } from "./behaviours/with-host.js"
import { serveOnNode } from "./hono-hosts.js"

const readers: readonly (readonly [string, MiddlewareHandler])[] = [
  [
    "c.req.text()",
    async (c, next) => {
      await c.req.text()
      await next()
    },
  ],
  [
    "c.req.arrayBuffer()",
    async (c, next) => {
      await c.req.arrayBuffer()
      await next()
    },
  ],
  [
    "c.req.blob()",
    async (c, next) => {
      await c.req.blob()
      await next()
    },
  ],
  [
    "c.req.json()",
    async (c, next) => {
      await c.req.json().catch(() => {})
      await next()
    },
  ],
  [
    "c.req.parseBody()",
    async (c, next) => {
      await c.req.parseBody()
      await next()
    },
  ],
  [
    "c.req.formData()",
    async (c, next) => {
      await c.req.formData().catch(() => {})
      await next()
    },
  ],
  ["a validator of forms", validator("form", (value) => value)],
  ["a body limit", bodyLimit({ maxSize: 1_000_000 })],
  [
    "a clone",
    async (c, next) => {
      await c.req.raw.clone().text()
      await next()
    },
  ],
]

describe.each(readers)("a body that was read by %s", (name, reader) => {
  test("signs in by JSON and by form, and keeps the limit", async () => {
    const { auth, faults, steps } = fixtureAuth()
    await steps.register(ada)
    const app = new Hono()
    app.use(reader)
    app.use(mortise(auth))
    const { send, close } = await serveOnNode(app as unknown as Hono<MortiseEnv>)
    const form = await send(postForm("/auth/login", ada))
    expect([form.status, form.headers.get("location")]).toEqual([303, "/"])
    if (!name.includes("orm")) {
      expect((await send(postJson("/auth/login", ada))).status).toBe(200)
    }
    const doubled = { ...postForm("/auth/login", ada), body: "email=a&email=b&password=c" }
    expect((await send(doubled)).status).toBe(400)
    const large = postForm("/auth/login", { ...ada, padding: "x".repeat(20_000) })
    expect((await send(large)).status).toBe(413)
    expect(faults).toEqual([])
    await close()
  })
})
