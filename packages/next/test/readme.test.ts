import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { codeBlocks, complaintsOfAll } from "../../hono/test/readme-code.js"

const blocks = codeBlocks(new URL("../README.md", import.meta.url))

describe("the README", () => {
  test("compiles as one host, each block in the file that it names", () => {
    expect(blocks.length).toBe(6)
    // As a bundler resolves it: Next itself says nothing of what it exports.
    const paths = {
      "next/navigation": [fileURLToPath(new URL("../node_modules/next/navigation.d.ts", import.meta.url))],
      "@/auth": [fileURLToPath(new URL("of-a-page-0.ts", import.meta.url))],
    }
    expect(complaintsOfAll(blocks, new URL(import.meta.url), paths)).toEqual([])
  }, 60_000)

  test("exports what Next takes from such a file", () => {
    const exported = blocks.map((code) => {
      const [, file = ""] = /^\/\/ (\S+)/.exec(code) ?? []
      const names = [...code.matchAll(/^export (?:const|(?:default )?(?:async )?function) (\{[^}]+\}|\w+)/gm)]
      return [file, code.includes("export default") ? ["default"] : names.map(([, name]) => name)]
    })
    const route = ["app/auth/[...mortise]/route.ts", ["{ GET, POST, DELETE }"]]
    expect(exported).toEqual([
      ["auth.ts", ["auth"]],
      route,
      ["proxy.ts", ["proxy", "config"]],
      ["app/desk/page.tsx", ["default"]],
      ["app/api/me/route.ts", ["GET"]],
      route,
    ])
  })
})
