import { once } from "node:events"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as nodeServer from "@hono/node-server"
import * as core from "@mortise/core"
import * as argon2 from "@mortise/core/argon2"
import * as memory from "@mortise/core/memory"
import * as password from "@mortise/core/password"
import * as hono from "hono"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import * as binding from "../src/index.js"
import { ada } from "./behaviours/fixture-auth.js"
import { cookiesOf, postForm, visit } from "./behaviours/requests.js"
import { sendOverHttp } from "./behaviours/wire.js"
import { codeBlocks, complaintsOf, runBlock } from "./readme-code.js"

const blocks = codeBlocks(new URL("../README.md", import.meta.url))
const modules = {
  "@hono/node-server": nodeServer,
  "@mortise/core": core,
  "@mortise/core/argon2": argon2,
  "@mortise/core/memory": memory,
  "@mortise/core/password": password,
  "@mortise/hono": binding,
  hono,
}

describe("the README", () => {
  test("quick start signs in and out", async () => {
    vi.stubEnv("AUTH_SECRET", "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE")
    vi.stubEnv("PORT", "0")
    const server = runBlock(blocks[0] ?? "", modules)["server"] as Server
    onTestFinished(() => void server.close())
    if (!server.listening) await once(server, "listening")
    const { port } = server.address() as AddressInfo

    const asked = await sendOverHttp(port, visit("/me"))
    expect(asked.headers.get("location")).toBe("/sign-in?return_to=%2Fme")
    expect((await sendOverHttp(port, visit("/sign-in"))).text).toContain('action="/auth/login"')
    await sendOverHttp(port, postForm("/auth/register", ada))
    const cookie = cookiesOf(await sendOverHttp(port, postForm("/auth/login", ada)))
    expect((await sendOverHttp(port, visit("/me", { cookie }))).text).toContain(`Signed in as ${ada.email}`)
    await sendOverHttp(port, postForm("/auth/logout", {}, { cookie }))
    expect((await sendOverHttp(port, visit("/me", { cookie }))).status).toBe(303)
  })

  test("compiles as one host, block after block", () => {
    expect(complaintsOf(blocks.join("\n"), new URL(import.meta.url))).toEqual([])
  }, 60_000)
})
