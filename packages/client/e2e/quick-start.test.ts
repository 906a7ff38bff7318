/** The README's quick start: its server behind HTTP, its page in Chromium. */

import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { AnyAuth } from "@mortise/core"
import * as core from "@mortise/core"
import * as argon2 from "@mortise/core/argon2"
import * as memory from "@mortise/core/memory"
import * as password from "@mortise/core/password"
import { build } from "esbuild"
import { expect, onTestFinished, test, vi } from "vitest"
import { launchBrowser } from "../../../tools/e2e/visit.js"
import { codeBlocks, runBlock } from "../../hono/test/readme-code.js"
import { answerFrom } from "../test/real-host.js"
import { soon } from "./browsers.js"

const [server = "", page = ""] = codeBlocks(new URL("../README.md", import.meta.url))
const modules = {
  "@mortise/core": core,
  "@mortise/core/argon2": argon2,
  "@mortise/core/memory": memory,
  "@mortise/core/password": password,
}

test("the quick start registers, signs in, shows who is there, and signs out", async () => {
  const listening = createServer().listen(0, "127.0.0.1")
  onTestFinished(() => void listening.close())
  await once(listening, "listening")
  const origin = `http://localhost:${(listening.address() as AddressInfo).port}`
  vi.stubEnv("ORIGIN", origin)
  vi.stubEnv("AUTH_SECRET", "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE")
  const auth = runBlock(server, modules)["auth"] as AnyAuth
  const script = await bundle(page)
  listening.on(
    "request",
    answerFrom(origin, async (request) => {
      const { pathname } = new URL(request.url)
      if (auth.owns(pathname)) return auth.handle(request)
      return pathname === "/page.js"
        ? new Response(script, { headers: { "content-type": "text/javascript" } })
        : new Response(
            `<!doctype html><title>…</title><script type="module">import * as page from "/page.js"; window.page = page</script>`,
            {
              headers: { "content-type": "text/html" },
            },
          )
    }),
  )

  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const tab = await browser.newPage()
  await tab.goto(origin)
  await soon(() => tab.title()).toBe("signed_out")
  expect(await tab.evaluate(`page.enter("ada@example.com", "short")`)).toBe(
    "The e-mail address or the password is not right.",
  )
  expect(await tab.evaluate(`page.enter("ada@example.com", "correct horse battery staple")`)).toBe("Welcome!")
  expect(await tab.title()).toBe("ada@example.com")
  await tab.evaluate("page.leave()")
  expect(await tab.title()).toBe("signed_out")
})

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, loader: "ts", resolveDir: new URL(".", import.meta.url).pathname },
    bundle: true,
    format: "esm",
    conditions: ["@mortise/source"],
    write: false,
  })
  return outputFiles[0]?.text ?? ""
}
