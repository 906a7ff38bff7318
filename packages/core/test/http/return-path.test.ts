import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { returnPath } from "../../src/http/return-path.js"
import { hostileReturnPaths } from "./hostile-return-paths.js"

const origin = "https://app.example.com"

describe("a return path stays on the host's own origin", () => {
  test.each([
    ["/workspace", "/workspace"],
    ["/workspace?tab=2#top", "/workspace?tab=2#top"],
    ["/", "/"],
    ["/a/../b", "/b"],
    ["/login?next=https://evil.example", "/login?next=https://evil.example"],
    ["/ümlaut", "/%C3%BCmlaut"],
  ])("%s leads to %s", (target, path) => expect(returnPath(target, origin)).toBe(path))

  test.each(hostileReturnPaths)("%j is refused", (target) =>
    expect(returnPath(target, origin)).toBeUndefined(),
  )

  test("whatever is accepted resolves to the own origin, also when a browser reads it again", () => {
    const piece = fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      "%2f",
      "%5c",
      "\t",
      "\r",
      "\n",
      " ",
      "@",
      ":",
      "?",
      "#",
      "evil.example",
      "a",
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = returnPath(pieces.join(""), origin)
        if (path === undefined) return
        expect(new URL(path, origin).origin).toBe(origin)
        expect(new URL(path, `${origin}/auth/login`).href).toBe(`${origin}${path}`)
      }),
      { numRuns: 2000 },
    )
  })
})
