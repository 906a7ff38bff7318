import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { checkLayers } from "../gates/layers/check-layers.mjs"

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

/** A repository that is in order, apart from `files`. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "mortise-layers-"))
  roots.push(root)
  const exports = { ".": { "@mortise/source": "./src/index.ts" } }
  const sound = {
    "packages/core/package.json": JSON.stringify({ exports }),
    "packages/core/src/index.ts": `export { auth } from "./auth.js"\n`,
    "packages/core/src/auth.ts": `import "./flows/password/password.js"\nexport const auth = 1\n`,
    "packages/core/src/errors.ts": "export const error = 1\n",
    "packages/core/src/crypto/digest.ts": `import "@oslojs/crypto/sha2"\nimport "../errors.js"\n`,
    "packages/core/src/flows/flow.ts": `import "#primitives"\n`,
    "packages/core/src/flows/password/password.ts": `import "../flow.js"\n`,
    "packages/hono/package.json": JSON.stringify({ exports }),
    "packages/hono/src/index.ts": `import type { Auth } from "@mortise/core"\n`,
  }
  for (const [path, text] of Object.entries({ ...sound, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

describe("the layers gate", () => {
  it("accepts a tree in order", () => {
    expect(checkLayers(tree({})).problems).toEqual([])
  })

  it.each([
    ["upward", "core/src/crypto/a.ts", `import "../flows/flow.js"`, "not below it"],
    ["sideways", "core/src/limits/a.ts", `import "../sessions/b.js"`, "not below it"],
    ["type-only upward", "core/src/stores/a.ts", `import type { X } from "../auth.js"`, "not below it"],
    ["dynamic upward", "core/src/stores/a.ts", `await import("../auth.js")`, "not below it"],
    [
      "flow to flow",
      "core/src/flows/oauth/a.ts",
      `import "../password/password.js"`,
      "imports the flow password",
    ],
    ["flow to http", "core/src/flows/oauth/a.ts", `import "../../http/cookies.js"`, "not below it"],
    ["a Node module", "core/src/sessions/a.ts", `import "node:crypto"`, "Node module"],
    ["oslo outside crypto", "core/src/sessions/a.ts", `import "@oslojs/encoding"`, "kept to one place"],
    ["zod", "core/src/http/a.ts", `import "zod/mini"`, "not among the packages"],
    ["another package", "core/src/http/a.ts", `import "lodash"`, "not among the packages"],
    ["the test kit", "core/src/index.ts", `import "./testing/race.js"`, "not below it"],
    ["no layer", "core/src/stray.ts", `import "./errors.js"`, "belongs to no layer"],
    ["values of core", "hono/src/a.ts", `import { auth } from "@mortise/core"`, "use `import type`"],
    [
      "half-typed import of core",
      "hono/src/a.ts",
      `import { type Auth } from "@mortise/core"`,
      "use `import type`",
    ],
    ["re-export of core", "hono/src/a.ts", `export * from "@mortise/core/guard"`, "use `import type`"],
    ["an empty name", "core/src/crypto/utils.ts", "", "says nothing"],
  ])("refuses: %s", (_, file, text, reason) => {
    const { problems } = checkLayers(tree({ [`packages/${file}`]: `${text}\n` }))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(file)
    expect(problems[0]).toContain(reason)
  })

  it("allows Node where the name says so", () => {
    const files = ["crypto/primitives.node.ts", "hashing/scrypt.ts", "testing/race.ts"]
    const entries = Object.fromEntries(
      files.map((file) => [`packages/core/src/${file}`, `import "node:crypto"\n`]),
    )
    expect(checkLayers(tree(entries)).problems).toEqual([])
  })

  it("names files over 300 lines without failing", () => {
    const { problems, long } = checkLayers(tree({ "packages/core/src/http/long.ts": "\n".repeat(301) }))
    expect(problems).toEqual([])
    expect(long).toEqual([{ file: "packages/core/src/http/long.ts", lines: 301 }])
  })
})
