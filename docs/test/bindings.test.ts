import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http"
import * as binding from "@mortise/core/binding"
import { describe, expect, onTestFinished, test } from "vitest"
import { ada, type Fixture, fixtureAuth } from "../../packages/hono/test/behaviours/fixture-auth.js"
import type { RunningHost } from "../../packages/hono/test/behaviours/host.js"
import { cookiesOf, get, postForm, postJson, reasonOf } from "../../packages/hono/test/behaviours/requests.js"
import { runningHost, sendOverHttp } from "../../packages/hono/test/behaviours/wire.js"
import { codeBlocks, complaintsOf, runBlock } from "../../packages/hono/test/readme-code.js"

const [block = ""] = codeBlocks(new URL("../bindings.md", import.meta.url))
type Step = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>
const { mortise, requireSession } = runBlock(block, { "@mortise/core/binding": binding }) as {
  mortise: (auth: Fixture["auth"], ...rest: Parameters<Step>) => Promise<boolean>
  requireSession: (...given: unknown[]) => Step
}

function served({ auth }: Fixture): Promise<RunningHost> {
  const guarded = requireSession(
    (principal: { claims: { isSponsor: boolean } }) => principal.claims.isSponsor,
  )
  const server = createServer(async (req, res) => {
    res.setHeader("set-cookie", "theme=dark").setHeader("cache-control", "public")
    if ((await mortise(auth, req, res)) && (req.url !== "/guarded" || (await guarded(req, res))))
      res.end("ok")
  })
  return runningHost(server.listen(0, "127.0.0.1"), [])
}

describe("docs/bindings.md: its block", () => {
  test("compiles", () => {
    // In the folder of a package that knows core and Node's types.
    expect(complaintsOf(block, new URL("../../packages/express/test/", import.meta.url))).toEqual([])
  }, 60_000)

  test("signs in by JSON and by form, lets in, signs out", async () => {
    const shop = fixtureAuth()
    const { send } = await served(shop)
    expect((await send(get("/open"))).text).toBe("ok")
    expect((await send(get("/guarded"))).status).toBe(401)
    expect((await send(postForm("/auth/register", ada))).status).toBe(303)
    const signedIn = await send(postJson("/auth/login", ada))
    expect([signedIn.status, signedIn.headers.get("cache-control")]).toEqual([200, "no-store"])
    const cookie = cookiesOf(signedIn)
    expect(cookie).toMatch(/^theme=dark; __Host-session=/)
    expect((await send(get("/guarded", { cookie }))).text).toBe("ok")
    expect((await send(postForm("/auth/logout", {}, { cookie }))).status).toBe(303)
    expect((await send(get("/guarded", { cookie }))).status).toBe(401)
  })

  test("survives an upload that is too large, told before or not", async () => {
    const { port = 0 } = await served(fixtureAuth())
    const large = postJson("/auth/login", { ...ada, more: "x".repeat(2_000_000) })
    // One connection, on which the next request comes after what is left of the last.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const sent = { ...large, headers: { ...large.headers, ...headers } }
      const refused = await sendOverHttp(port, sent, agent)
      expect([refused.status, reasonOf(refused)]).toEqual([413, "payload_too_large"])
      expect((await sendOverHttp(port, get("/open"), agent)).text).toBe("ok")
    }
  })

  test("fails closed, and refuses a rule that is no function", async () => {
    const shop = fixtureAuth()
    const { send } = await served(shop)
    const cookie = await shop.signedIn()
    shop.breakStores()
    expect((await send(get("/open", { cookie }))).status).toBe(503)
    expect(() => requireSession(undefined)).toThrow(TypeError)
  })
})
