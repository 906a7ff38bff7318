import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"

const page = readFileSync("docs/conformance.md", "utf8")
const tests = readFileSync("packages/core/test/oauth/conformance.test.ts", "utf8")

/** The modules in a section's table. */
function modules(heading: string): readonly string[] {
  const section = page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? ""
  const rows = section.split("\n").filter((line) => line.startsWith("| `"))
  return rows.flatMap((row) => namesIn(row.split("|")[1] ?? ""))
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/oidcc-client-test[\w-]*/g)].map(([name]) => name)
}

describe("docs/conformance.md", () => {
  test("what is held is a test of the same name, and the other way round", () => {
    const tested = new Set([...tests.matchAll(/"(oidcc-client-test[\w-]*)"/g)].map(([, name]) => name))
    expect([...modules("Held")].sort()).toEqual([...tested].sort())
  })

  test("no module is there twice", () => {
    const all = [...modules("Held"), ...modules("Does not apply")]
    expect(all).toHaveLength(57)
    expect(new Set(all).size).toBe(all.length)
  })
})
