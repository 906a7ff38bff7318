import { existsSync, readdirSync, readFileSync } from "node:fs"
import { createAuth, opaque } from "@mortise/core"
import { account } from "@mortise/core/account"
import { deactivation } from "@mortise/core/deactivation"
import { emailAddress } from "@mortise/core/email"
import { magicLink } from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { emailCode, mfa, recoveryCodes, totp } from "@mortise/core/mfa"
import { oauth } from "@mortise/core/oauth"
import { passkeys } from "@mortise/core/passkey"
import { password } from "@mortise/core/password"
import { passwordConfirm } from "@mortise/core/password-confirm"
import { resetByMail } from "@mortise/core/password-reset"
import { testHasher } from "@mortise/core/testing"
import { describe, expect, test } from "vitest"

function pages(): readonly string[] {
  const docs = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".md") && !file.startsWith("api"),
  )
  const packages = readdirSync("packages").map((name) => `packages/${name}/README.md`)
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...docs.map((file) => `docs/${file}`), ...packages]
}

/** What a link may name behind the "#" of a page: its headings, as GitHub spells them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(page, "utf8").replace(/^```.*?^```/gms, "")
  const anchors = new Set<string>()
  for (const [, heading = ""] of text.matchAll(/^#+ (.+)$/gm)) {
    const words = heading.replace(/\]\([^)]*\)/g, "").toLowerCase()
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-")
    let [own, twice] = [anchor, 0]
    while (anchors.has(own)) own = `${anchor}-${++twice}`
    anchors.add(own)
  }
  return anchors
}

describe("no page points at nothing", () => {
  test.each(pages())("%s", (page) => {
    const text = readFileSync(page, "utf8")
    const folder = new URL(page, "file:///").pathname.replace(/[^/]*$/, "")
    for (const [, target = "", anchor] of text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const path = target === "" ? page : new URL(target, `file://${folder}`).pathname.slice(1)
      // Results are made by `npm run bench`.
      expect([target, existsSync(path) || path === "bench/RESULTS.md"]).toEqual([target, true])
      if (anchor === undefined || !path.endsWith(".md")) continue
      expect([target, anchor, anchorsOf(path).has(anchor)]).toEqual([target, anchor, true])
    }
  })

  test("every test that the README names for a promise exists", () => {
    const promises = readFileSync("README.md", "utf8").split("## Promises")[1]?.split("\n## ")[0] ?? ""
    const named = [...promises.matchAll(/`((?:packages|tests)\/[^`]+)`/g)].map(([, path]) => path as string)
    expect(named.length).toBeGreaterThan(8)
    for (const path of named) expect([path, existsSync(path)]).toEqual([path, true])
  })
})

test("docs/routes.md lists every route, and no other", () => {
  const auth = createAuth({
    origin: "https://app.example.com",
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores: memoryStores(),
    sessions: opaque(),
    flows: {
      password: password({
        hasher: testHasher(),
        reset: resetByMail({ send: async () => {} }),
        confirm: passwordConfirm(),
      }),
      oauth: oauth({ providers: [] }),
      magicLink: magicLink({ send: async () => {} }),
      mfa: mfa({ factors: [totp({ issuer: "Docs" }), emailCode(), recoveryCodes()], send: async () => {} }),
      passkey: passkeys({ rpName: "Docs" }),
      email: emailAddress({ send: async () => {} }),
      deactivation: deactivation({ send: async () => {} }),
      account: account({ consents: { newsletter: { version: "1" } } }),
    },
  })
  const rows = [...readFileSync("docs/routes.md", "utf8").matchAll(/^\| `(\w+)` \| ([A-Z]+) \| `([^`]+)`/gm)]
  const documented = rows.map(([, name, method, path]) => ({ name, method, path }))
  expect(documented).toEqual(auth.routes)
})

test("docs/events.md lists every type of event, and no other", () => {
  const source = readFileSync("packages/core/src/events.ts", "utf8").split("export type EventBody")[1] ?? ""
  const types = (text: string): readonly string[] =>
    [...new Set([...text.matchAll(/[`"]([a-z_]+\.[a-z_]+)[`"]/g)].map(([, type]) => type as string))].sort()
  expect(types(readFileSync("docs/events.md", "utf8"))).toEqual(types(source))
})

test("docs/events.md lists every cause of a refused sign-in by mail, and no other", () => {
  const names = (text: string, form: RegExp): readonly string[] =>
    [...text.matchAll(form)].map(([, name]) => name as string).sort()
  const source = readFileSync("packages/core/src/flows/magic-link/refusals.ts", "utf8")
  const [, coded = ""] = /const reasonOf[^=]*= \{([^}]*)\}/.exec(source) ?? []
  const [, listed = ""] =
    /with `flow: "magic-link"` \| `cause`: ([^;]*);/.exec(readFileSync("docs/events.md", "utf8")) ?? []
  expect(names(coded, /(\w+): "/g).length).toBeGreaterThan(5)
  expect(names(listed, /`(\w+)`/g)).toEqual(names(coded, /(\w+): "/g))
})
