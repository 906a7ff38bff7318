import { once } from "node:events"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import * as core from "@mortise/core"
import * as argon2 from "@mortise/core/argon2"
import * as memory from "@mortise/core/memory"
import * as password from "@mortise/core/password"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { ada } from "../../hono/test/behaviours/fixture-auth.js"
import { cookiesOf, postForm, visit } from "../../hono/test/behaviours/requests.js"
import { sendOverHttp } from "../../hono/test/behaviours/wire.js"
import { codeBlocks, complaintsOf, runBlock } from "../../hono/test/readme-code.js"
import * as binding from "../src/index.js"
import { expresses } from "./express-host.js"

const blocks = codeBlocks(new URL("../README.md", import.meta.url))
const [quickStart = ""] = blocks

describe("the README", () => {
  test.each(expresses)("quick start signs in and out on %s", async (_, express) => {
    vi.stubEnv("AUTH_SECRET", "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE")
    vi.stubEnv("PORT", "0")
    const server = runBlock(quickStart, {
      "@mortise/core": core,
      "@mortise/core/argon2": argon2,
      "@mortise/core/memory": memory,
      "@mortise/core/password": password,
      "@mortise/express": binding,
      express,
    })["server"] as Server
    onTestFinished(() => void server.close())
    await once(server, "listening")
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

  test.each([
    ["Express 5", "express"],
    ["Express 4", "express4"],
  ])(
    "compiles as one host, block after block, with the types of %s",
    (_, types) => {
      const paths = {
        express: [fileURLToPath(new URL(`../node_modules/@types/${types}/index.d.ts`, import.meta.url))],
      }
      const place = new URL(import.meta.url)
      expect(complaintsOf(blocks.join("\n"), place, paths)).toEqual([])
      // Otherwise the paths were not followed, and both versions are the newer one.
      const param =
        'import type { Request } from "express"\nexport const param: string = {} as Request["params"]["name"]'
      expect(complaintsOf(param, place, paths)).toHaveLength(types === "express" ? 1 : 0)
    },
    60_000,
  )

  test("registered claims are those of req.auth and of rules, and no others", () => {
    const misuse = `
app.get("/misuse", requireSession((principal) => principal.claims.isSponsored), (req, res) => {
  res.send(req.auth.userId)
  res.send(req.auth?.claims.isSponsored)
  const email: number | undefined = req.auth?.claims.email
})`
    const complaints = complaintsOf(blocks.join("\n") + misuse, new URL(import.meta.url))
    const first = blocks.join("\n").split("\n").length + 1
    expect(complaints.map((each) => each.replace(/^\d+/, (line) => `+${Number(line) - first}`))).toEqual([
      expect.stringMatching(/^\+0: Property 'isSponsored' does not exist/),
      expect.stringMatching(/^\+1: 'req.auth' is possibly 'null'/),
      expect.stringMatching(/^\+2: Property 'isSponsored' does not exist/),
      expect.stringMatching(
        /^\+3: Type 'string \| undefined' is not assignable to type 'number \| undefined'/,
      ),
      expect.stringMatching(/^\+3: 'email' is declared but its value is never read/),
    ])
  }, 60_000)
})
