import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { codeBlocks, complaintsOf } from "../../hono/test/readme-code.js"

const blocks = codeBlocks(new URL("../README.md", import.meta.url))

describe("the README", () => {
  test("compiles as one host, block after block", () => {
    expect(blocks.length).toBe(6)
    // As a bundler resolves it: Next itself says nothing of what it exports.
    const paths = {
      "next/navigation": [fileURLToPath(new URL("../node_modules/next/navigation.d.ts", import.meta.url))],
    }
    expect(complaintsOf(blocks.join("\n"), new URL(import.meta.url), paths)).toEqual([])
  }, 60_000)
})
